"""Large arrays whose memory is used again."""

import gc
import threading

import numpy as np
import pytest
import torch

from auricle.ops import buffers
from auricle.ops.buffers import empty

LARGE = (3, 700, 1000)  # 8.4 MB in float32
LIKE = torch.zeros(1)


@pytest.fixture(scope="module", autouse=True)
def quick_collections():
    """What other tests left is set aside: each collection here looks at new objects alone."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def nothing_idle():
    gc.collect()
    buffers._idle.clear()
    yield
    buffers._idle.clear()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(0,), (4, 0, 5), (7,), LARGE])
def test_an_array_is_of_the_shape_and_type_asked_for(shape, dtype):
    made = empty(shape, like=torch.zeros(1, dtype=dtype))
    assert made.shape == shape and made.dtype == dtype and made.is_contiguous()
    made.fill_(3.0)
    assert made.sum() == 3.0 * made.numel()


def test_memory_is_used_again_once_the_last_view_is_gone():
    made = empty(LARGE, like=LIKE)
    place, view = made.data_ptr(), made[1].t()
    del made
    gc.collect()
    assert not buffers._idle and empty(LARGE, like=LIKE).data_ptr() != place
    buffers._idle.clear()
    del view
    gc.collect()
    assert empty(LARGE, like=LIKE).data_ptr() == place


def test_an_array_of_numpy_keeps_the_memory_too():
    made = empty(LARGE, like=LIKE).fill_(1.0)
    array = made.numpy()
    del made
    gc.collect()
    other = empty(LARGE, like=LIKE).fill_(2.0)
    assert (array == 1.0).all() and (other == 2.0).all()


def test_what_a_graph_keeps_is_not_used_again():
    weight = torch.ones(LARGE[-1], requires_grad=True)
    made = empty(LARGE, like=LIKE).fill_(1.0)
    loss = (made * weight).sum()
    del made
    empty(LARGE, like=LIKE).fill_(7.0)
    loss.backward()
    assert torch.equal(weight.grad, torch.full_like(weight, LARGE[0] * LARGE[1]))


def test_a_block_that_is_much_too_large_waits_for_others():
    made = empty((4, *LARGE), like=LIKE)
    place = made.data_ptr()
    del made
    gc.collect()
    assert empty(LARGE, like=LIKE).data_ptr() != place
    assert empty((4, *LARGE), like=LIKE).data_ptr() == place


def test_no_more_than_the_limit_waits(monkeypatch):
    monkeypatch.setattr(buffers, "_KEPT", 40 << 20)
    made = [empty(LARGE, like=LIKE) for _ in range(9)]
    del made
    gc.collect()
    assert 1 <= len(buffers._idle) and sum(map(len, buffers._idle)) <= 40 << 20


def test_small_arrays_are_left_to_torch():
    made = empty((10, 10), like=LIKE)
    del made
    gc.collect()
    assert not buffers._idle


def test_threads_that_take_and_give_never_share_a_block():
    wrong = []

    def live(number):
        for _ in range(40):
            made = empty((2, 400, 1000), like=LIKE).fill_(float(number))
            if not np.all(made.numpy() == number):
                wrong.append(number)

    threads = [threading.Thread(target=live, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
