import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from auricle.errors import ConfigError, ShapeError, StateError
from auricle.layers import CellState, Lru, LruState, LstmState, MinGru, MinLstm, Qrnn, RgLru
from auricle.layers.parallel_cell import check_state

ROOT = Path(__file__).resolve().parents[2]
MAKERS = {"mingru": MinGru, "minlstm": MinLstm, "qrnn": Qrnn, "rglru": RgLru, "lru": Lru}


def made(name, **options):
    torch.manual_seed(0)
    return MAKERS[name](4, 3, **options).double()


def by_equation(name, cell, x):
    """One clip, frame by frame, as the cell's own text says."""
    sigmoid, rows = torch.sigmoid, []
    h = torch.zeros(3, dtype=torch.complex128 if name == "lru" else torch.float64)
    for x_t in x:
        if name == "lru":
            factor = torch.exp(torch.complex(-torch.exp(cell.nu), torch.exp(cell.theta)))
            u = torch.complex(*(cell.b.weight @ x_t).chunk(2))
            h = factor * h + torch.exp(cell.log_scale) * u
            real, minus_imaginary = cell.c.weight.chunk(2, dim=1)
            c = torch.complex(real, -minus_imaginary)
            rows.append((c @ h).real + cell.c.bias + cell.d.weight @ x_t)
            continue
        parts = (cell.gates.weight @ x_t + cell.gates.bias).chunk(2 if name == "mingru" else 3)
        if name == "mingru":
            z, c = sigmoid(parts[0]), parts[1]
            h = (1 - z) * h + z * c
        elif name == "minlstm":
            f, i, c = sigmoid(parts[0]), sigmoid(parts[1]), parts[2]
            h = f / (f + i) * h + i / (f + i) * c
        elif name == "qrnn":
            f, z = sigmoid(parts[0]), torch.tanh(parts[1])
            h = f * h + (1 - f) * z
        else:
            a = torch.exp(-8 * torch.nn.functional.softplus(cell.decay) * sigmoid(parts[0]))
            h = a * h + torch.sqrt(1 - a**2) * sigmoid(parts[1]) * parts[2]
        rows.append(sigmoid(parts[2]) * h if name == "qrnn" else h)
    return torch.stack(rows)


