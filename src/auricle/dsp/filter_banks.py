"""Filter banks on the ear's other scales: Bark, ERB and octaves."""

import math
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.checks import check_band, check_positive
from auricle.dsp.mel import check_no_filter_is_empty, triangles
from auricle.errors import ConfigError, message

BarkScale = Literal["traunmueller", "zwicker", "schroeder"]
Norm = Literal["area", "peak"]
_ERB_AT_0_HZ = 24.7
_ERB_PER_KHZ = 4.37
_ERB_RATE = 1000 / (_ERB_AT_0_HZ * _ERB_PER_KHZ)
_GAMMATONE_ORDER = 4
_GAMMATONE_WIDTH = 1.019
_LEAST_PEAK = 0.25


def hz_to_bark(
    hz: Float[Tensor, " points"], *, scale: BarkScale = "traunmueller"
) -> Float[Tensor, " points"]:
    """Frequency in Bark, critical bands counted from 0 Hz.

    traunmueller: z = 26.81 f / (1960 + f) - 0.53, then z + 0.15 (2 - z) below 2
                  and z + 0.22 (z - 20.1) above 20.1
    zwicker:      z = 13 arctan(0.00076 f) + 3.5 arctan((f / 7500)^2)
    schroeder:    z = 6 arcsinh(f / 600), also called Wang's

    Reference:
        Traunmüller, JASA 88, 1990; Zwicker and Terhardt, JASA 68, 1980; Schroeder et al., JASA 66,
        1979.
    """
    if scale == "zwicker":
        return 13 * torch.atan(0.00076 * hz) + 3.5 * torch.atan((hz / 7500) ** 2)
    if scale == "schroeder":
        return 6 * torch.asinh(hz / 600)
    z = 26.81 * hz / (1960 + hz) - 0.53
    return torch.where(z < 2, z + 0.15 * (2 - z), torch.where(z > 20.1, z + 0.22 * (z - 20.1), z))


def hz_to_erb_rate(hz: Float[Tensor, " points"]) -> Float[Tensor, " points"]:
    """Frequency in ERB, equivalent rectangular bandwidths counted from 0 Hz.

    E = 1000 / (24.7 * 4.37) ln(1 + 4.37 f / 1000), that is 21.33 log10(1 + 0.00437 f)

    Reference:
        Glasberg and Moore, "Derivation of auditory filter shapes from notched-noise data",
        Hearing Research 47, 1990.
    """
    return _ERB_RATE * torch.log1p(_ERB_PER_KHZ * hz / 1000)


def erb_rate_to_hz(erb: Float[Tensor, " points"]) -> Float[Tensor, " points"]:
    """The inverse of `hz_to_erb_rate`."""
    return 1000 / _ERB_PER_KHZ * torch.expm1(erb / _ERB_RATE)


def bark_filter_bank(
    *,
    sample_rate: int,
    n_fft: int,
    n_bands: int = 24,
    fmin: float = 0.0,
    fmax: float | None = None,
    scale: BarkScale = "traunmueller",
    norm: Norm = "area",
) -> Float[Tensor, "bins bands"]:
    """Triangles on the Bark axis, evenly spaced between the two edges.

    Args:
        sample_rate: Hz.
        n_fft: length of the Fourier transform, samples.
        n_bands: number of filters, > 0.
        fmin: lower edge of the lowest filter, Hz, >= 0.
        fmax: upper edge of the highest filter, Hz; half the rate if None.
        scale: whose formula, see `hz_to_bark`.
        norm: "area": the weights of a filter times the width of a bin in Hz add up to 1;
            "peak": as drawn, at most 1.
    Raises:
        ConfigError: edges out of order or above half the rate, or a filter that holds no bin.
    """
    top = sample_rate / 2 if fmax is None else fmax
    check_positive(sample_rate=sample_rate, n_fft=n_fft, n_bands=n_bands)
    check_band(fmin=fmin, fmax=top, sample_rate=sample_rate)
    bin_hz = _bin_hz(sample_rate, n_fft)
    limits = hz_to_bark(torch.tensor([fmin, top], dtype=torch.float64), scale=scale)
    edges = torch.linspace(float(limits[0]), float(limits[1]), n_bands + 2, dtype=torch.float64)
    weights = triangles(hz_to_bark(bin_hz, scale=scale), edges=edges)
    check_no_filter_is_empty(weights, name="n_bands", kind="Bark")
    return _normalised(weights, bin_hz, norm)


