import pytest
import torch
from tests.recurrences import TORCH_ATOL

from auricle.ops.gru import gru_reference, gru_reset_before


def test_reference_with_reset_after_equals_torch_with_its_weights():
    torch.manual_seed(0)
    rnn = torch.nn.GRU(5, 4, batch_first=True)
    x, h = torch.randn(2, 17, 5), torch.randn(2, 4)
    theirs, last = rnn(x, h[None])
    weights = {name.removesuffix("_l0"): value for name, value in rnn.named_parameters()}
    ours, state = gru_reference(x, h, **weights)
    torch.testing.assert_close(ours, theirs, atol=TORCH_ATOL, rtol=0)
    torch.testing.assert_close(state, last[0], atol=TORCH_ATOL, rtol=0)
    original, _ = gru_reference(x, h, **weights, reset="before")
    assert (original - theirs).abs().max() > 1e-2  # the two conventions are two maps


def loop_inputs(frames, *, batch=2, scale=1.0, dtype=torch.float32):
    torch.manual_seed(1)
    shapes = [(batch, frames, 12), (batch, 4), (12, 4)]
    tensors = [torch.randn(shape, dtype=dtype) for shape in shapes]
    tensors[0] *= scale
    return [tensor.requires_grad_() for tensor in tensors]


def run_loop(x_gates, h, weight_hh):
    return gru_reset_before(x_gates, h, weight_hh=weight_hh)


def run_equation(x_gates, h, weight_hh):
    """The reference, whose own input map is set to one."""
    zeros = x_gates.new_zeros(12)
    return gru_reference(
        x_gates,
        h,
        weight_ih=torch.eye(12, dtype=x_gates.dtype),
        weight_hh=weight_hh,
        bias_ih=zeros,
        bias_hh=zeros,
        reset="before",
    )


@pytest.mark.parametrize("frames", [0, 1, 2, 21])
def test_loop_equals_the_reference_forward_and_in_every_gradient(frames):
    tensors = loop_inputs(frames, dtype=torch.float64)
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


def test_loop_passes_gradcheck():
    assert torch.autograd.gradcheck(run_loop, loop_inputs(4, dtype=torch.float64))


def test_huge_gates_give_no_nan():
    tensors = loop_inputs(30, scale=1e4)
    outputs = run_loop(*tensors)
    grads = torch.autograd.grad(sum(out.sum() for out in outputs), tensors)
    assert all(torch.isfinite(value).all() for value in (*outputs, *grads))


def test_reset_gate_shut_forgets_in_both_conventions_but_for_the_inner_bias():
    """With r = 0, "after" still adds r * d_n = 0, while "before" adds d_n itself."""
    x, h = torch.zeros(1, 1, 1), torch.tensor([[0.7]])
    weights = {
        "weight_ih": torch.zeros(3, 1),
        "weight_hh": torch.ones(3, 1),
        "bias_ih": torch.tensor([-100.0, -100.0, 0.0]),
        "bias_hh": torch.tensor([0.0, 0.0, 0.5]),
    }
    after, _ = gru_reference(x, h, **weights)
    before, _ = gru_reference(x, h, **weights, reset="before")
    torch.testing.assert_close(after, torch.zeros(1, 1, 1))
    torch.testing.assert_close(before, torch.full((1, 1, 1), 0.5).tanh())
