"""Where the energy of a spectrum lies: centroid, bandwidth, roll-off, contrast, slope, entropy.

All take a power spectrum [batch, frames, bins] with bins from 0 Hz to half the sample rate, as
`power_spectrogram` gives; magnitude is its square root, as librosa's descriptors use it.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.checks import check_positive
from auricle.dsp.inputs import check_power
from auricle.errors import ConfigError, message

_FLOOR = 1e-10
_KHZ = 1e-3


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # what is kept must serve gradients too
def _bin_hz(sample_rate: int, bins: int) -> Tensor:
    """Frequency of each bin, Hz, double precision; never written to."""
    return torch.linspace(0, sample_rate / 2, bins, dtype=torch.float64)


def _shares(values: Tensor) -> Tensor:
    """Values over their sum in each frame, double precision; all zero where the sum is."""
    exact = values.double()
    total = exact.sum(dim=-1, keepdim=True)
    return exact / torch.where(total > torch.finfo(torch.float32).tiny, total, 1.0)


def spectral_centroid(
    power: Float[Tensor, "batch frames bins"], *, sample_rate: int
) -> Float[Tensor, "batch frames"]:
    """Mean frequency, weighted by magnitude, Hz; 0 for silence.

    centroid = sum_k f_k |X_k| / sum_k |X_k|

    Args:
        power: |X|^2, >= 0.
        sample_rate: Hz.
    Raises:
        ShapeError: no power spectrum.
    Reference:
        Klapuri and Davy, "Signal processing methods for music transcription", 2006, chapter 5;
        equal to ``librosa.feature.spectral_centroid``.
    """
    check_power(power)
    check_positive(sample_rate=sample_rate)
    shares = _shares(power.sqrt())
    return (shares @ _bin_hz(sample_rate, power.shape[2])).to(power.dtype)


def spectral_bandwidth(
    power: Float[Tensor, "batch frames bins"], *, sample_rate: int
) -> Float[Tensor, "batch frames"]:
    """Deviation of frequency around the centroid, weighted by magnitude, Hz; 0 for silence.

    bandwidth = sqrt(sum_k (f_k - centroid)^2 |X_k| / sum_k |X_k|)

    Args:
        power: |X|^2, >= 0.
        sample_rate: Hz.
    Raises:
        ShapeError: no power spectrum.
    Reference:
        As `spectral_centroid`; equal to ``librosa.feature.spectral_bandwidth`` (p = 2, norm).
    """
    check_power(power)
    check_positive(sample_rate=sample_rate)
    shares, hz = _shares(power.sqrt()), _bin_hz(sample_rate, power.shape[2])
    distance = hz - (shares @ hz)[..., None]
    return (shares * distance.square()).sum(dim=-1).sqrt().to(power.dtype)


def spectral_rolloff(
    power: Float[Tensor, "batch frames bins"], *, sample_rate: int, share: float = 0.85
) -> Float[Tensor, "batch frames"]:
    """The lowest bin's frequency below which a share of the magnitude lies, Hz; 0 for silence.

    Args:
        power: |X|^2, >= 0.
        sample_rate: Hz.
        share: of the sum of magnitudes, 0 < share < 1.
    Raises:
        ShapeError: no power spectrum.
        ConfigError: a share out of range.
    Reference:
        Scheirer and Slaney, "Construction and evaluation of a robust multifeature speech/music
        discriminator", ICASSP 1997; equal to ``librosa.feature.spectral_rolloff``.
    """
    check_power(power)
    check_positive(sample_rate=sample_rate)
    if not 0 < share < 1:
        remedy = "0.85 is usual."
        raise ConfigError(message("share", expected="0 < share < 1", got=share, remedy=remedy))
    heard = power.sqrt().double().cumsum(dim=-1)
    reached = heard >= share * heard[..., -1:]
    first = reached.to(torch.uint8).argmax(dim=-1)
    return _bin_hz(sample_rate, power.shape[2])[first].to(power.dtype)


def spectral_contrast(
    power: Float[Tensor, "batch frames bins"],
    *,
    sample_rate: int,
    n_bands: int = 6,
    fmin: float = 200.0,
    quantile: float = 0.02,
    range_db: float | None = 80.0,
) -> Float[Tensor, "batch frames bands"]:
    """Peaks over valleys in octave bands, dB.

    bands: 0 to fmin, then n_bands octaves from fmin on; the last reaches up to half the rate.
    contrast = 10 log10(mean of the band's greatest magnitudes) - 10 log10(mean of its least)

    Args:
        power: |X|^2, >= 0.
        sample_rate: Hz.
        n_bands: octaves above fmin, > 0; `contrast_bands` says how many fit.
        fmin: top of the lowest band, Hz, > 0.
        quantile: share of a band's bins that are its peak, and its valley; at least one bin each.
        range_db: levels lower than this below the clip's highest count as that, as in librosa,
            which therefore looks at the whole clip; None looks at each frame alone.
    Returns:
        n_bands + 1 columns.
    Raises:
        ShapeError: no power spectrum.
        ConfigError: a band above half the sample rate, or without a bin.
    Reference:
        Jiang et al., "Music type classification by spectral contrast feature", ICME 2002;
        equal to ``librosa.feature.spectral_contrast``.
    """
    check_power(power)
    check_positive(sample_rate=sample_rate, n_bands=n_bands, fmin=fmin)
    magnitude = power.sqrt()
    peaks, valleys = [], []
    for band in _octaves(sample_rate, power.shape[2], n_bands=n_bands, fmin=fmin):
        ordered = magnitude[..., band.start : band.stop].sort(dim=-1).values
        count = max(1, round(quantile * (band.stop - band.start + band.beyond)))
        valleys.append(ordered[..., :count].mean(dim=-1))
        peaks.append(ordered[..., -count:].mean(dim=-1))
    return _level_db(torch.stack(peaks, -1), range_db) - _level_db(
        torch.stack(valleys, -1), range_db
    )


def contrast_bands(sample_rate: int, *, fmin: float = 200.0, most: int = 6) -> int:
    """How many octave bands from fmin on begin below half the rate, at most ``most``."""
    return max(1, min(most, math.ceil(math.log2(sample_rate / 2 / fmin))))


class _Band(NamedTuple):
    """Bins from start to stop, and how many more librosa counts for the quantile."""

    start: int
    stop: int
    beyond: int


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # what is kept must serve gradients too
def _octaves(sample_rate: int, bins: int, *, n_bands: int, fmin: float) -> tuple[_Band, ...]:
    hz = _bin_hz(sample_rate, bins)
    edges = [0.0, *(fmin * 2.0**k for k in range(n_bands + 1))]
    if edges[-2] >= sample_rate / 2:
        remedy = f"At this rate {contrast_bands(sample_rate, fmin=fmin)} fit."
        raise ConfigError(
            message(
                "n_bands",
                expected=f"bands that begin below half the sample rate, {sample_rate / 2:g} Hz",
                got=f"{n_bands} octaves from {fmin:g} Hz",
                remedy=remedy,
            )
        )
    bands = []
    for k in range(n_bands + 1):
        inside = ((hz >= edges[k]) & (hz <= edges[k + 1])).nonzero()[:, 0]
        if len(inside) == 0:
            raise ConfigError(
                message(
                    "fmin",
                    expected="at least one Fourier bin in each octave band",
                    got=f"none from {edges[k]:g} to {edges[k + 1]:g} Hz",
                    remedy="Raise n_fft or fmin.",
                )
            )
        start = int(inside[0]) - (k > 0)
        last = k == n_bands
        stop = bins if last else int(inside[-1])  # the top bin belongs to the next band
        bands.append(_Band(start, max(stop, start + 1), 0 if last else 1))
    return tuple(bands)


def _level_db(magnitude: Tensor, range_db: float | None) -> Tensor:
    level_db = 10 * magnitude.clamp(min=_FLOOR).log10()
    if range_db is None or level_db.numel() == 0:
        return level_db
    return torch.maximum(level_db, level_db.amax(dim=(1, 2), keepdim=True) - range_db)


def spectral_slope(
    power: Float[Tensor, "batch frames bins"], *, sample_rate: int
) -> Float[Tensor, "batch frames"]:
    """How the magnitude falls with frequency: slope of a straight line, per kHz; 0 for silence.

    slope = sum_k (f_k - mean f) |X_k| / (sum_k |X_k| * sum_k (f_k - mean f)^2),  f in kHz

    Args:
        power: |X|^2, >= 0.
        sample_rate: Hz.
    Raises:
        ShapeError: no power spectrum.
    Reference:
        Peeters, "A large set of audio features for sound description", CUIDADO report, 2004,
        section 6.1.4 (there per Hz).
    """
    check_power(power)
    check_positive(sample_rate=sample_rate)
    khz = _bin_hz(sample_rate, power.shape[2]) * _KHZ
    away = khz - khz.mean()
    return (_shares(power.sqrt()) @ (away / away.square().sum())).to(power.dtype)


def spectral_entropy(power: Float[Tensor, "batch frames bins"]) -> Float[Tensor, "batch frames"]:
    """How evenly the power is spread over bins: 0 for one bin alone, 1 for a flat spectrum.

    entropy = -sum_k p_k ln p_k / ln(bins),  p = max(power, 1e-10) over its sum; silence is 1

    Args:
        power: |X|^2, >= 0.
    Raises:
        ShapeError: no power spectrum.
    Reference:
        Misra et al., "Spectral entropy based feature for robust ASR", ICASSP 2004.
    """
    check_power(power)
    shares = _shares(power.clamp(min=_FLOOR))
    nats: Tensor = torch.special.entr(shares).sum(dim=-1)
    return (nats / math.log(power.shape[2])).to(power.dtype)
