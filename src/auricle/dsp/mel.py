"""The mel scale, in its two conventions, and its triangular filters."""

import math
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.checks import check_band, check_positive
from auricle.errors import ConfigError, message

MelScale = Literal["slaney", "htk"]
_LINEAR_HZ_PER_MEL = 200.0 / 3
_LOG_START_HZ = 1000.0
_LOG_START_MEL = _LOG_START_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = math.log(6.4) / 27.0
_HTK_MEL = 2595.0 / math.log(10)
_HTK_HZ = 700.0


def hz_to_mel(
    hz: Float[Tensor, " points"], *, scale: MelScale = "slaney"
) -> Float[Tensor, " points"]:
    """Frequency on the mel scale.

    slaney: mel = hz / (200/3)                          for hz < 1000
            mel = 15 + ln(hz / 1000) / (ln(6.4) / 27)   for hz >= 1000
    htk:    mel = 2595 log10(1 + hz / 700)

    Reference:
        Slaney, "Auditory Toolbox", Interval Research Corporation, Technical Report 1998-010;
        Young et al., "The HTK Book", version 3.5, section 5.4.
    """
    if scale == "htk":
        return _HTK_MEL * torch.log1p(hz / _HTK_HZ)
    linear = hz / _LINEAR_HZ_PER_MEL
    logarithmic = _LOG_START_MEL + (hz.clamp(min=_LOG_START_HZ) / _LOG_START_HZ).log() / _LOG_STEP
    return torch.where(hz < _LOG_START_HZ, linear, logarithmic)


def mel_to_hz(
    mel: Float[Tensor, " points"], *, scale: MelScale = "slaney"
) -> Float[Tensor, " points"]:
    """The inverse of `hz_to_mel`."""
    if scale == "htk":
        return _HTK_HZ * torch.expm1(mel / _HTK_MEL)
    linear = mel * _LINEAR_HZ_PER_MEL
    logarithmic = _LOG_START_HZ * ((mel - _LOG_START_MEL).clamp(min=0.0) * _LOG_STEP).exp()
    return torch.where(mel < _LOG_START_MEL, linear, logarithmic)


def mel_filter_bank(
    *,
    sample_rate: int,
    n_fft: int,
    n_mels: int,
    fmin: float = 0.0,
    fmax: float | None = None,
    scale: MelScale = "slaney",
    norm: Literal["slaney"] | None = "slaney",
    straight_in: Literal["hz", "mel"] = "hz",
) -> Float[Tensor, "bins mels"]:
    """Triangular filters, evenly spaced on a mel scale.

    bins = n_fft // 2 + 1;  edges e_0 < ... < e_{mels + 1}, evenly spaced in mel;
    filter m = max(0, min((f - e_m) / (e_{m+1} - e_m), (e_{m+2} - f) / (e_{m+2} - e_{m+1})))

    librosa's default is this function's; HTK and Kaldi have ``scale="htk", norm=None`` and sides
    that are straight in mel.

    Args:
        sample_rate: Hz.
        n_fft: length of the Fourier transform, samples.
        n_mels: number of filters, > 0.
        fmin: lower edge of the lowest filter, Hz, ≥ 0.
        fmax: upper edge of the highest filter, Hz, ≤ sample_rate / 2; half the rate if None.
        scale: which mel scale.
        norm: "slaney" divides each filter by half its width in Hz, so that all have unit area;
            None leaves every peak at 1.
        straight_in: the axis on which a filter is a triangle.
    Raises:
        ConfigError: the edges are out of order or above half the rate, or a filter holds no bin.
    Reference:
        Slaney 1998, as in librosa's default (``htk=False, norm="slaney"``).
    """
    top = sample_rate / 2 if fmax is None else fmax
    check_positive(sample_rate=sample_rate, n_fft=n_fft, n_mels=n_mels)
    check_band(fmin=fmin, fmax=top, sample_rate=sample_rate)
    bin_hz = torch.linspace(0, sample_rate / 2, n_fft // 2 + 1, dtype=torch.float64)
    limits = hz_to_mel(torch.tensor([fmin, top], dtype=torch.float64), scale=scale)
    steps = torch.linspace(0, 1, n_mels + 2, dtype=torch.float64)
    mel_edges = limits[0] + steps * (limits[1] - limits[0])
    hz_edges = mel_to_hz(mel_edges, scale=scale)
    if straight_in == "mel":
        weights = triangles(hz_to_mel(bin_hz, scale=scale), edges=mel_edges)
    else:
        weights = triangles(bin_hz, edges=hz_edges)
    if norm == "slaney":
        weights = weights * (2.0 / (hz_edges[2:] - hz_edges[:-2]))
    check_no_filter_is_empty(weights, name="n_mels", kind="mel")
    return weights.float()


def triangles(
    points: Float[Tensor, " bins"], *, edges: Float[Tensor, " edges"]
) -> Float[Tensor, "bins filters"]:
    """Filter m rises from edge m to 1 at edge m + 1 and falls to 0 at edge m + 2."""
    rising = (points[:, None] - edges[None, :-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[None, 2:] - points[:, None]) / (edges[2:] - edges[1:-1])
    return torch.minimum(rising, falling).clamp(min=0)


def check_no_filter_is_empty(
    weights: Float[Tensor, "bins filters"], *, name: str, kind: str
) -> None:
    """Refuse a bank of which a filter would be silent whatever is heard.

    Raises:
        ConfigError: as above.
    """
    empty = int((weights.sum(dim=0) == 0).sum())
    if empty:
        raise ConfigError(
            message(
                name,
                expected=f"at least one Fourier bin (of {len(weights)}) under each {kind} filter",
                got=f"{weights.shape[1]} filters of which {empty} are empty",
                remedy=f"Lower {name}, raise n_fft or raise fmin.",
            )
        )
