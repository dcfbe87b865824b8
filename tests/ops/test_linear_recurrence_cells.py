import numpy as np
import pytest
import torch
from tests.ops.linear_recurrence_cases import (
    CELLS,
    REAL,
    arguments,
    as_double,
    relative_error,
    run,
    run_with_gradients,
)

from auricle.ops.linear_recurrence import Backend, lru, rg_lru
from auricle.ops.linear_recurrence.blocks import plan_blocks, run_blocks

BACKENDS: list[Backend] = ["fused", "parallel", "reference"]
# Largest difference over the largest value, beside the reference in double precision.
FORWARD = {torch.float32: 1e-5, torch.float64: 1e-13}
GRADIENT = {torch.float32: 1e-4, torch.float64: 1e-12}
SHAPES = [(1, 1, 1), (2, 7, 5), (3, 64, 8), (1, 129, 33), (4, 0, 3), (0, 5, 3), (2, 301, 17)]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", list(FORWARD), ids=str)
@pytest.mark.parametrize("cell", CELLS)
def test_form_equals_the_double_precision_loop_forward_and_gradients(cell, dtype, backend):
    for shape in SHAPES:
        made = arguments(cell, *shape, dtype=dtype)
        ours = run_with_gradients(cell, made, backend=backend)
        truth = run_with_gradients(cell, as_double(made), backend="reference")
        for name, value in truth.items():
            limit = (FORWARD if name in ("y", "last") else GRADIENT)[dtype]
            assert relative_error(ours[name], value) <= limit, (shape, name)


@pytest.mark.parametrize("lengths", [None, [4, 0, 2]], ids=["full", "lengths"])
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_equal_finite_differences(cell, backend, lengths):
    made = arguments(cell, 3, 4, 2)
    given = None if lengths is None else torch.tensor(lengths)

    def by_position(*values):
        options = {"backend": backend, "lengths": given}
        return run(cell, dict(zip(made, values, strict=True)), **options)

    assert torch.autograd.gradcheck(by_position, tuple(made.values()))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", list(FORWARD), ids=str)
@pytest.mark.parametrize("scale", [1e4, 1e-30])
@pytest.mark.parametrize("cell", REAL[1:])
def test_huge_and_tiny_gates_give_finite_results_and_gradients(cell, scale, dtype, backend):
    made = arguments(cell, 2, 40, 6, dtype=dtype, scale=scale)
    results = run_with_gradients(cell, made, backend=backend)
    assert all(torch.isfinite(value).all() for value in results.values())


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("extreme", [1e4, -1e4])
@pytest.mark.parametrize("cell", REAL[1:-1])
def test_gates_all_at_one_extreme_give_finite_gradients(cell, extreme, backend):
    made = arguments(cell, 2, 9, 3, dtype=torch.float32)
    made["gates"] = torch.full_like(made["gates"], extreme).requires_grad_()
    results = run_with_gradients(cell, made, backend=backend)
    assert all(torch.isfinite(value).all() for value in results.values())


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("decay", [-1e4, -100.0, 20.0])
def test_rg_lru_gradients_are_finite_for_any_decay(decay, backend):
    gates = torch.randn(2, 9, 9, requires_grad=True)
    slow = torch.full((3,), decay, requires_grad=True)
    y, _ = rg_lru(gates, torch.ones(2, 3), decay=slow, backend=backend)
    y.square().sum().backward()
    assert torch.isfinite(gates.grad).all() and torch.isfinite(slow.grad).all()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("cell", CELLS)
