"""The analytic signal: a waveform's envelope and momentary frequency."""

import math

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from auricle.dsp.checks import check_positive, check_waveform


def analytic_signal(waveform: Float[Tensor, "batch time"]) -> Complex[Tensor, "batch time"]:
    """x + j H(x): the waveform without its negative frequencies.

    Computed by one Fourier transform over the whole clip, which is taken to repeat: the ends hear
    each other. Pad with silence where that matters.

    Args:
        waveform: any amplitude.
    Raises:
        ShapeError: not [batch, time] of finite float32 or float64, or empty.
    Reference:
        Marple, "Computing the discrete-time analytic signal via FFT", IEEE Trans. Signal Processing
        47(9), 1999; as ``scipy.signal.hilbert``.
    """
    check_waveform(waveform)
    time = waveform.shape[1]
    spectrum = torch.fft.fft(waveform)
    doubled = waveform.new_zeros(time)
    doubled[: (time + 1) // 2] = 2.0
    doubled[0] = 1.0
    if time % 2 == 0:
        doubled[time // 2] = 1.0
    z: Tensor = torch.fft.ifft(spectrum * doubled)
    return z


def hilbert_envelope(waveform: Float[Tensor, "batch time"]) -> Float[Tensor, "batch time"]:
    """|x + j H(x)|: the amplitude of a tone at each sample, whatever its phase.

    Args, Raises: as `analytic_signal`.
    """
    check_waveform(waveform)
    return analytic_signal(waveform).abs()


def instantaneous_frequency(
    waveform: Float[Tensor, "batch time"], *, sample_rate: int
) -> Float[Tensor, "batch time-1"]:
    """The turn of the analytic signal from one sample to the next, Hz; 0 in silence.

    f[n] = sample_rate / (2 pi) angle(z[n+1] conj(z[n])),  z = x + j H(x)

    Args:
        waveform: of one tone at a time: with several it means little.
        sample_rate: Hz.
    Raises:
        ConfigError: a rate not above zero.
        ShapeError: as `analytic_signal`, or fewer than two samples.
    """
    check_positive(sample_rate=sample_rate)
    check_waveform(waveform, shortest=2)
    z = analytic_signal(waveform)
    return (z[:, 1:] * z[:, :-1].conj()).angle() * (sample_rate / (2 * math.pi))
