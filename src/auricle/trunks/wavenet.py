"""WaveNet's stack of dilated causal convolutions, over frames."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.errors import ConfigError, message
from auricle.layers import CausalConv1d, Dropout, PastState
from auricle.layers.memory import check_kind, check_layers


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveNetConfig:
    """Settings of `WaveNetTrunk`.

    Attributes:
        residual_channels: width of what goes from layer to layer.
        skip_channels: width of what all layers add up to, and of the output.
        kernel: steps that each layer sees.
        dilations: steps from one seen to the next, one entry a layer.
        stride: frames a step, by the first convolution, which sees stride + 1 frames.
        dropout: share of the summed values set to zero in training, in [0, 1).
    """

    kind: Literal["wavenet"] = "wavenet"
    residual_channels: int = 64
    skip_channels: int = 128
    kernel: int = 2
    dilations: tuple[int, ...] = (1, 2, 4, 8, 1, 2, 4, 8)
    stride: int = 4
    dropout: float = 0.2

    def __post_init__(self) -> None:
        sizes = (self.residual_channels, self.skip_channels, self.stride, *self.dilations)
        holds = self.dilations and min(sizes) >= 1 and self.kernel >= 2
        if not holds or not 0 <= self.dropout < 1:
            raise ConfigError(
                message(
                    "residual_channels, skip_channels, stride, dilations, kernel, dropout",
                    expected="sizes >= 1, at least one dilation, kernel >= 2 and 0 <= dropout < 1",
                    got=f"{sizes[0]}, {sizes[1]}, {sizes[2]}, {self.dilations}, {self.kernel}, "
                    f"{self.dropout}",
                    remedy="Start from the defaults.",
                )
            )

    @property
    def context(self) -> int:
        """Frames of the front end that one output has heard, its own among them."""
        return 1 + self.stride + (self.kernel - 1) * sum(self.dilations) * self.stride


class WaveNetState(NamedTuple):
    """Past input of the first convolution and of each layer."""

    first: PastState
    layers: tuple[PastState, ...]


class WaveNetLayer(nn.Module):
    """z = tanh(W_f * x) sigmoid(W_g * x);  passes on x + W_r z, and adds W_s z to the output.

    ``*`` is a dilated causal convolution. Order in the weights: f, g; then r, s.
    """

    causal = True

    def __init__(self, config: WaveNetConfig, *, dilation: int) -> None:
        super().__init__()
        width = config.residual_channels
        self.widths = [width, config.skip_channels]
        self.conv = CausalConv1d(width, 2 * width, kernel=config.kernel, dilation=dilation)
        self.out = nn.Linear(width, sum(self.widths))

    def forward(
        self, x: Float[Tensor, "batch frames residual"], state: PastState
    ) -> tuple[
        Float[Tensor, "batch frames residual"], Float[Tensor, "batch frames skip"], PastState
    ]:
        filtered, state = self.conv(x, state)
        f, g = filtered.chunk(2, dim=2)
        residual, skip = self.out(torch.tanh(f) * torch.sigmoid(g)).split(self.widths, dim=2)
        return x + residual, skip, state


class WaveNetTrunk(nn.Module):
    """Features to hidden frames, each of which has heard the last ``config.context`` frames.

    The sum of what the layers add goes through relu, a linear map and relu, as in the paper; a
    layer normalisation stands before the head. One step costs the same after any time.

    Reference:
        van den Oord et al., "WaveNet: a generative model for raw audio", arXiv:1609.03499, 2016,
        sections 2.3 and 2.4.
    """

    causal = True

    def __init__(self, config: WaveNetConfig, *, input_size: int) -> None:
        super().__init__()
        self.config = config
        self.first = CausalConv1d(
            input_size, config.residual_channels, kernel=config.stride + 1, stride=config.stride
        )
        self.layers = nn.ModuleList(
            WaveNetLayer(config, dilation=dilation) for dilation in config.dilations
        )
        self.drop = Dropout(config.dropout)
        self.out = nn.Linear(config.skip_channels, config.skip_channels)
        self.norm = nn.LayerNorm(config.skip_channels)

    @property
    def stride(self) -> int:
        """Frames of the front end to one output of the trunk."""
        return self.config.stride

    @property
    def output_size(self) -> int:
        """Width of the hidden frames."""
        return self.config.skip_channels

    def initial_state(self, batch: int) -> WaveNetState:
        """Nothing heard yet."""
        layers = tuple(layer.conv.initial_state(batch) for layer in self.layers)  # type: ignore
        return WaveNetState(self.first.initial_state(batch), layers)

    def forward(
        self, x: Float[Tensor, "batch frames features"], state: WaveNetState
    ) -> tuple[Float[Tensor, "batch out_frames hidden"], WaveNetState]:
        """Hidden frames that are ready after these frames, and the state for the next ones.

        Raises:
            ShapeError: ``x`` of another width or dtype.
            StateError: a state of another trunk, batch size or dtype.
        """
        check_kind(state, WaveNetState)
        check_layers(len(state.layers), len(self.layers))
        hidden, first = self.first(x, state.first)
        total, pasts = hidden.new_zeros(*hidden.shape[:2], self.output_size), []
        for layer, past in zip(self.layers, state.layers, strict=True):
            hidden, skip, past = layer(hidden, past)
            total = total + skip
            pasts.append(past)
        hidden = torch.relu(self.out(self.drop(torch.relu(total))))
        return self.norm(hidden), WaveNetState(first, tuple(pasts))
