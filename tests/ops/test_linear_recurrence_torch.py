"""How torch sees the recurrences: operator checks, fake tensors, graphs, and what is refused."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from tests.ops.linear_recurrence_cases import CELLS, REAL, arguments, run
from torch._subclasses import FakeTensorMode
from torch.fx.experimental.proxy_tensor import make_fx

from auricle.errors import ConfigError, ShapeError, StateError
from auricle.ops.linear_recurrence import (
    dispatch,
    linear_recurrence,
    lru,
    min_gru,
    min_lstm,
    qrnn,
    rg_lru,
)

ROOT = Path(__file__).resolve().parents[2]


def op_arguments(cell, lengths):
    made = arguments(cell, 2, 6, 3)
    x = made.get("gates", made.get("inputs", made.get("b")))
    p = made.get("decay", made.get("a"))
    if cell == "lru":
        p = torch.rand(3, 3, dtype=torch.float64).requires_grad_()
    return cell, x, p, made["h"], lengths


@pytest.mark.parametrize("lengths", [None, [6, 2]], ids=["full", "lengths"])
@pytest.mark.parametrize("cell", CELLS)
def test_operator_passes_the_checks_of_torch(cell, lengths):
    import auricle.ops.linear_recurrence.operators  # noqa: F401  registers it

    name = "linear" if cell == "complex" else cell
    given = None if lengths is None else torch.tensor(lengths)
    _, *rest = op_arguments(cell, given)
    torch.library.opcheck(torch.ops.auricle.gated_recurrence.default, (name, *rest))


def test_operator_has_the_gradients_of_the_eager_form():
    from auricle.ops.linear_recurrence.operators import run_fused

    for cell in REAL:
        name, x, p, h, _ = op_arguments(cell, None)
        needs = [value for value in (x, p, h) if value is not None]
        eager = run_fused(name, x, p, h, None)
        graph = torch.ops.auricle.gated_recurrence(name, x, p, h, None)[:2]
        for ours, truth in zip(graph, eager, strict=True):
            torch.testing.assert_close(ours, truth)
        of_eager = torch.autograd.grad(eager[0].sum() + eager[1].sum(), needs)
        of_graph = torch.autograd.grad(graph[0].sum() + graph[1].sum(), needs)
        for ours, truth in zip(of_graph, of_eager, strict=True):
            torch.testing.assert_close(ours, truth)


def test_what_records_calls_sees_the_operator_and_not_a_constant():
    a, b, h = torch.rand(2, 6, 3), torch.randn(2, 6, 3), torch.randn(2, 3)
    graph = make_fx(lambda b, h: linear_recurrence(a, b, h, backend="fused")[0])(b, h)
    other = torch.randn(2, 6, 3)
    wanted, _ = linear_recurrence(a, other, h, backend="fused")
    torch.testing.assert_close(graph(other, h), wanted)


@pytest.mark.parametrize("cell", CELLS)
def test_fake_tensors_have_the_shapes_of_real_ones(cell):
    made = arguments(cell, 2, 200, 3)
    real = run(cell, made)
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        fake = run(cell, {name: mode.from_tensor(value) for name, value in made.items()})
    for ours, truth in zip(fake, real, strict=True):
        assert ours.shape == truth.shape and ours.dtype == truth.dtype


def test_parallel_and_fused_forms_are_one_graph_with_the_same_gradients():
    """In a process of its own: the checker of shapes, which tests run under, cannot be traced."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.ops.linear_recurrence_graphs"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == ["min_gru", "lru", "rg_lru"]


@pytest.mark.skipif(find_spec("triton") is None, reason="triton comes with torch's CUDA builds")
def test_cuda_kernels_equal_the_loop():
    """On a GPU where there is one, else in triton's interpreter."""
    interpreted = {} if torch.cuda.is_available() else {"TRITON_INTERPRET": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.ops.linear_recurrence_triton"],
        cwd=ROOT,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])}
        | interpreted,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    results = [line.split() for line in done.stdout.splitlines()]
    assert [name for name, *_ in results[::3]] == REAL
    for name, forward, gradient in results:
        assert float(forward) <= 1e-5 and float(gradient) <= 1e-4, name


