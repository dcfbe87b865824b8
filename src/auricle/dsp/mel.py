"""The mel scale and its triangular filters."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.errors import ConfigError, message

_LINEAR_HZ_PER_MEL = 200.0 / 3
_LOG_START_HZ = 1000.0
_LOG_START_MEL = _LOG_START_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = math.log(6.4) / 27.0


def hz_to_mel(hz: Float[Tensor, " points"]) -> Float[Tensor, " points"]:
    """Slaney's mel scale: linear below 1 kHz, logarithmic above.

    mel = hz / (200/3)                              for hz < 1000
    mel = 15 + ln(hz / 1000) / (ln(6.4) / 27)       for hz >= 1000

    Reference:
        Slaney, "Auditory Toolbox", Interval Research Corporation, Technical Report 1998-010.
    """
    linear = hz / _LINEAR_HZ_PER_MEL
    logarithmic = _LOG_START_MEL + (hz.clamp(min=_LOG_START_HZ) / _LOG_START_HZ).log() / _LOG_STEP
    return torch.where(hz < _LOG_START_HZ, linear, logarithmic)


def mel_to_hz(mel: Float[Tensor, " points"]) -> Float[Tensor, " points"]:
    """The inverse of `hz_to_mel`."""
    linear = mel * _LINEAR_HZ_PER_MEL
    logarithmic = _LOG_START_HZ * ((mel - _LOG_START_MEL).clamp(min=0.0) * _LOG_STEP).exp()
    return torch.where(mel < _LOG_START_MEL, linear, logarithmic)


def mel_filter_bank(
    *, sample_rate: int, n_fft: int, n_mels: int, fmin: float = 0.0, fmax: float | None = None
) -> Float[Tensor, "bins mels"]:
    """Triangular filters, evenly spaced on Slaney's mel scale, each of unit area in Hz.

    bins = n_fft // 2 + 1

    Args:
        sample_rate: Hz.
        n_fft: length of the Fourier transform, samples.
        n_mels: number of filters, > 0.
        fmin: lower edge of the lowest filter, Hz, ≥ 0.
        fmax: upper edge of the highest filter, Hz, ≤ sample_rate / 2; half the rate if None.
    Raises:
        ConfigError: the edges are out of order or above half the rate, or a filter holds no bin.
    Reference:
        Slaney 1998, as in librosa's default (``htk=False, norm="slaney"``).
    """
    top = sample_rate / 2 if fmax is None else fmax
    if not 0 <= fmin < top <= sample_rate / 2:
        raise ConfigError(
            message(
                "fmax",
                expected=f"0 <= fmin={fmin:g} < fmax <= sample_rate / 2 = {sample_rate / 2:g}",
                got=f"{top:g}",
                remedy="Lower fmax or raise the sample rate.",
            )
        )
    bin_hz = torch.linspace(0, sample_rate / 2, n_fft // 2 + 1, dtype=torch.float64)
    limits = hz_to_mel(torch.tensor([fmin, top], dtype=torch.float64))
    steps = torch.linspace(0, 1, n_mels + 2, dtype=torch.float64)
    edges = mel_to_hz(limits[0] + steps * (limits[1] - limits[0]))
    rising = (bin_hz[:, None] - edges[None, :-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[None, 2:] - bin_hz[:, None]) / (edges[2:] - edges[1:-1])
    weights = torch.minimum(rising, falling).clamp(min=0) * (2.0 / (edges[2:] - edges[:-2]))
    empty = int((weights.sum(dim=0) == 0).sum())
    if empty:
        raise ConfigError(
            message(
                "n_mels",
                expected=f"at least one Fourier bin (of {n_fft // 2 + 1}) under each mel filter",
                got=f"{n_mels} filters of which {empty} are empty",
                remedy="Lower n_mels, raise n_fft or raise fmin.",
            )
        )
    return weights.float()
