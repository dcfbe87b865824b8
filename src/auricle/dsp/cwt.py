"""The continuous wavelet transform with the wavelets of PyWavelets (the extra ``wavelets``)."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Float64, Inexact
from torch import Tensor
from torch.nn.functional import pad

from auricle.dsp.checks import check_positive, check_waveform
from auricle.dsp.wavelets import pywt_or_raise
from auricle.errors import ConfigError, message

ContinuousWavelet = Literal["morlet", "mexican_hat", "complex_morlet"]

_CONTINUOUS = {"morlet": "morl", "mexican_hat": "mexh", "complex_morlet": "cmor1.5-1.0"}
_LEAST_HZ = 1e-3
_FFT_COST = 8  # of a transform of n samples: as much as so many times n log2(n) products
_NUMBERS_AT_ONCE = 1 << 22


def cwt(
    waveform: Float[Tensor, "batch time"],
    *,
    sample_rate: int,
    frequencies_hz: Sequence[float],
    wavelet: ContinuousWavelet = "complex_morlet",
    hop_length: int = 1,
    precision: int = 12,
) -> Inexact[Tensor, "batch frames bands"]:
    """The continuous wavelet transform: each frequency through a wavelet as long as a few periods.

    W[n, k] = 1 / sqrt(s_k) sum_m x[m] conj(psi((m - n) / s_k)),  s_k = f_0 sample_rate / f_k

    morlet: psi(t) = exp(-t^2 / 2) cos(5 t), f_0 = 0.8125; mexican_hat: the second derivative of a
    Gaussian, f_0 = 0.25; complex_morlet: psi(t) = exp(-t^2 / 1.5) exp(2j pi t) / sqrt(1.5 pi),
    f_0 = 1: its magnitude does not swing with the phase, so it is the one to draw. Computed in
    float64 over the whole clip, silence beyond the ends.

    Args:
        waveform: any amplitude.
        sample_rate: Hz.
        frequencies_hz: where to listen, Hz, each above 0 and at most sample_rate / 2.
        wavelet: its shape.
        hop_length: of every so many coefficients one is kept, samples, > 0; no energy is pooled.
        precision: the wavelet is read from a table of 2 ** precision values, as PyWavelets does,
            whose steps let high frequencies leak into low bands: at 44.1 kHz a tone of 11 kHz into
            the band at 30 Hz by -35 dB with 12, PyWavelets' default, and by -67 dB with 16.
    Returns:
        Real, or complex for the complex wavelet; frames = ceil(time / hop_length), frame i is at
        sample i * hop_length.
    Raises:
        ConfigError: a setting out of range.
        ShapeError: not [batch, time] of finite float32 or float64, or empty.
        MissingExtraError: PyWavelets is not installed.
    Reference:
        Mallat, "A wavelet tour of signal processing", 3rd edition, 2008, chapter 4; as
        ``pywt.cwt``.
    """
    pywt = pywt_or_raise("cwt")
    check_positive(hop_length=hop_length, precision=precision)
    _check_frequencies(frequencies_hz, sample_rate)
    check_waveform(waveform)
    shape = pywt.ContinuousWavelet(_named(wavelet))
    centre = pywt.central_frequency(shape, precision=precision)
    integral, t = pywt.integrate_wavelet(shape, precision=precision)
    samples = waveform.double()
    columns = [
        _respond(samples, _kernel(integral, t, centre * sample_rate / hz), hop_length=hop_length)
        for hz in frequencies_hz
    ]
    values = torch.stack(columns, dim=2)
    single = torch.complex64 if values.is_complex() else torch.float32
    return values if waveform.dtype == torch.float64 else values.to(single)


def _kernel(
    integral: Inexact[np.ndarray, " points"], t: Float64[np.ndarray, " points"], scale: float
) -> Inexact[Tensor, " taps"]:
    """sqrt(scale) times the differences of conj(psi)'s integral, stretched by the scale."""
    at = (np.arange(scale * (t[-1] - t[0]) + 1) / (scale * (t[1] - t[0]))).astype(int)
    stretched = integral[at[at < len(integral)]].conj()
    return torch.from_numpy(np.sqrt(scale) * np.diff(stretched, prepend=0.0, append=0.0))


def _respond(
    samples: Float[Tensor, "batch time"], kernel: Inexact[Tensor, " taps"], *, hop_length: int
) -> Inexact[Tensor, "batch frames"]:
    """sum_v kernel[v] x[n + v - before] at every hop: by products, or by one transform."""
    time, taps = samples.shape[1], len(kernel)
    before = taps - 2 - (taps - 3) // 2
    n_fft = 1 << (time + taps).bit_length()
    frames = -(-time // hop_length)
    if frames * taps < _FFT_COST * n_fft * math.log2(n_fft):
        return _by_products(samples, kernel, before=before, hop_length=hop_length)
    spectrum = torch.fft.fft(samples, n=n_fft)
    turned = torch.fft.fft(kernel.flip(0), n=n_fft)
    start = taps - 1 - before
    whole: Tensor = torch.fft.ifft(spectrum * turned)[:, start : start + time : hop_length]
    return whole if kernel.is_complex() else whole.real


def _by_products(
    samples: Float[Tensor, "batch time"],
    kernel: Inexact[Tensor, " taps"],
    *,
    before: int,
    hop_length: int,
) -> Inexact[Tensor, "batch frames"]:
    taps = len(kernel)
    parts = torch.view_as_real(kernel) if kernel.is_complex() else kernel[:, None]
    cut = pad(samples, (before, taps - 1 - before)).unfold(1, taps, hop_length)
    few = max(1, _NUMBERS_AT_ONCE // taps)
    values = torch.cat([part @ parts for part in torch.split(cut, few, dim=1)], dim=1)
    return torch.view_as_complex(values) if kernel.is_complex() else values[..., 0]


def octave_frequencies(*, fmin: float, fmax: float, bands_per_octave: int = 12) -> list[float]:
    """fmin * 2 ** (k / bands_per_octave), Hz, as far as fmax.

    Raises:
        ConfigError: a setting not above zero, or the two out of order.
    """
    check_positive(fmin=fmin, bands_per_octave=bands_per_octave)
    check_positive(**{"fmax - fmin": fmax - fmin})
    steps = int(bands_per_octave * np.log2(fmax / fmin) + 1e-9)
    return [float(fmin * 2 ** (k / bands_per_octave)) for k in range(steps + 1)]


def _check_frequencies(frequencies_hz: Sequence[float], sample_rate: int) -> None:
    check_positive(sample_rate=sample_rate, **{"len(frequencies_hz)": len(frequencies_hz)})
    lowest, highest = min(frequencies_hz), max(frequencies_hz)
    if not _LEAST_HZ <= lowest <= highest <= sample_rate / 2:
        raise ConfigError(
            message(
                "frequencies_hz",
                expected=f"each from {_LEAST_HZ:g} Hz to sample_rate / 2 = {sample_rate / 2:g} Hz",
                got=f"{lowest:g} ... {highest:g}",
                remedy="Leave those outside out; see `octave_frequencies`.",
            )
        )


def _named(wavelet: str) -> str:
    if wavelet not in _CONTINUOUS:
        raise ConfigError(
            message(
                "wavelet",
                expected=f"one of {', '.join(_CONTINUOUS)}",
                got=repr(wavelet),
                remedy="Take 'complex_morlet' for pictures.",
            )
        )
    return _CONTINUOUS[wavelet]
