"""The log-mel front end: a causal map from samples to frames, one frame a hop."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.dsp import mel_filter_bank
from auricle.errors import ConfigError, ShapeError, message

_MAX_FRAMES_AT_ONCE = 4096
_MOST_DOUBLINGS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMelConfig:
    """Settings of `LogMel`.

    Attributes:
        sample_rate: Hz; no default, since guessing it is a bug.
        win_length: length of the analysis window, samples.
        hop_length: step between frames, samples, 0 < hop_length <= win_length.
        n_fft: length of the Fourier transform, samples, >= win_length.
        n_mels: number of mel filters.
        fmin: lower edge of the lowest filter, Hz.
        fmax: upper edge of the highest filter, Hz; half the rate if None.
        floor_db: power added to every filter before the logarithm, dB below a full-scale sine.
    """

    kind: Literal["log_mel"] = "log_mel"
    sample_rate: int
    win_length: int
    hop_length: int
    n_fft: int
    n_mels: int = 64
    fmin: float = 0.0
    fmax: float | None = None
    floor_db: float = -100.0

    def __post_init__(self) -> None:
        if not 0 < self.hop_length <= self.win_length <= self.n_fft:
            got = f"{self.hop_length}, {self.win_length}, {self.n_fft}"
            raise ConfigError(
                message(
                    "hop_length, win_length, n_fft",
                    expected="0 < hop_length <= win_length <= n_fft",
                    got=got,
                    remedy="A hop longer than the window skips audio; lower it.",
                )
            )
        if self.sample_rate <= 0 or self.n_mels <= 0:
            raise ConfigError(
                message(
                    "sample_rate, n_mels",
                    expected="both > 0",
                    got=f"{self.sample_rate}, {self.n_mels}",
                    remedy="Give the rate of the recordings in Hz.",
                )
            )

    @property
    def frame_rate(self) -> float:
        """Frames a second, Hz."""
        return self.sample_rate / self.hop_length

    @property
    def n_features(self) -> int:
        """Columns of a frame."""
        return self.n_mels


def log_mel_for(sample_rate: int, *, n_mels: int = 64, hop_ms: float = 10.0) -> LogMelConfig:
    """The default front end at a sample rate: windows of 2.5 hops, ``n_mels`` up to half the rate.

    n_fft is the power of two at or above twice the window at which every filter holds a bin.

    Args:
        sample_rate: Hz.
        n_mels: number of mel filters.
        hop_ms: step between frames, milliseconds; rounded to whole samples.
    """
    hop_length = max(1, round(sample_rate * hop_ms / 1000))
    win_length = max(2, round(2.5 * hop_length))
    fmin = min(20.0, sample_rate / 100)
    return LogMelConfig(
        sample_rate=sample_rate,
        win_length=win_length,
        hop_length=hop_length,
        n_fft=_enough_bins(sample_rate, win_length=win_length, n_mels=n_mels, fmin=fmin),
        n_mels=n_mels,
        fmin=fmin,
    )


def _enough_bins(sample_rate: int, *, win_length: int, n_mels: int, fmin: float) -> int:
    shortest = 1 << (2 * win_length - 1).bit_length()
    for n_fft in (shortest << doublings for doublings in range(_MOST_DOUBLINGS)):
        try:
            mel_filter_bank(sample_rate=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin)
        except ConfigError:
            continue
        return n_fft
    return shortest  # `LogMel` will say what is wrong


@runtime_checkable
class HoldsSamples(Protocol):
    """The state of any front end, as far as the clock is concerned."""

    @property
    def samples(self) -> Tensor:
        """Those that later frames still need, [batch, held]."""


class LogMelState(NamedTuple):
    """The samples that later frames still need: win_length - hop_length and up to a hop more."""

    samples: Float[Tensor, "batch held"]


class LogMel(nn.Module):
    """Logarithm of mel power, in nepers of power: ln(mel + floor).

    Frame i is computed from the win_length samples that end at sample (i + 1) * hop_length;
    before the first sample there is silence. So a frame is ready as soon as its hop is complete,
    and it has seen nothing later.
    A full-scale sine is 0 in a filter that holds its bin alone; a wider filter also hears what the
    window spreads, up to ln(1.5 n_fft / win_length).
    """

    causal = True

    def __init__(self, config: LogMelConfig) -> None:
        super().__init__()
        self.config = config
        window = torch.hann_window(config.win_length, dtype=torch.float64)
        bank = mel_filter_bank(
            sample_rate=config.sample_rate,
            n_fft=config.n_fft,
            n_mels=config.n_mels,
            fmin=config.fmin,
            fmax=config.fmax,
        )
        peak_power = float(window.sum() / 2) ** 2
        self.register_buffer("window", window.float(), persistent=False)
        self.register_buffer("bank", bank / bank.amax(dim=0) / peak_power, persistent=False)
        self.window: Tensor
        self.bank: Tensor
        self._floor = 10.0 ** (config.floor_db / 10)

    def initial_state(self, batch: int) -> LogMelState:
        """Silence before the first sample."""
        held = self.config.win_length - self.config.hop_length
        return LogMelState(self.window.new_zeros(batch, held))

    def forward(
        self, waveform: Float[Tensor, "batch channels time"], state: LogMelState
    ) -> tuple[Float[Tensor, "batch frames mels"], LogMelState]:
        """Frames that are complete after these samples, and what the next ones need.

        Args:
            waveform: one channel, in [-1, 1], at ``config.sample_rate``; any ``time`` ≥ 0.
        Returns:
            frames = floor((samples held over + time) / hop_length), as in the class's text.
        Raises:
            ShapeError: more or fewer than one channel.
        """
        if waveform.shape[1] != 1:
            raise ShapeError(
                message(
                    "waveform",
                    expected="one channel, [batch, 1, time]",
                    got=list(waveform.shape),
                    remedy="Mix down first.",
                )
            )
        samples = torch.cat([state.samples, waveform[:, 0]], dim=1)
        frames = (samples.shape[1] - self.config.win_length) // self.config.hop_length + 1
        if frames <= 0:
            return self.window.new_zeros(samples.shape[0], 0, self.config.n_mels), LogMelState(
                samples
            )
        cut = samples.unfold(1, self.config.win_length, self.config.hop_length)
        parts = [self._analyse(part) for part in torch.split(cut, _MAX_FRAMES_AT_ONCE, dim=1)]
        held = samples[:, frames * self.config.hop_length :].clone()
        return torch.cat(parts, dim=1), LogMelState(held)

    def missing(self, state: HoldsSamples) -> int:
        """Samples of silence that complete the last frame; 0 when nothing is left over."""
        over = state.samples.shape[1] - (self.config.win_length - self.config.hop_length)
        return -over % self.config.hop_length

    def _analyse(
        self, cut: Float[Tensor, "batch frames win"]
    ) -> Float[Tensor, "batch frames mels"]:
        spectrum = torch.fft.rfft(cut * self.window, n=self.config.n_fft)
        power = spectrum.real.square() + spectrum.imag.square()
        return torch.log(power @ self.bank + self._floor)
