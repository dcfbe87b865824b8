"""One frame through the causal convolutions, for several streams at once."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from auricle.layers import ConvState
from auricle.trunks.recurrent import ConvBlock


class ConvPlan:
    """A convolution with its normalisation folded in.

    The last ``kernel`` frames of a stream lie in a ring, frame t in slot t mod kernel, and are
    never moved: instead there is one weight for each slot that may hold the newest frame. The
    slots count as channels, so that the convolution goes over the bands alone.
    """

    def __init__(self, block: ConvBlock) -> None:
        conv, norm = block.conv.conv, block.norm
        assert norm.running_mean is not None and norm.running_var is not None
        scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
        bias = norm.bias.double() - norm.running_mean.double() * scale
        if conv.bias is not None:
            bias = bias + conv.bias.double() * scale
        weight = (conv.weight.double() * scale[:, None, None, None]).float().detach()
        self.kernel, self.stride, self.bands = (
            block.conv.kernel,
            block.conv.stride,
            block.conv.bands,
        )
        self.out_bands, self.out_channels = block.conv.out_bands, conv.out_channels
        self.in_channels = conv.in_channels
        self.bias = bias.float().detach()
        self.weights = tuple(
            self._in_channels_of_a_ring(weight.roll(newest + 1, dims=2))
            for newest in range(self.kernel)
        )
        self.band_stride = (1, int(conv.stride[1]))
        self.band_padding = (0, int(conv.padding[1]))

    def _in_channels_of_a_ring(self, weight: Tensor) -> Tensor:
        """[out, in, kernel, bands] as [out, kernel * in, 1, bands]."""
        flat = weight.transpose(1, 2).flatten(1, 2)[:, :, None]
        return flat.contiguous(memory_format=torch.channels_last)


class ConvStep:
    """What `ConvPlan` needs of several streams: their last frames, and how far into a stride."""

    def __init__(self, plan: ConvPlan, past: ConvState) -> None:
        frames = past.past
        batch, held = frames.shape[0], frames.shape[2]
        self.plan = plan
        ring = torch.zeros(batch, plan.bands, plan.kernel, plan.in_channels)
        self._frames = ring.permute(0, 3, 2, 1)  # [batch, channels, kernel, bands]
        self._maps = ring.flatten(2).transpose(1, 2)[:, :, None]  # kernel * channels as channels
        self._frames[:, :, :held] = frames
        self.slots = tuple(self._frames[:, :, k : k + 1] for k in range(plan.kernel))
        self.newest = held % plan.kernel
        # held = kernel - 1 + into - stride * ceil(into / stride), with into < stride: invert it.
        self._into = (held - plan.kernel + 1) % plan.stride

    def step(self) -> Float[Tensor, "batch out_channels one out_bands"] | None:
        """Take the frame that was written to ``slots[newest]``; None inside a stride."""
        newest, due = self.newest, self._into == 0
        self.newest = (newest + 1) % self.plan.kernel
        self._into = (self._into + 1) % self.plan.stride
        if not due:
            return None
        plan = self.plan
        return functional.conv2d(
            self._maps,
            plan.weights[newest],
            plan.bias,
            stride=plan.band_stride,
            padding=plan.band_padding,
        )

    def state(self) -> ConvState:
        """As `CausalConv2d` holds it: oldest frame first."""
        plan = self.plan
        held = plan.kernel - 1 + self._into - (plan.stride if self._into else 0)
        order = [(self.newest - held + k) % plan.kernel for k in range(held)]
        return ConvState(self._frames[:, :, order].contiguous())
