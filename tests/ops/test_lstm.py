import pytest
import torch
from tests.recurrences import TORCH_ATOL

from auricle.ops.lstm import lstm_reference, peephole_lstm


@pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")  # of torch, once a process
@pytest.mark.parametrize("projection", [0, 3])
def test_reference_equals_torch_with_its_weights(projection):
    torch.manual_seed(0)
    rnn = torch.nn.LSTM(5, 4, proj_size=projection, batch_first=True)
    x, h, c = torch.randn(2, 17, 5), torch.randn(2, projection or 4), torch.randn(2, 4)
    theirs, (h_last, c_last) = rnn(x, (h[None], c[None]))
    ours, state = lstm_reference(
        x,
        (h, c),
        weight_ih=rnn.weight_ih_l0,
        weight_hh=rnn.weight_hh_l0,
        bias=rnn.bias_ih_l0 + rnn.bias_hh_l0,
        projection=rnn.weight_hr_l0 if projection else None,
    )
    torch.testing.assert_close(ours, theirs, atol=TORCH_ATOL, rtol=0)
    torch.testing.assert_close(state, (h_last[0], c_last[0]), atol=TORCH_ATOL, rtol=0)


def loop_inputs(frames, *, projected, batch=2, scale=1.0, dtype=torch.float32):
    torch.manual_seed(1)
    output = 3 if projected else 4
    shapes = [(batch, frames, 16), (batch, output), (batch, 4), (16, output), (3, 4)]
    shapes += [(3, 4)] if projected else []
    tensors = [torch.randn(shape, dtype=dtype) for shape in shapes]
    tensors[0] *= scale
    return [tensor.requires_grad_() for tensor in tensors]


def run_loop(x_gates, h, c, weight_hh, peepholes, projection=None):
    y, last = peephole_lstm(
        x_gates, (h, c), weight_hh=weight_hh, peepholes=peepholes, projection=projection
    )
    return (y, *last)


def run_equation(x_gates, h, c, weight_hh, peepholes, projection=None):
    """The reference, whose own input map is set to one."""
    y, last = lstm_reference(
        x_gates,
        (h, c),
        weight_ih=torch.eye(16, dtype=x_gates.dtype),
        weight_hh=weight_hh,
        bias=x_gates.new_zeros(16),
        peepholes=peepholes,
        projection=projection,
    )
    return (y, *last)


@pytest.mark.parametrize("projected", [False, True])
@pytest.mark.parametrize("frames", [0, 1, 2, 21])
def test_loop_equals_the_reference_forward_and_in_every_gradient(frames, projected):
    tensors = loop_inputs(frames, projected=projected, dtype=torch.float64)
    results = []
    for run in (run_loop, run_equation):
        outputs = run(*tensors)
        loss = sum((out * torch.arange(out.numel()).view(out.shape).cos()).sum() for out in outputs)
        results.append((outputs, torch.autograd.grad(loss, tensors, allow_unused=not frames)))
    torch.testing.assert_close(results[0][0], results[1][0])
    for ours, theirs in zip(results[0][1], results[1][1], strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("projected", [False, True])
def test_loop_passes_gradcheck(projected):
    tensors = loop_inputs(4, projected=projected, dtype=torch.float64)
    assert torch.autograd.gradcheck(run_loop, tensors)


def test_huge_gates_give_no_nan():
    tensors = loop_inputs(30, projected=False, scale=1e4)
    outputs = run_loop(*tensors)
    grads = torch.autograd.grad(sum(out.sum() for out in outputs), tensors)
    assert all(torch.isfinite(value).all() for value in (*outputs, *grads))


def test_peepholes_look_at_the_old_memory_and_the_output_gate_at_the_new():
    """One unit, one frame, worked by hand: every weight is zero but the peepholes."""
    sigmoid = torch.nn.Sigmoid()
    c = torch.tensor([[2.0]])
    p_i, p_f, p_o = 0.5, -0.25, 0.75
    y, (_, c_new) = lstm_reference(
        torch.zeros(1, 1, 1),
        (torch.zeros(1, 1), c),
        weight_ih=torch.zeros(4, 1),
        weight_hh=torch.zeros(4, 1),
        bias=torch.tensor([0.0, 0.0, 1.0, 0.0]),
        peepholes=torch.tensor([[p_i], [p_f], [p_o]]),
    )
    expected_c = sigmoid(p_f * c) * c + sigmoid(p_i * c) * torch.tanh(torch.tensor(1.0))
    torch.testing.assert_close(c_new, expected_c)
    torch.testing.assert_close(y[0], sigmoid(p_o * expected_c) * torch.tanh(expected_c))
