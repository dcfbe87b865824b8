"""Convolution over frames alone that never looks ahead, dilated or with strides."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear

from auricle.errors import ConfigError, message
from auricle.layers.memory import check_frames, check_kind, check_past, check_sizes


class PastState(NamedTuple):
    """The past frames that later outputs still need."""

    past: Float[Tensor, "batch held channels"]


class CausalConv1d(nn.Module):
    """y_j = b + sum_i W_i x_(j * stride - (kernel - 1 - i) * dilation),  i = 0 to kernel - 1.

    outputs = ceil(inputs / stride), counted from the start of the stream wherever it is cut. Before
    the first frame there are zeros. What it holds, and what one frame costs, does not grow.

    Args:
        in_channels, out_channels: widths.
        kernel: frames seen.
        dilation: frames from one seen to the next.
        stride: frames a step, at most the frames spanned, (kernel - 1) * dilation + 1.
    """

    causal = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel: int,
        dilation: int = 1,
        stride: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        check_sizes(in_channels=in_channels, out_channels=out_channels, kernel=kernel)
        check_sizes(dilation=dilation, stride=stride)
        self.kernel, self.dilation, self.stride = kernel, dilation, stride
        self.span = (kernel - 1) * dilation + 1
        if stride > self.span:
            rule = f"stride <= (kernel - 1) * dilation + 1 = {self.span}"
            remedy = "A longer stride skips frames."
            raise ConfigError(message("stride", expected=rule, got=stride, remedy=remedy))
        self.conv = nn.Conv1d(
            in_channels, out_channels, kernel, dilation=dilation, stride=stride, bias=bias
        )

    def initial_state(self, batch: int) -> PastState:
        """Zeros before the first frame."""
        shape = (batch, self.span - 1, self.conv.in_channels)
        return PastState(self.conv.weight.new_zeros(shape))

    def forward(
        self, x: Float[Tensor, "batch frames channels"], state: PastState
    ) -> tuple[Float[Tensor, "batch out_frames out_channels"], PastState]:
        """Outputs that are ready after these frames, and what the next ones need.

        Raises:
            ShapeError: ``x`` of another width or dtype.
            StateError: a state of another map, batch size or dtype.
        """
        conv, span = self.conv, self.span
        check_frames(x, features=conv.in_channels, weight=conv.weight)
        check_kind(state, PastState)
        check_past(state.past, x, longest=span - 1, shortest=max(0, span - self.stride))
        inputs = torch.cat([state.past, x], dim=1)
        outputs = max(0, (inputs.shape[1] - span) // self.stride + 1)
        held = PastState(inputs[:, outputs * self.stride :])
        if not outputs:
            return x.new_zeros(x.shape[0], 0, conv.out_channels), held
        if outputs == 1:  # a live stream: one small product is several times quicker
            seen = inputs[:, : span : self.dilation].transpose(1, 2).flatten(1)
            return linear(seen, conv.weight.flatten(1), conv.bias)[:, None], held
        return conv(inputs.transpose(1, 2)).transpose(1, 2), held
