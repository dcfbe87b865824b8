import pytest
import torch

from auricle.errors import ConfigError, ShapeError, StateError
from auricle.ops.linear_recurrence import Backend, min_gru

BACKENDS: list[Backend] = ["fused", "parallel"]
TOLERANCE = {torch.float32: 2e-6, torch.float64: 1e-13}


def inputs(batch, frames, hidden, *, dtype=torch.float64, scale=1.0):
    generator = torch.Generator().manual_seed(frames * 31 + hidden)
    gates = scale * torch.randn(batch, frames, 2 * hidden, generator=generator, dtype=dtype)
    h = torch.randn(batch, hidden, generator=generator, dtype=dtype)
    return gates.requires_grad_(), h.requires_grad_()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", list(TOLERANCE))
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 7, 5), (3, 64, 8), (1, 129, 33), (4, 0, 3)])
def test_back_end_equals_the_loop_forward_and_gradients(backend, dtype, shape):
    gates, h = inputs(*shape, dtype=dtype)
    weights = torch.randn(shape[0], shape[1], shape[2], dtype=dtype)

    def run(name):
        out, last = min_gru(gates, h, backend=name)
        loss = (out * weights).sum() + 2 * last.sum()
        return out, last, *torch.autograd.grad(loss, (gates, h), allow_unused=True)

    for ours, truth in zip(run(backend), run("reference"), strict=True):
        if truth is None or ours is None:
            continue
        torch.testing.assert_close(
            ours, truth, rtol=10 * TOLERANCE[dtype], atol=10 * TOLERANCE[dtype]
        )


@pytest.mark.parametrize("backend", BACKENDS)
def test_gradients_equal_finite_differences(backend):
    gates, h = inputs(2, 5, 3)
    assert torch.autograd.gradcheck(lambda g, s: min_gru(g, s, backend=backend), (gates, h))


@pytest.mark.parametrize("backend", BACKENDS)
def test_huge_gates_give_no_nan(backend):
    gates, h = inputs(2, 40, 6, dtype=torch.float32, scale=1e4)
    out, last = min_gru(gates, h, backend=backend)
    (out.sum() + last.sum()).backward()
    assert torch.isfinite(out).all()
    assert torch.isfinite(gates.grad).all() and torch.isfinite(h.grad).all()


def test_fused_takes_strided_input():
    gates, h = inputs(3, 6, 4, dtype=torch.float32)
    strided = gates.detach().transpose(0, 1).contiguous().transpose(0, 1)
    assert not strided.is_contiguous()
    torch.testing.assert_close(min_gru(strided, h)[0], min_gru(gates, h)[0])


def test_auto_is_the_fused_form_on_the_processor():
    gates, h = inputs(2, 9, 4, dtype=torch.float32)
    assert torch.equal(min_gru(gates, h)[0], min_gru(gates, h, backend="fused")[0])


def test_wrong_width_batch_dtype_and_back_end_are_named():
    gates, h = inputs(2, 3, 4, dtype=torch.float32)
    with pytest.raises(ShapeError, match=r"gates: expected \[batch, frames, 2 \* hidden = 10\]"):
        min_gru(gates, torch.zeros(2, 5))
    with pytest.raises(StateError, match="batch of 2"):
        min_gru(gates, torch.zeros(3, 4))
    with pytest.raises(StateError, match="float64"):
        min_gru(gates, h.double())
    with pytest.raises(ConfigError, match="backend: expected float32 or float64"):
        min_gru(gates.bfloat16(), h.bfloat16(), backend="fused")
