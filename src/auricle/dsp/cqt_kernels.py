"""The kernels of the constant-Q transform: one windowed phasor a note, as long as Q periods."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Complex128, Float64

from auricle.dsp.checks import check_positive
from auricle.dsp.windows import window_samples
from auricle.errors import ConfigError, message

C1_HZ = 440.0 * 2 ** (-45 / 12)
HANN_BANDWIDTH = 1.50018310546875  # in bins, of 1000 samples; librosa's table

Frequencies = Float64[np.ndarray, " bins"]
Kernels = Complex128[np.ndarray, "bins time"]


class CqtScale(NamedTuple):
    """Notes and how long each is listened to.

    Attributes:
        frequency_hz: centre of each bin, Hz.
        quality: Q, periods in a kernel.
    """

    frequency_hz: Frequencies
    quality: float

    def lengths(self, sample_rate: int | float) -> Frequencies:
        """Samples in each kernel, not rounded."""
        return self.quality * sample_rate / self.frequency_hz

    @property
    def reaches_hz(self) -> float:
        """Where the highest kernel's main lobe ends, Hz."""
        top: float = self.frequency_hz[-1] * (1 + 0.5 * HANN_BANDWIDTH / self.quality)
        return top


def cqt_scale(
    *,
    sample_rate: int,
    fmin: float,
    n_bins: int,
    bins_per_octave: int,
    tuning: float,
    filter_scale: float,
) -> CqtScale:
    """Notes fmin * 2 ** ((k + tuning) / bins_per_octave), with

    Q = filter_scale / alpha,  alpha = (r^2 - 1) / (r^2 + 1),  r = 2 ** (1 / bins_per_octave)

    Raises:
        ConfigError: a setting not above zero, or notes that reach above half the rate.
    """
    check_positive(
        sample_rate=sample_rate,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
        filter_scale=filter_scale,
    )
    squared = 2.0 ** (2 / bins_per_octave)
    steps = (np.arange(n_bins) + tuning) / bins_per_octave
    scale = CqtScale(fmin * 2.0**steps, filter_scale * (squared + 1) / (squared - 1))
    if scale.reaches_hz > sample_rate / 2:
        fits = np.log2(sample_rate / 2 / scale.reaches_hz) * bins_per_octave
        raise ConfigError(
            message(
                "n_bins",
                expected=f"notes that end below sample_rate / 2 = {sample_rate / 2:g} Hz",
                got=f"{n_bins} bins, up to {scale.reaches_hz:.0f} Hz",
                remedy=f"Lower n_bins to {max(0, n_bins + int(np.floor(fits)))}, or lower fmin.",
            )
        )
    return scale


def time_kernels(
    scale: CqtScale, *, sample_rate: int | float
) -> list[Complex128[np.ndarray, " time"]]:
    """exp(2j pi f n / sample_rate) under a Hann window, the magnitudes adding up to 1."""
    kernels = []
    for length, hz in zip(scale.lengths(sample_rate), scale.frequency_hz, strict=True):
        n = np.arange(-length // 2, length // 2)
        shape = window_samples("hann", len(n)).numpy()
        kernels.append(np.exp(2j * np.pi * hz / sample_rate * n) * shape / shape.sum())
    return kernels


def spectral_kernels(
    scale: CqtScale, *, sample_rate: int | float, sparsity: float, at_end: bool = False
) -> Complex128[np.ndarray, "bins half"]:
    """The spectra of the kernels, in the middle (or at the end) of n_fft samples, not negative.

    n_fft is the power of two at or above the longest; half = n_fft // 2 + 1. Scaled so that the
    product with the spectrum of a frame is length * sum(conj(kernel) x); the weakest values, which
    add up to ``sparsity`` of a row's magnitude, are 0. At the end the kernels are conjugated, which
    in the middle is the same as turning them round.
    """
    lengths = scale.lengths(sample_rate)
    n_fft = 1 << int(np.ceil(np.log2(lengths.max())))
    placed = np.zeros((len(lengths), n_fft), dtype=np.complex128)
    for row, kernel in zip(placed, time_kernels(scale, sample_rate=sample_rate), strict=True):
        left = n_fft - len(kernel) if at_end else (n_fft - len(kernel)) // 2
        row[left : left + len(kernel)] = kernel
    spectra = np.fft.fft(placed * (lengths / n_fft)[:, None])[:, : n_fft // 2 + 1]
    kept = _without_the_weakest(spectra, sparsity)
    return kept.conj() if at_end else kept


def _without_the_weakest(
    spectra: Complex128[np.ndarray, "bins half"], share: float
) -> Complex128[np.ndarray, "bins half"]:
    size = np.abs(spectra)
    ordered = np.sort(size, axis=1)
    reached = np.cumsum(ordered / size.sum(axis=1, keepdims=True), axis=1)
    first = (reached >= share).argmax(axis=1)
    least = ordered[np.arange(len(ordered)), first]
    return np.where(size >= least[:, None], spectra, 0)
