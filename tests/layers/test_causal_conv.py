import pytest
import torch

from auricle.errors import ConfigError
from auricle.layers import CausalConv2d


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (3, 2), (3, 3), (5, 2), (1, 1)])
@pytest.mark.parametrize("frames", [0, 1, 2, 3, 10, 11])
def test_convolution_equals_padding_the_past_with_zeros(kernel, stride, frames):
    conv = CausalConv2d(2, 3, bands=6, kernel=kernel, stride=stride)
    x = torch.randn(2, 2, frames, 6)
    y, state = conv(x, conv.initial_state(2))
    assert y.shape == (2, 3, -(-frames // stride), conv.out_bands)
    assert kernel - stride <= state.past.shape[2] < kernel + stride
    if frames:
        padded = torch.nn.functional.pad(x, (0, 0, kernel - 1, 0))
        torch.testing.assert_close(y, conv.conv(padded), atol=1e-6, rtol=1e-5)


def test_stride_longer_than_the_kernel_is_refused():
    with pytest.raises(ConfigError, match="stride: expected 0 < stride <= kernel = 3, got 4"):
        CausalConv2d(1, 1, bands=4, stride=4)
