import jaxtyping
import pytest
import torch

from auricle.errors import ConfigError, ShapeError, StateError
from auricle.layers import CausalConv1d, ElmanState, PastState


@pytest.mark.parametrize(
    ("kernel", "dilation", "stride"),
    [(3, 1, 1), (3, 2, 1), (2, 8, 1), (3, 2, 5), (5, 1, 2), (1, 1, 1)],
)
@pytest.mark.parametrize("frames", [0, 1, 2, 3, 10, 23])
def test_convolution_equals_padding_the_past_with_zeros(kernel, dilation, stride, frames):
    torch.manual_seed(0)
    conv = CausalConv1d(4, 3, kernel=kernel, dilation=dilation, stride=stride)
    x = torch.randn(2, frames, 4)
    y, state = conv(x, conv.initial_state(2))
    assert y.shape == (2, -(-frames // stride), 3)
    assert conv.span - stride <= state.past.shape[1] < conv.span
    if frames:
        padded = torch.nn.functional.pad(x.transpose(1, 2), (conv.span - 1, 0))
        theirs = torch.nn.functional.conv1d(
            padded, conv.conv.weight, conv.conv.bias, stride=stride, dilation=dilation
        )
        torch.testing.assert_close(y, theirs.transpose(1, 2), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("frames", [1, 9])
def test_gradients_agree_with_finite_differences(frames):
    conv = CausalConv1d(3, 2, kernel=3, dilation=2, stride=2).double()
    past = conv.initial_state(2).past.normal_().requires_grad_()
    x = torch.randn(2, frames, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, past: conv(x, PastState(past))[0], (x, past))


def test_sizes_out_of_range_are_named():
    with pytest.raises(ConfigError, match=r"stride: expected stride <= .* = 5, got 6"):
        CausalConv1d(1, 1, kernel=3, dilation=2, stride=6)
    for name in ("kernel", "dilation", "stride"):
        with pytest.raises(ConfigError, match=f"{name}: expected >= 1, got 0"):
            CausalConv1d(1, 1, **({"kernel": 2} | {name: 0}))


def test_wrong_input_and_state_are_named():
    conv = CausalConv1d(4, 3, kernel=3, dilation=2)
    state, x = conv.initial_state(2), torch.zeros(2, 7, 4)
    jaxtyping.config.update("jaxtyping_disable", True)
    try:
        with pytest.raises(ShapeError, match=r"x: expected \[batch, frames, features = 4\]"):
            conv(torch.zeros(2, 7, 5), state)
        with pytest.raises(ShapeError, match="x: expected float32, as the weights, got bfloat16"):
            conv(x.bfloat16(), state)
        with pytest.raises(StateError, match="state: expected a PastState, got a ElmanState"):
            conv(x, ElmanState(torch.zeros(2, 4)))
        for shape in ((3, 4, 4), (2, 3, 4), (2, 5, 4), (2, 4, 5)):
            with pytest.raises(StateError, match=r"expected \[batch = 2, 4 to 4 frames, 4\] in"):
                conv(x, PastState(torch.zeros(shape)))
    finally:
        jaxtyping.config.update("jaxtyping_disable", False)