def erb_filter_bank(
    *,
    sample_rate: int,
    n_fft: int,
    n_bands: int = 40,
    fmin: float = 50.0,
    fmax: float | None = None,
    norm: Norm = "area",
) -> Float[Tensor, "bins bands"]:
    """The power response of gammatone filters, one ERB wide, evenly spaced on the ERB-rate scale.

    weight(f) = (1 + ((f - f_c) / (1.019 ERB(f_c)))^2)^-4,  ERB(f_c) = 24.7 (4.37 f_c / 1000 + 1)

    The first centre is at fmin, the last at fmax: edges of triangles have no counterpart here.

    Args:
        sample_rate: Hz.
        n_fft: length of the Fourier transform, samples.
        n_bands: number of filters, > 0.
        fmin: centre of the lowest filter, Hz, >= 0.
        fmax: centre of the highest filter, Hz; half the rate if None.
        norm: as in `bark_filter_bank`.
    Raises:
        ConfigError: centres out of order or above half the rate, or a filter so narrow that it
            falls between two bins.
    Reference:
        Patterson et al., "Complex sounds and auditory images", 1992; Glasberg and Moore 1990.
    """
    top = sample_rate / 2 if fmax is None else fmax
    check_positive(sample_rate=sample_rate, n_fft=n_fft, n_bands=n_bands)
    check_band(fmin=fmin, fmax=top, sample_rate=sample_rate)
    bin_hz = _bin_hz(sample_rate, n_fft)
    limits = hz_to_erb_rate(torch.tensor([fmin, top], dtype=torch.float64))
    rates = torch.linspace(float(limits[0]), float(limits[1]), n_bands, dtype=torch.float64)
    centre_hz = erb_rate_to_hz(rates)
    width_hz = _GAMMATONE_WIDTH * _ERB_AT_0_HZ * (_ERB_PER_KHZ * centre_hz / 1000 + 1)
    away = (bin_hz[:, None] - centre_hz) / width_hz
    weights = (1 + away**2) ** -_GAMMATONE_ORDER
    weights = torch.where(weights.amax(dim=0) < _LEAST_PEAK, torch.zeros_like(weights), weights)
    _check_wide_enough(weights, fmin=fmin, least_hz=(sample_rate / n_fft - 33) / 0.14)
    return _normalised(weights, bin_hz, norm)


def log_frequency_filter_bank(
    *,
    sample_rate: int,
    n_fft: int,
    fmin: float,
    fmax: float | None = None,
    bands_per_octave: int = 12,
    norm: Norm = "area",
) -> Float[Tensor, "bins bands"]:
    """Triangles on the axis of octaves; band k is centred at fmin * 2 ** (k / bands_per_octave).

    bands = 1 + floor(bands_per_octave * log2(fmax / fmin)), so that the last centre is <= fmax.
    Low bands are narrower than a Fourier bin; that is refused, not filled in. For notes below that
    there is `cqt`.

    Args:
        sample_rate: Hz.
        n_fft: length of the Fourier transform, samples.
        fmin: centre of the lowest band, Hz, > 0.
        fmax: no centre is higher, Hz; half the rate, less a band, if None.
        bands_per_octave: > 0; 12 is semitones.
        norm: as in `bark_filter_bank`.
    Raises:
        ConfigError: centres out of order or above half the rate, or a band that holds no bin.
    """
    check_positive(sample_rate=sample_rate, n_fft=n_fft, bands_per_octave=bands_per_octave)
    top = sample_rate / 2 * 2 ** (-1 / bands_per_octave) if fmax is None else fmax
    check_band(fmin=fmin, fmax=top, sample_rate=sample_rate, least=1e-3)
    bin_hz = _bin_hz(sample_rate, n_fft)
    n_bands = 1 + math.floor(bands_per_octave * math.log2(top / fmin) + 1e-9)
    edges = torch.arange(-1, n_bands + 1, dtype=torch.float64)
    octaves = torch.log2(bin_hz.clamp(min=fmin / 1e6) / fmin)
    weights = triangles(bands_per_octave * octaves, edges=edges)
    least_hz = sample_rate / n_fft / (2 ** (1 / bands_per_octave) - 1)
    _check_wide_enough(weights, fmin=fmin, least_hz=least_hz)
    return _normalised(weights, bin_hz, norm)


def _bin_hz(sample_rate: int, n_fft: int) -> Tensor:
    return torch.linspace(0, sample_rate / 2, n_fft // 2 + 1, dtype=torch.float64)


def _normalised(weights: Tensor, bin_hz: Tensor, norm: str) -> Tensor:
    if norm == "area":
        weights = weights / (weights.sum(dim=0) * (bin_hz[1] - bin_hz[0]))
    return weights.float()


def _check_wide_enough(weights: Tensor, *, fmin: float, least_hz: float) -> None:
    empty = int((weights.sum(dim=0) == 0).sum())
    if empty:
        raise ConfigError(
            message(
                "fmin",
                expected="no band so narrow that it falls between two Fourier bins",
                got=f"{fmin:g} Hz, with which {empty} of {weights.shape[1]} bands do",
                remedy=f"Raise fmin to about {least_hz:.0f} Hz, raise n_fft, or use `cqt`.",
            )
        )
