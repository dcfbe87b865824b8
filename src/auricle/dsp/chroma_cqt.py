"""Chroma from the constant-Q transform: every note of a pitch class added up."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.checks import check_positive, check_waveform
from auricle.dsp.cqt import cqt
from auricle.dsp.cqt_kernels import C1_HZ
from auricle.dsp.tuning import estimate_tuning
from auricle.errors import ConfigError, message

_N_CHROMA = 12
_MIDI_OF_A4 = 69


def chroma_cqt(
    waveform: Float[Tensor, "batch time"],
    *,
    sample_rate: int,
    hop_length: int = 512,
    fmin: float = C1_HZ,
    n_octaves: int = 7,
    bins_per_octave: int = 36,
    tuning: float | None = None,
) -> Float[Tensor, "batch frames 12"]:
    """Chroma of each frame, C first, its greatest entry 1, as ``librosa.feature.chroma_cqt``.

    Args:
        waveform: any amplitude.
        sample_rate: Hz; n_octaves above fmin must fit below half of it (7 need 8.5 kHz).
        hop_length: samples.
        fmin: lowest note, Hz.
        n_octaves: > 0.
        bins_per_octave: a multiple of 12.
        tuning: in parts of a bin; `estimate_tuning` of each clip if None.
    Raises:
        ConfigError: a setting out of range, or notes above half the rate.
        ShapeError: not [batch, time] of finite float32 or float64, or empty.
    """
    check_positive(n_octaves=n_octaves)
    _check_bins(bins_per_octave)
    check_waveform(waveform)
    if tuning is None:
        found = estimate_tuning(waveform, sample_rate=sample_rate, bins_per_octave=bins_per_octave)
        tunings = found.double().tolist()
    else:
        tunings = [tuning] * len(waveform)
    clips = [
        cqt(
            clip[None],
            sample_rate=sample_rate,
            hop_length=hop_length,
            fmin=fmin,
            n_bins=n_octaves * bins_per_octave,
            bins_per_octave=bins_per_octave,
            tuning=its_tuning,
        ).abs()
        for clip, its_tuning in zip(waveform, tunings, strict=True)
    ]
    return chroma_of_cqt(torch.cat(clips), bins_per_octave=bins_per_octave, fmin=fmin)


def chroma_of_cqt(
    magnitude: Float[Tensor, "batch frames bins"], *, bins_per_octave: int, fmin: float = C1_HZ
) -> Float[Tensor, "batch frames 12"]:
    """Chroma of a constant-Q magnitude, its greatest entry 1; a silent frame stays 0.

    Args:
        magnitude: of `cqt`, `cqt_direct` or `cqt_of_frames`.
        bins_per_octave: a multiple of 12.
        fmin: of the transform, Hz.
    Raises:
        ConfigError: bins that make no semitones.
    """
    _check_bins(bins_per_octave)
    summed = magnitude @ _classes(magnitude.shape[-1], bins_per_octave, fmin).to(magnitude)
    peak = summed.amax(dim=-1, keepdim=True)
    smallest = torch.finfo(summed.dtype).tiny
    return summed / torch.where(peak >= smallest, peak, torch.ones_like(peak))


def _classes(n_bins: int, bins_per_octave: int, fmin: float) -> Float[Tensor, "{n_bins} 12"]:
    """Row k has a 1 at the pitch class of bin k; the bins around a semitone belong to it."""
    per_class = bins_per_octave // _N_CHROMA
    lowest = round(_MIDI_OF_A4 + 12 * math.log2(fmin / 440.0)) % _N_CHROMA
    bins = torch.arange(n_bins)
    pitch_class = (torch.div(bins + per_class // 2, per_class, rounding_mode="floor")) + lowest
    return torch.nn.functional.one_hot(pitch_class % _N_CHROMA, _N_CHROMA).float()


def _check_bins(bins_per_octave: int) -> None:
    if bins_per_octave <= 0 or bins_per_octave % _N_CHROMA:
        raise ConfigError(
            message(
                "bins_per_octave",
                expected="a multiple of 12",
                got=bins_per_octave,
                remedy="Take 12, 24 or 36.",
            )
        )
