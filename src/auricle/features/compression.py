"""What stands between mel power and the network: logarithm or PCEN, then normalisation."""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.errors import ConfigError, message
from auricle.ops.linear_recurrence import min_gru

_CONSTANT = 1e-6  # deviations below this share of the mean are rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class CompressionConfig:
    """How mel power is compressed.

    Attributes:
        kind: ``log`` keeps levels; ``pcen`` divides each filter by its own recent level, for
            recordings whose level changes (distance, gain, weather).
        time_constant_s: PCEN's memory of the level, seconds.
        gain, bias, power, eps: PCEN's alpha, delta, r and epsilon; power of full scale is 1.
    """

    kind: Literal["log", "pcen"] = "log"
    time_constant_s: float = 0.4
    gain: float = 0.98
    bias: float = 2.0
    power: float = 0.5
    eps: float = 1e-9

    def __post_init__(self) -> None:
        if not (self.time_constant_s > 0 and self.eps > 0 and 0 < self.power <= 1):
            raise ConfigError(
                message(
                    "time_constant_s, eps, power",
                    expected="time_constant_s > 0, eps > 0 and 0 < power <= 1",
                    got=f"{self.time_constant_s}, {self.eps}, {self.power}",
                    remedy="Use the defaults.",
                )
            )


class CompressionState(NamedTuple):
    """PCEN's recent level of each filter; negative before the first frame. Empty for ``log``."""

    level: Float[Tensor, "batch mels"]


class Compression(nn.Module):
    """Log-mel frames to normalised features, frame by frame.

    log:   y = x
    pcen:  m_t = (1 - s) m_(t-1) + s E_t,  m_0 = E_0,  s = 1 - exp(-1 / (frame_rate * T))
           y = (E / (eps + m)^gain + bias)^power - bias^power,   E = exp(x)
    both:  (y - mean) / deviation, with the training set's mean and deviation of each filter

    Reference:
        Wang et al., "Trainable frontend for robust and far-field keyword spotting", ICASSP 2017.
    """

    causal = True

    def __init__(self, config: CompressionConfig, *, n_mels: int, frame_rate: float) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.zeros(n_mels))
        self.register_buffer("deviation", torch.ones(n_mels))
        self.mean: Tensor
        self.deviation: Tensor
        rate = 1 / (frame_rate * config.time_constant_s)
        self._update = rate + math.log(-math.expm1(-rate))  # sigmoid(update) = s

    def initial_state(self, batch: int) -> CompressionState:
        """No level heard yet."""
        n_mels = self.mean.shape[0] if self.config.kind == "pcen" else 0
        return CompressionState(self.mean.new_full((batch, n_mels), -1.0))

    def forward(
        self, frames: Float[Tensor, "batch frames mels"], state: CompressionState
    ) -> tuple[Float[Tensor, "batch frames mels"], CompressionState]:
        """Compress and normalise; shapes are kept."""
        y, state = self.compress(frames, state)
        return (y - self.mean) / self.deviation, state

    def compress(
        self, frames: Float[Tensor, "batch frames mels"], state: CompressionState
    ) -> tuple[Float[Tensor, "batch frames mels"], CompressionState]:
        """Compress without normalising; what `set_statistics` is to be computed from."""
        if self.config.kind == "log" or frames.shape[1] == 0:
            return frames, state
        energy = frames.exp()
        before = torch.where(state.level < 0, energy[:, 0], state.level)
        gates = torch.cat([torch.full_like(energy, self._update), energy], dim=2)
        level, last = min_gru(gates, before)
        c = self.config
        scaled = energy * (-c.gain * (level + c.eps).log()).exp()
        return (scaled + c.bias) ** c.power - c.bias**c.power, CompressionState(last)

    def set_statistics(
        self,
        mean: Float[Tensor, " mels"],
        deviation: Float[Tensor, " mels"],
        *,
        alike: bool = True,
    ) -> None:
        """Take the training set's mean and deviation of the compressed frames.

        Args:
            alike: all columns are levels of one scale, and deviations below 0.001 count as that.
                Columns of different units have no common least deviation: those that do not vary
                at all are then left as they are.
        """
        least = mean.abs() * _CONSTANT + _CONSTANT**2
        varying = torch.where(deviation > least, deviation, torch.ones_like(deviation))
        self.mean.copy_(mean)
        self.deviation.copy_(deviation.clamp(min=1e-3) if alike else varying)