@pytest.mark.skipif(find_spec("triton") is not None, reason="triton is installed")
def test_cuda_back_end_without_triton_says_where_it_comes_from(monkeypatch):
    monkeypatch.setattr(dispatch, "_chosen", lambda backend, x: backend)
    with pytest.raises(ConfigError, match="backend: expected the package triton.*CUDA builds"):
        min_lstm(GATES, H, backend="triton")


def test_second_derivatives_are_refused_by_the_fused_form():
    made = arguments("min_gru", 1, 3, 2)
    y, _ = run("min_gru", made, backend="fused")
    (gradient,) = torch.autograd.grad(y.sum(), made["gates"], create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable|does not require grad"):
        gradient.sum().backward()


def test_short_input_without_gradients_equals_long_with():
    for cell in REAL:
        made = arguments(cell, 2, 100, 5, dtype=torch.float32)
        with torch.no_grad():
            short = run(cell, made)
        for ours, truth in zip(short, run(cell, made, backend="fused"), strict=True):
            torch.testing.assert_close(ours, truth.detach(), rtol=1e-5, atol=1e-5)


GATES, H = torch.zeros(2, 4, 6), torch.zeros(2, 2)


@pytest.mark.parametrize("op", [min_lstm, qrnn], ids=["min_lstm", "qrnn"])
def test_wrong_width_batch_and_type_are_named(op):
    with pytest.raises(ShapeError, match=r"gates: expected \[batch, frames, 3 \* hidden = 9\]"):
        op(GATES, torch.zeros(2, 3))
    with pytest.raises(StateError, match=r"h: expected a memory for a batch of 2 .* got \[3, 2\]"):
        op(GATES, torch.zeros(3, 2))
    with pytest.raises(StateError, match="float64"):
        op(GATES, H.double())


@pytest.mark.parametrize(
    "lengths", [[1, 5], [-1, 2], [1], [1, 2, 3]], ids=["long", "negative", "few", "many"]
)
def test_lengths_out_of_range_are_named(lengths):
    with pytest.raises(ShapeError, match=r"lengths: expected 2 whole numbers .* frames = 4"):
        min_lstm(GATES, H, lengths=torch.tensor(lengths))


def test_parameters_of_other_sizes_are_named():
    with pytest.raises(ShapeError, match="decay: expected one number for each of 2 channels"):
        rg_lru(GATES, H, decay=torch.zeros(3))
    with pytest.raises(ConfigError, match="c: expected c > 0, got -1"):
        rg_lru(GATES, H, decay=torch.zeros(2), c=-1.0)
    with pytest.raises(ShapeError, match="theta: expected one number for each of 1 channels"):
        lru(torch.zeros(2, 4, 2), H, nu=torch.zeros(1), theta=torch.zeros(2), scale=torch.zeros(1))
    with pytest.raises(ShapeError, match=r"a: expected the shape and type of b, \[2, 4, 6\]"):
        linear_recurrence(GATES[:, :1], GATES, torch.zeros(2, 6))
    with pytest.raises(ShapeError, match="a: expected .* got .* in torch.complex64"):
        linear_recurrence(GATES.to(torch.complex64), GATES, torch.zeros(2, 6))


@pytest.mark.parametrize(
    ("backend", "dtype", "rule"),
    [
        ("fused", torch.bfloat16, "float32 or float64 tensors on the processor"),
        ("fused", torch.float16, "float32 or float64 tensors on the processor"),
        ("reference", torch.float16, "float32 or float64 tensors"),
        ("triton", torch.float32, "float32 tensors on a CUDA device"),
    ],
)
def test_back_end_that_cannot_run_is_refused(backend, dtype, rule):
    with pytest.raises(ConfigError, match=f"backend: expected {rule}.*backend='parallel'"):
        min_lstm(GATES.to(dtype), H.to(dtype), backend=backend)


def test_complex_gates_are_refused_where_the_equation_is_real():
    numbers = torch.zeros(2, 3, 4, dtype=torch.complex64)
    with pytest.raises((ShapeError, TypeError)):  # jaxtyping, in these tests, comes first
        min_gru(numbers, torch.zeros(2, 2, dtype=torch.complex64))
