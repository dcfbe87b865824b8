"""The constant-Q transform, an octave at a time at half the rate of the one above."""

import math

import numpy as np
import soxr
import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.nn.functional import pad

from auricle.dsp.checks import check_positive, check_waveform
from auricle.dsp.cqt_kernels import C1_HZ, CqtScale, cqt_scale, spectral_kernels

_SPARSITY = 0.01


def cqt(
    waveform: Float[Tensor, "batch time"],
    *,
    sample_rate: int,
    hop_length: int = 512,
    fmin: float = C1_HZ,
    n_bins: int = 84,
    bins_per_octave: int = 12,
    tuning: float = 0.0,
    filter_scale: float = 1.0,
) -> Complex[Tensor, "batch frames {n_bins}"]:
    """Notes instead of frequencies: each bin listens for Q periods of its own note.

    C[i, k] = sqrt(N_k) sum_n conj(a_k[n]) x[n + i * hop_length],  N_k = Q sample_rate / f_k,
    a_k[n] = hann[n] exp(2j pi f_k n / sample_rate) / sum(hann),  n from -N_k / 2 to N_k / 2

    The method, and to float precision the numbers, of ``librosa.cqt``: after each octave the sound
    is resampled to half its rate, so that every octave has short kernels. That needs the whole
    clip; `cqt_direct` has a causal form. Not differentiable.

    Args:
        waveform: any amplitude.
        sample_rate: Hz.
        hop_length: samples; best a multiple of 2 ** (octaves - 1), since each octave halves it.
        fmin: lowest note, Hz; C1 if not given.
        n_bins: number of notes, > 0.
        bins_per_octave: 12 for semitones.
        tuning: the whole scale is this many bins higher; see `estimate_tuning`.
        filter_scale: below 1 for shorter kernels: finer in time, coarser in pitch.
    Returns:
        frames = 1 + time // hop_length, frame i centred at i * hop_length, silence beyond the ends.
    Raises:
        ConfigError: a setting out of range, or notes above half the rate.
        ShapeError: not [batch, time] of finite float32 or float64, or empty.
    Reference:
        Brown, "Calculation of a constant Q spectral transform", JASA 89(1), 1991; Schörkhuber and
        Klapuri, "Constant-Q transform toolbox for music processing", SMC 2010.
    """
    check_positive(hop_length=hop_length)
    check_waveform(waveform)
    scale = cqt_scale(
        sample_rate=sample_rate,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
        tuning=tuning,
        filter_scale=filter_scale,
    )
    octaves = math.ceil(n_bins / bins_per_octave)
    halvings = _halvings_beforehand(scale, sample_rate=sample_rate, hop=hop_length, octaves=octaves)
    samples = _slower(waveform.detach(), 2**halvings)
    rate, hop = sample_rate / 2**halvings, hop_length >> halvings
    lengths = torch.from_numpy(scale.lengths(rate)).to(waveform)
    columns: list[Tensor] = []
    compensation = 1.0
    for octave in range(octaves):
        end = n_bins - octave * bins_per_octave
        part = CqtScale(scale.frequency_hz[max(0, end - bins_per_octave) : end], scale.quality)
        columns.insert(0, _respond(samples, part, rate=rate, hop=hop) * math.sqrt(compensation))
        if hop % 2 == 0:
            samples, rate, hop = _slower(samples, 2), rate / 2, hop // 2
            compensation *= 2
    frames = min(column.shape[1] for column in columns)
    return torch.cat([column[:, :frames] for column in columns], dim=2) / lengths.sqrt()


def _halvings_beforehand(scale: CqtScale, *, sample_rate: int, hop: int, octaves: int) -> int:
    """How often the rate can be halved at once because nothing is listened for up there."""
    room = math.ceil(math.log2(sample_rate / 2 / scale.reaches_hz)) - 2
    twos = (hop & -hop).bit_length() - 1
    return max(0, min(room, twos - octaves + 1))


def _respond(
    samples: Float[Tensor, "batch time"], scale: CqtScale, *, rate: int | float, hop: int
) -> Complex[Tensor, "batch frames bins"]:
    kernels = spectral_kernels(scale, sample_rate=rate, sparsity=_SPARSITY)
    n_fft = 2 * (kernels.shape[1] - 1)
    heard = np.flatnonzero(kernels.any(axis=0))
    first, last = int(heard[0]), int(heard[-1]) + 1
    spectrum = torch.stft(
        pad(samples, (n_fft // 2, n_fft // 2)),
        n_fft,
        hop_length=hop,
        window=torch.ones(n_fft, dtype=samples.dtype),
        center=False,
        return_complex=True,
    )[:, first:last]
    narrow = torch.from_numpy(kernels[:, first:last]).to(spectrum.dtype)
    return (narrow @ spectrum).transpose(1, 2)


def _slower(samples: Float[Tensor, "batch time"], factor: int) -> Float[Tensor, "batch fewer"]:
    """At 1 / factor of the rate, and as loud: times sqrt(factor)."""
    if factor == 1:
        return samples
    wanted = -(-samples.shape[1] // factor)
    rows = [soxr.resample(row, factor, 1, quality="soxr_hq")[:wanted] for row in samples.numpy()]
    held = [np.pad(row, (0, wanted - len(row))) for row in rows]
    return torch.from_numpy(np.stack(held)) * math.sqrt(factor)
