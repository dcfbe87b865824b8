"""Formants: the resonances of a voice, from the poles of linear prediction."""

import math
from typing import NamedTuple

import numpy as np
import soxr
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from auricle.dsp.checks import check_band, check_positive, check_waveform
from auricle.dsp.lpc import lpc
from auricle.dsp.windows import window_samples

_EMPHASIS_HZ = 50.0
_EDGE_HZ = 50.0
_DEVIATION = 0.144  # of the window: a Gaussian that has fallen to 0.2 % at its ends


class Formants(NamedTuple):
    """Resonances in order of frequency.

    Attributes:
        frequency_hz: Hz; 0 where there is none.
        bandwidth_hz: width at half the power, Hz; 0 where there is none.
        found: whether there is one.
    """

    frequency_hz: Float[Tensor, "batch frames formants"]
    bandwidth_hz: Float[Tensor, "batch frames formants"]
    found: Bool[Tensor, "batch frames formants"]


def formants(
    waveform: Float[Tensor, "batch time"],
    *,
    sample_rate: int,
    n_formants: int = 5,
    ceiling_hz: float = 5500.0,
    window_s: float = 0.05,
    hop_s: float = 0.00625,
    max_bandwidth_hz: float = 700.0,
) -> Formants:
    """Formants of each frame, in the manner of Praat's "To Formant (burg)".

    The waveform is resampled to 2 * ceiling_hz (where its rate is higher), emphasised by 6 dB an
    octave above 50 Hz, cut into frames under a Gaussian window, and each frame is predicted by
    Burg's method with two poles a formant; see `formants_from_lpc`. A formant is pulled towards the
    nearest harmonic of the voice, by up to a fifth of the pitch: take the median over a glide.

    Frame i is centred at window_s / 2 + i * hop_s;
    frames = 1 + floor((duration - window_s) / hop_s)

    Args:
        waveform: one voice, any amplitude.
        sample_rate: Hz.
        n_formants: that there are below ceiling_hz, > 0.
        ceiling_hz: Hz, <= sample_rate / 2; 5000 for a man's voice, 5500 a woman's, 8000 a child's.
        window_s: length of the window, seconds; Praat's "window length" is half of it.
        hop_s: step between frames, seconds.
        max_bandwidth_hz: a pole broader than this is the spectrum's slope and no formant, Hz;
            Praat keeps every pole.
    Raises:
        ConfigError: a setting out of range, or a ceiling above half the rate.
        ShapeError: not [batch, time] of finite float32 or float64, or shorter than the window.
    Reference:
        Markel and Gray, "Linear prediction of speech", Springer, 1976; Boersma and Weenink, Praat.
    """
    check_positive(n_formants=n_formants, window_s=window_s, hop_s=hop_s)
    check_band(fmin=0.0, fmax=ceiling_hz, sample_rate=sample_rate)
    check_waveform(waveform, shortest=math.ceil(window_s * sample_rate))
    samples, rate = _resampled(waveform, sample_rate, 2 * ceiling_hz)
    emphasised = samples.clone()
    emphasised[:, 1:] -= math.exp(-2 * math.pi * _EMPHASIS_HZ / rate) * samples[:, :-1]
    win, hop = round(window_s * rate), max(1, round(hop_s * rate))
    win = min(win, samples.shape[1])
    frames = emphasised.unfold(1, win, hop)
    shape = window_samples(("gaussian", _DEVIATION * win), win, periodic=False)
    batch, count = frames.shape[:2]
    coefficients = lpc((frames * shape).reshape(batch * count, win), order=2 * n_formants)
    flat = formants_from_lpc(
        coefficients,
        sample_rate=rate,
        n_formants=n_formants,
        max_bandwidth_hz=max_bandwidth_hz,
    )
    frequency, bandwidth = (x.view(batch, count, -1).to(waveform.dtype) for x in flat[:2])
    return Formants(frequency, bandwidth, flat.found.view(batch, count, -1))


def formants_from_lpc(
    coefficients: Float[Tensor, "batch taps"],
    *,
    sample_rate: int | float,
    n_formants: int,
    max_bandwidth_hz: float = 700.0,
) -> Formants:
    """The lowest resonances of 1 / A(z), from the roots of A.

    z = r exp(j theta);
    frequency = theta sample_rate / (2 pi),  bandwidth = -ln(r) sample_rate / pi

    Only roots above the real axis and 50 Hz or more from 0 Hz and half the rate count.

    Args:
        coefficients: from `lpc`, a_0 = 1.
        sample_rate: of what was predicted, Hz.
        n_formants: how many are returned, > 0.
        max_bandwidth_hz: broader poles are left out, Hz.
    Returns:
        One frame for each item of the batch.
    Raises:
        ConfigError: n_formants, the rate or the bandwidth not above zero.
    """
    check_positive(
        sample_rate=sample_rate, n_formants=n_formants, max_bandwidth_hz=max_bandwidth_hz
    )
    batch, taps = coefficients.shape
    companion = coefficients.new_zeros(batch, taps - 1, taps - 1, dtype=torch.float64)
    companion[:, 0] = -coefficients[:, 1:].double()
    companion[:, 1:] += torch.eye(taps - 1).to(companion)[:-1]
    roots = torch.linalg.eigvals(companion)
    frequency = roots.angle() * sample_rate / (2 * math.pi)
    radius = roots.abs().clamp(min=1e-6)
    bandwidth = (-radius.log() * sample_rate / math.pi).clamp(min=0.0)
    inside = (frequency > _EDGE_HZ) & (frequency < sample_rate / 2 - _EDGE_HZ)
    kept = inside & (bandwidth < max_bandwidth_hz)
    order = torch.where(kept, frequency, torch.inf).argsort(dim=1)[:, :n_formants]
    found = kept.gather(1, order)
    nothing = companion.new_zeros(())
    columns = [torch.where(found, x.gather(1, order), nothing) for x in (frequency, bandwidth)]
    short = max(0, n_formants - found.shape[1])
    frequency, bandwidth = (
        torch.nn.functional.pad(x, (0, short))[:, None].to(coefficients.dtype) for x in columns
    )
    return Formants(frequency, bandwidth, torch.nn.functional.pad(found, (0, short))[:, None])


def _resampled(waveform: Tensor, sample_rate: int, target: float) -> tuple[Tensor, float]:
    """In float64, at the target rate where that is lower."""
    if target >= sample_rate:
        return waveform.detach().double(), float(sample_rate)
    samples = waveform.detach().double().numpy()
    rows = [soxr.resample(row, sample_rate, target, quality="VHQ") for row in samples]
    return torch.from_numpy(np.stack(rows)), target
