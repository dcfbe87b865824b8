import math

import pytest
import torch

from auricle.ops.light_gru import light_gru, light_gru_reference


def test_reference_equals_its_equation_unit_by_unit():
    """Two units, two frames, in plain numbers."""
    torch.manual_seed(0)
    x, h = torch.randn(1, 2, 3, dtype=torch.float64), torch.rand(1, 2, dtype=torch.float64)
    names = {"weight_ih": (4, 3), "weight_hh": (4, 2), "scale": (4,), "shift": (4,)}
    weights = {name: torch.randn(shape, dtype=torch.float64) for name, shape in names.items()}
    y, last = light_gru_reference(x, h, **weights)
    memory = h[0].tolist()
    for x_t, y_t in zip(x[0], y[0], strict=True):
        projected = (weights["weight_ih"] @ x_t).tolist()
        recurrent = (weights["weight_hh"] @ torch.tensor(memory, dtype=torch.float64)).tolist()
        normal = [*normalised(projected[:2]), *normalised(projected[2:])]
        rows = zip(normal, weights["scale"], weights["shift"], recurrent, strict=True)
        pre = [float(s * v + b) + u for v, s, b, u in rows]
        gates = [1 / (1 + math.exp(-a)) for a in pre[:2]]
        candidates = [max(a, 0.0) for a in pre[2:]]
        memory = [z * m + (1 - z) * n for z, m, n in zip(gates, memory, candidates, strict=True)]
        torch.testing.assert_close(y_t, torch.tensor(memory, dtype=torch.float64))
    torch.testing.assert_close(last, y[:, -1])


def normalised(values):
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    return [(value - mean) / math.sqrt(variance + 1e-5) for value in values]


def loop_inputs(frames, *, scale=1.0, dtype=torch.float32):
    torch.manual_seed(1)
    tensors = [torch.randn(shape, dtype=dtype) for shape in [(2, frames, 8), (2, 4), (8, 4)]]
    tensors[0] *= scale
    return [tensor.requires_grad_() for tensor in tensors]


def run_loop(x_gates, h, weight_hh):
    return light_gru(x_gates, h, weight_hh=weight_hh)


def run_by_autograd(x_gates, h, weight_hh):
    """The recurrence from the normalised input on, differentiated by torch's tape."""
    rows = []
    for x_t in x_gates.unbind(dim=1):
        z, n = (x_t + h @ weight_hh.T).chunk(2, dim=1)
        h = torch.sigmoid(z) * h + (1 - torch.sigmoid(z)) * torch.relu(n)
        rows.append(h)
    return torch.stack(rows, dim=1), h


@pytest.mark.parametrize("frames", [1, 2, 21])
def test_loop_equals_the_tape_forward_and_in_every_gradient(frames):
    tensors = loop_inputs(frames, dtype=torch.float64)
    results = []
    for run in (run_loop, run_by_autograd):
        outputs = run(*tensors)
        loss = sum((out * torch.arange(out.numel()).view(out.shape).cos()).sum() for out in outputs)
        results.append((outputs, torch.autograd.grad(loss, tensors)))
    torch.testing.assert_close(results[0], results[1])


def test_loop_passes_gradcheck():
    assert torch.autograd.gradcheck(run_loop, loop_inputs(4, dtype=torch.float64))


def test_huge_gates_give_no_nan():
    tensors = loop_inputs(30, scale=1e4)
    outputs = run_loop(*tensors)
    grads = torch.autograd.grad(sum(out.sum() for out in outputs), tensors)
    assert all(torch.isfinite(value).all() for value in (*outputs, *grads))


def test_no_frames_give_the_state_back():
    x_gates, h, weight_hh = loop_inputs(0)
    y, last = run_loop(x_gates, h, weight_hh)
    assert y.shape == (2, 0, 4) and last is h