@pytest.mark.parametrize("backend", ["fused", "parallel", "reference"])
@pytest.mark.parametrize("name", MAKERS)
def test_cell_equals_its_equation_in_value_and_gradients(name, backend):
    cell, x = made(name, backend=backend), torch.randn(1, 9, 4, dtype=torch.float64)
    y, _ = cell(x, cell.initial_state(1))
    truth = by_equation(name, cell, x[0])
    torch.testing.assert_close(y[0], truth)
    ours = torch.autograd.grad(y.square().sum(), list(cell.parameters()))
    theirs = torch.autograd.grad(truth.square().sum(), list(cell.parameters()))
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 200), max_size=6))
def test_cell_gives_the_same_for_any_cut(name, cuts):
    cell = made(name).float()
    assert cell.causal
    x = torch.randn(2, 200, 4, generator=torch.Generator().manual_seed(1))
    state, parts = cell.initial_state(2), []
    with torch.inference_mode():
        whole, final = cell(x, state)
        edges = [0, *sorted(cuts), 200]
        for start, end in zip(edges, edges[1:], strict=False):
            y, state = cell(x[:, start:end], state)
            parts.append(y)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-5, rtol=0)
    torch.testing.assert_close(state.h, final.h, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", MAKERS)
def test_cell_with_lengths_equals_clips_alone(name):
    cell, x = made(name), torch.randn(3, 12, 4, dtype=torch.float64)
    y, state = cell(x, cell.initial_state(3), lengths=torch.tensor([12, 5, 0]))
    alone, last = cell(x[1:2, :5], cell.initial_state(1))
    torch.testing.assert_close(y[1:2, :5], alone)
    torch.testing.assert_close(state.h[1:2], last.h)
    assert (state.h[2] == 0).all()


@pytest.mark.parametrize("name", MAKERS)
def test_cell_of_no_frames_keeps_its_state_and_changes_none(name):
    cell = made(name)
    x = torch.randn(2, 5, 4, dtype=torch.float64)
    _, state = cell(x, cell.initial_state(2))
    copy = state.h.clone()
    y, after = cell(x[:, :0], state)
    assert y.shape == (2, 0, 3) and torch.equal(after.h, copy)
    cell(x, state)
    assert torch.equal(state.h, copy)


@pytest.mark.parametrize("name", MAKERS)
def test_first_memory_is_learned_on_request(name):
    cell, x = made(name, learn_initial_state=True), torch.randn(2, 5, 4, dtype=torch.float64)
    y, _ = cell(x, cell.initial_state(2))
    torch.testing.assert_close(y, made(name)(x, made(name).initial_state(2))[0])
    y.square().sum().backward()
    assert cell.h_first.grad.abs().sum() > 0
    assert not any(n == "h_first" for n, _ in made(name).named_parameters())


@pytest.mark.parametrize("name", MAKERS)
def test_input_and_state_that_do_not_fit_are_named(name):
    cell, x = made(name).float(), torch.zeros(2, 3, 4)
    with pytest.raises(ShapeError, match=r"x: expected \[batch, frames, input_size = 4\]"):
        cell(torch.zeros(2, 3, 5), cell.initial_state(2))
    with pytest.raises(StateError, match="state: expected a memory of shape .* Use the state"):
        cell(x, cell.initial_state(3))
    with pytest.raises(StateError, match="float64"):
        cell(x, type(cell.initial_state(2))(cell.initial_state(2).h.double()))
    with pytest.raises(ShapeError, match="lengths: expected 2 whole numbers"):
        cell(x, cell.initial_state(2), lengths=torch.tensor([4, 0]))
    with pytest.raises(ConfigError, match="backend: expected float32 or float64"):
        half = MAKERS[name](4, 3, backend="fused").bfloat16()
        half(x.bfloat16(), half.initial_state(2))


def test_state_of_another_cell_is_named():
    """Called directly: the checker of types, which tests run under, would refuse it first."""
    x, zeros = torch.zeros(2, 3, 4), torch.zeros(2, 6)
    with pytest.raises(StateError, match="state: expected a CellState, got LstmState. Use the"):
        check_state(LstmState(zeros, zeros), CellState, x, width=6)
    with pytest.raises(StateError, match="state: expected a CellState, got LruState"):
        check_state(LruState(zeros), CellState, x, width=6)
    check_state(CellState(zeros), CellState, x, width=6)


def test_rates_that_are_no_rates_are_refused():
    with pytest.raises(ConfigError, match="fastest, slowest: expected 0 < fastest"):
        RgLru(4, 3, fastest=0.9, slowest=1.0)
    with pytest.raises(ConfigError, match="r_min, r_max, max_angle: expected 0 <= r_min"):
        Lru(4, 3, r_min=0.5, r_max=0.5)


def test_memories_start_with_the_time_constants_of_the_docstring():
    gates = torch.zeros(1, 1, 4)
    minimal, normalised, pooled = (make(4, 3) for make in (MinGru, MinLstm, Qrnn))
    kept = 1 - torch.sigmoid(minimal.gates.bias[:3])
    for cell in (minimal, normalised, pooled):
        torch.nn.init.zeros_(cell.gates.weight)
        _, state = cell(gates, CellState(torch.ones(1, 3)))
        torch.testing.assert_close(state.h[0], kept)
    decay = RgLru(4, 5).decay
    slowest = torch.exp(-8 * torch.nn.functional.softplus(decay))
    torch.testing.assert_close(slowest, torch.linspace(0.9, 0.999, 5))
    size = torch.exp(-torch.exp(Lru(4, 500).nu))
    assert 0.5 <= size.min() and size.max() <= 0.99


def test_exported_cells_equal_the_eager_ones_at_any_length():
    """In a process of its own: the checker of shapes, which tests run under, cannot be traced."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.layers.parallel_cell_graphs"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    results = [line.split() for line in done.stdout.splitlines()]
    assert len(results) == 7
    assert all(float(value) < 1e-6 for *_, value in results), results
