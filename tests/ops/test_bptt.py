"""The formulas of docs/bptt.md are the gradients; those that drop the paths are not."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.ops.bptt import elman_gradients, linear_gradients, min_gru_gradients, wrong_by

from auricle.layers import Elman, MinGru
from auricle.ops.elman import elman_reference

RTOL = 1e-6  # of double precision, against autograd
FRAMES, INPUT, HIDDEN, OUTPUT = 23, 5, 7, 3
DOCS = Path(__file__).resolve().parents[2] / "docs" / "bptt.md"


def relative_error(ours, theirs):
    theirs = theirs.detach().numpy()
    assert ours.shape == theirs.shape and np.abs(theirs).max() > 1e-3
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


def elman_by_autograd(activation):
    """An `Elman` cell with its output map, and the gradients of a weighed sum of its outputs."""
    torch.manual_seed(0)
    cell = Elman(INPUT, HIDDEN, activation=activation, output_size=OUTPUT).double()
    with torch.no_grad():
        cell.rnn.weight_hh_l0.mul_(2.0)
    x = torch.randn(1, FRAMES, INPUT, dtype=torch.float64, requires_grad=True)
    h_0 = torch.rand(1, HIDDEN, dtype=torch.float64, requires_grad=True)
    epsilon = torch.randn(FRAMES, OUTPUT, dtype=torch.float64)
    y, _ = cell(x, type(cell.initial_state(1))(h_0))
    (y[0] * epsilon).sum().backward()
    return cell, x, h_0, epsilon


def elman_by_formula(cell, x, h_0, epsilon, *, paths=True):
    rnn = cell.rnn
    weights = [rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0 + rnn.bias_hh_l0, cell.out.weight]
    arrays = [value.detach().numpy() for value in (x[0], h_0[0], *weights)]
    settings = {"epsilon": epsilon.numpy(), "activation": cell.activation, "paths": paths}
    return elman_gradients(*arrays, **settings)


def true_elman_gradients(cell, x, h_0):
    rnn = cell.rnn
    return {
        "W_xh": rnn.weight_ih_l0.grad,
        "W_hh": rnn.weight_hh_l0.grad,
        "b_h": rnn.bias_ih_l0.grad,  # b_h is a sum, so either part has its gradient
        "W_hy": cell.out.weight.grad,
        "b_y": cell.out.bias.grad,
        "h_0": h_0.grad[0],
        "x": x.grad[0],
    }


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_elman_formula_gives_every_gradient(activation):
    cell, x, h_0, epsilon = elman_by_autograd(activation)
    ours = elman_by_formula(cell, x, h_0, epsilon)
    theirs = true_elman_gradients(cell, x, h_0)
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        assert relative_error(value, theirs[name]) <= RTOL, name


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_elman_formula_without_the_paths_is_wrong_but_for_the_output_map(activation):
    cell, x, h_0, epsilon = elman_by_autograd(activation)
    ours = elman_by_formula(cell, x, h_0, epsilon, paths=False)
    theirs = true_elman_gradients(cell, x, h_0)
    for name in ("W_hy", "b_y"):
        assert relative_error(ours[name], theirs[name]) <= RTOL, name
    for name in ("W_xh", "W_hh", "b_h", "h_0", "x"):
        assert relative_error(ours[name], theirs[name]) > 0.02, name


def test_elman_formula_agrees_with_finite_differences():
    """Neither autograd nor the formula: the loss itself, moved by a small step each way."""
    cell, x, h_0, epsilon = elman_by_autograd("tanh")
    rnn = cell.rnn
    weights = {
        "W_xh": rnn.weight_ih_l0.detach().clone(),
        "W_hh": rnn.weight_hh_l0.detach().clone(),
        "b_h": (rnn.bias_ih_l0 + rnn.bias_hh_l0).detach().clone(),
    }

    def loss():
        named = {"weight_xh": weights["W_xh"], "weight_hh": weights["W_hh"]}
        h, _ = elman_reference(x.detach(), h_0.detach(), **named, bias_h=weights["b_h"])
        return ((h[0] @ cell.out.weight.T + cell.out.bias) * epsilon).sum().item()

    ours = elman_by_formula(cell, x, h_0, epsilon)
    for name, value in weights.items():
        flat = value.view(-1)
        for index in range(0, len(flat), 5):
            flat[index] += 1e-6
            above = loss()
            flat[index] -= 2e-6
            below = loss()
            flat[index] += 1e-6
            slope = (above - below) / 2e-6
            assert ours[name].flat[index] == pytest.approx(slope, rel=1e-5, abs=1e-6), name


def linear_by_autograd():
    generator = torch.Generator().manual_seed(3)
    shapes = [(FRAMES, HIDDEN), (FRAMES, HIDDEN), (HIDDEN,)]
    a, b, h_0 = (torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes)
    a = torch.sigmoid(a + 1)
    tensors = [tensor.requires_grad_() for tensor in (a, b, h_0)]
    e = torch.randn(FRAMES, HIDDEN, generator=generator, dtype=torch.float64)
    h, loss = h_0, 0
    for t in range(FRAMES):
        h = a[t] * h + b[t]
        loss = loss + (h * e[t]).sum()
    return tensors, e, torch.autograd.grad(loss, tensors)


def test_linear_recurrence_formula_gives_every_gradient():
    tensors, e, theirs = linear_by_autograd()
    arrays = [tensor.detach().numpy() for tensor in tensors]
    ours = linear_gradients(*arrays, e=e.numpy())
    wrong = linear_gradients(*arrays, e=e.numpy(), paths=False)
    for name, truth in zip(("a", "b", "h_0"), theirs, strict=True):
        assert relative_error(ours[name], truth) <= RTOL, name
        assert relative_error(wrong[name], truth) > 0.1, name


def test_linear_recurrence_total_derivative_is_the_sum_over_paths():
    """g_t = sum over s >= t of (product of a_r over t < r <= s) e_s, written out."""
    tensors, e, _ = linear_by_autograd()
    a, b, h_0 = (tensor.detach().numpy() for tensor in tensors)
    g = linear_gradients(a, b, h_0, e=e.numpy())["b"]
    for t in range(FRAMES):
        paths = sum(np.prod(a[t + 1 : s + 1], axis=0) * e.numpy()[s] for s in range(t, FRAMES))
        np.testing.assert_allclose(g[t], paths, rtol=1e-10)


@pytest.mark.parametrize("paths", [True, False])
def test_minimal_gru_formula_gives_every_gradient_of_its_gates(paths):
    torch.manual_seed(0)
    cell = MinGru(INPUT, HIDDEN).double()
    x = torch.randn(1, FRAMES, INPUT, dtype=torch.float64, requires_grad=True)
    h_0 = torch.randn(1, HIDDEN, dtype=torch.float64, requires_grad=True)
    e = torch.randn(FRAMES, HIDDEN, dtype=torch.float64)
    y, _ = cell(x, type(cell.initial_state(1))(h_0))
    (y[0] * e).sum().backward()
    weight, bias = (value.detach().numpy() for value in (cell.gates.weight, cell.gates.bias))
    (W_z, W_c), (b_z, b_c) = np.split(weight, 2), np.split(bias, 2)
    arrays = (x[0].detach().numpy(), h_0[0].detach().numpy(), W_z, b_z, W_c, b_c)
    ours = min_gru_gradients(*arrays, e=e.numpy(), paths=paths)
    of_weight, of_bias = cell.gates.weight.grad, cell.gates.bias.grad
    theirs = {
        "W_z": of_weight[:HIDDEN],
        "b_z": of_bias[:HIDDEN],
        "W_c": of_weight[HIDDEN:],
        "b_c": of_bias[HIDDEN:],
        "h_0": h_0.grad[0],
        "x": x.grad[0],
    }
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        error = relative_error(value, theirs[name])
        assert error <= RTOL if paths else error > 0.1, name


def test_documents_table_of_how_wrong_it_is_holds():
    text = DOCS.read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (elman|mingru), [^|]* ([\d.]+) \|[^|]*\| (\d+) % \| ([\d.]+) \|", text, re.M
    )
    assert [(kind, float(value)) for kind, value, _, _ in rows] == [
        ("elman", 0.3),
        ("elman", 0.9),
        ("elman", 1.2),
        ("mingru", 0.9),
        ("mingru", 0.5),
        ("mingru", 0.1),
    ]
    for kind, value, percent, cosine in rows:
        error, turned = wrong_by((kind, float(value)))
        assert error == pytest.approx(float(percent) / 100, abs=0.006)
        assert turned == pytest.approx(float(cosine), abs=0.006)
