"""A time-delay network: layers that each look at a window of the past, and at nothing else."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.errors import ConfigError, message
from auricle.layers import CausalConv1d, Dropout, PastState
from auricle.layers.memory import check_kind, check_layers


@dataclass(frozen=True, slots=True, kw_only=True)
class TdnnConfig:
    """Settings of `TdnnTrunk`; every tuple has one entry a layer.

    Attributes:
        channels: width of each layer.
        kernels: how many steps each layer sees.
        dilations: steps from one seen to the next; layer by layer, steps are those of its input.
        strides: steps of the input to one of the output.
        dropout: share of values set to zero in training, in [0, 1).
    """

    kind: Literal["tdnn"] = "tdnn"
    channels: tuple[int, ...] = (128, 128, 128, 128, 128)
    kernels: tuple[int, ...] = (5, 3, 3, 1, 1)
    dilations: tuple[int, ...] = (1, 2, 3, 1, 1)
    strides: tuple[int, ...] = (2, 2, 1, 1, 1)
    dropout: float = 0.2

    def __post_init__(self) -> None:
        lengths = {len(self.channels), len(self.kernels), len(self.dilations), len(self.strides)}
        sizes = (*self.channels, *self.kernels, *self.dilations, *self.strides)
        if len(lengths) > 1 or not sizes or min(sizes) < 1 or not 0 <= self.dropout < 1:
            raise ConfigError(
                message(
                    "channels, kernels, dilations, strides, dropout",
                    expected="one whole number >= 1 a layer in each, and 0 <= dropout < 1",
                    got=f"{self.channels}, {self.kernels}, {self.dilations}, {self.strides}, "
                    f"{self.dropout}",
                    remedy="Start from the defaults.",
                )
            )

    @property
    def stride(self) -> int:
        """Frames of the front end to one output of the trunk."""
        stride = 1
        for step in self.strides:
            stride *= step
        return stride

    @property
    def context(self) -> int:
        """Frames of the front end that one output has heard, its own among them."""
        frames, step = 1, 1
        for kernel, dilation, stride in zip(
            self.kernels, self.dilations, self.strides, strict=True
        ):
            frames += (kernel - 1) * dilation * step
            step *= stride
        return frames


class TdnnState(NamedTuple):
    """Past input of each layer."""

    layers: tuple[PastState, ...]


class TdnnLayer(nn.Module):
    """An affine map of the steps seen, batch normalisation, rectifier, dropout."""

    causal = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel: int,
        dilation: int,
        stride: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.conv = CausalConv1d(
            in_channels, out_channels, kernel=kernel, dilation=dilation, stride=stride, bias=False
        )
        self.norm = nn.BatchNorm1d(out_channels)
        self.drop = Dropout(dropout)

    def forward(
        self, x: Float[Tensor, "batch frames channels"], state: PastState
    ) -> tuple[Float[Tensor, "batch out_frames out_channels"], PastState]:
        y, state = self.conv(x, state)
        if y.shape[1] == 0:
            return y, state
        return self.drop(torch.relu(self.norm(y.transpose(1, 2)))).transpose(1, 2), state


class TdnnTrunk(nn.Module):
    """Features to hidden frames, each of which has heard the last ``config.context`` frames.

    The windows of the paper are centred; these end at the present, so that a stream waits for
    nothing. One step costs the same after any time.

    Reference:
        Waibel et al., "Phoneme recognition using time-delay neural networks", IEEE TASSP 37(3),
        1989.
        Peddinti, Povey and Khudanpur, "A time delay neural network architecture for efficient
        modeling of long temporal contexts", Interspeech 2015.
    """

    causal = True

    def __init__(self, config: TdnnConfig, *, input_size: int) -> None:
        super().__init__()
        self.config = config
        layers, width = [], input_size
        shapes = zip(config.channels, config.kernels, config.dilations, config.strides, strict=True)
        for channels, kernel, dilation, stride in shapes:
            layers.append(
                TdnnLayer(
                    width,
                    channels,
                    kernel=kernel,
                    dilation=dilation,
                    stride=stride,
                    dropout=config.dropout,
                )
            )
            width = channels
        self.layers = nn.ModuleList(layers)

    @property
    def stride(self) -> int:
        """Frames of the front end to one output of the trunk."""
        return self.config.stride

    @property
    def output_size(self) -> int:
        """Width of the hidden frames."""
        return self.config.channels[-1]

    def initial_state(self, batch: int) -> TdnnState:
        """Nothing heard yet."""
        return TdnnState(tuple(layer.conv.initial_state(batch) for layer in self.layers))  # type: ignore

    def forward(
        self, x: Float[Tensor, "batch frames features"], state: TdnnState
    ) -> tuple[Float[Tensor, "batch out_frames hidden"], TdnnState]:
        """Hidden frames that are ready after these frames, and the state for the next ones.

        Raises:
            ShapeError: ``x`` of another width or dtype.
            StateError: a state of another trunk, batch size or dtype.
        """
        check_kind(state, TdnnState)
        check_layers(len(state.layers), len(self.layers))
        pasts = []
        for layer, past in zip(self.layers, state.layers, strict=True):
            x, past = layer(x, past)
            pasts.append(past)
        return x, TdnnState(tuple(pasts))