def test_cut_anywhere_gives_the_same(cell, backend):
    made = {name: value.detach() for name, value in arguments(cell, 2, 23, 5).items()}
    whole, final = run(cell, made, backend=backend)
    for cut in range(24):
        h, parts = made["h"], []
        for span in (slice(0, cut), slice(cut, 23)):
            part = {n: v[:, span] if v.dim() == 3 else v for n, v in made.items()} | {"h": h}
            y, h = run(cell, part, backend=backend)
            parts.append(y)
        torch.testing.assert_close(torch.cat(parts, dim=1), whole, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(h, final, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("cell", CELLS)
def test_lengths_equal_clips_that_were_cut_and_padding_is_never_read(cell, backend):
    lengths = [0, 1, 70, 90]
    made = arguments(cell, 4, 90, 3)
    with torch.no_grad():
        for value in made.values():
            if value.dim() == 3:
                for row, length in zip(value, lengths, strict=True):
                    row[length:] = torch.nan
    ours = run_with_gradients(cell, made, lengths=torch.tensor(lengths), backend=backend)
    assert all(torch.isfinite(value).all() for value in ours.values())
    for i, length in enumerate(lengths):
        alone = {
            name: value.detach()[i : i + 1, :length] if value.dim() == 3 else value.detach()
            for name, value in made.items()
        } | {"h": made["h"].detach()[i : i + 1]}
        y, last = run(cell, alone, backend="reference")
        torch.testing.assert_close(ours["y"][i : i + 1, :length], y)
        torch.testing.assert_close(ours["last"][i : i + 1], last)
        assert (ours["y"][i, length:] == 0).all()
        for name in ("dgates", "dinputs", "da", "db"):
            assert name not in ours or (ours[name][i, length:] == 0).all()


@pytest.mark.parametrize("cell", CELLS)
def test_fused_takes_strided_and_expanded_input(cell):
    made = {name: value.detach() for name, value in arguments(cell, 3, 6, 4).items()}
    strided = {
        name: value.transpose(0, -1).contiguous().transpose(0, -1) for name, value in made.items()
    } | {"h": made["h"][:1].expand(3, -1)}
    plain = made | {"h": strided["h"].contiguous()}
    assert not any(value.is_contiguous() for value in strided.values() if value.dim() > 1)
    for ours, truth in zip(
        run(cell, strided, backend="fused"), run(cell, plain, backend="reference"), strict=True
    ):
        torch.testing.assert_close(ours, truth)


@pytest.mark.parametrize("cell", REAL)
def test_more_threads_change_nothing(cell):
    made = arguments(cell, 3, 4000, 64, dtype=torch.float32)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = run_with_gradients(cell, made, backend="fused")
        torch.set_num_threads(5)
        together = run_with_gradients(cell, made, backend="fused")
    finally:
        torch.set_num_threads(before)
    for name, value in alone.items():
        torch.testing.assert_close(together[name], value, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("parts", [0, 1, 2, 3, 7, 16])
@pytest.mark.parametrize("lengths", [[5], [3, 0, 9, 1], [0, 0, 0], [4] * 20, []])
@pytest.mark.parametrize("hidden", [1, 16, 100])
def test_blocks_cover_every_clip_and_channel_once(parts, lengths, hidden):
    blocks = plan_blocks(np.array(lengths, dtype=np.int64), hidden=hidden, parts=parts)
    count = np.zeros((len(lengths), hidden), dtype=int)
    for first, end, low, high in blocks:
        count[first:end, low:high] += 1
    assert (count == 1).all()


def test_an_error_in_a_thread_is_raised():
    before = torch.get_num_threads()

    def kernel(block):
        if block[0]:
            raise RuntimeError("of a thread")

    try:
        torch.set_num_threads(2)
        with pytest.raises(RuntimeError, match="of a thread"):
            run_blocks(kernel, np.array([1 << 18, 1 << 18]), hidden=1)
    finally:
        torch.set_num_threads(before)


def test_half_precision_is_computed_in_single_and_rounded_once():
    made = arguments("min_lstm", 2, 33, 5, dtype=torch.bfloat16)
    y, last = run("min_lstm", made)
    truth, final = run("min_lstm", {name: value.float() for name, value in made.items()})
    assert y.dtype == last.dtype == torch.bfloat16
    torch.testing.assert_close(y, truth.bfloat16(), rtol=0, atol=0.01)
    torch.testing.assert_close(last, final.bfloat16(), rtol=0, atol=0.01)


def test_lru_equals_complex_numbers():
    made = arguments("lru", 2, 9, 3)
    y, _ = lru(**{k: v for k, v in made.items() if k != "h"}, h=made["h"], backend="fused")
    factor = torch.exp(torch.complex(-torch.exp(made["nu"]), torch.exp(made["theta"])))
    u, h = torch.complex(*made["inputs"].chunk(2, -1)), torch.complex(*made["h"].chunk(2, -1))
    for t in range(9):
        h = factor * h + made["scale"] * u[:, t]
        torch.testing.assert_close(y[:, t], torch.cat([h.real, h.imag], dim=-1))
