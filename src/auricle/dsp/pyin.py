"""Pitch and voicing by probabilistic YIN: the likeliest path through every frame's candidates."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64
from torch import Tensor

from auricle.dsp.checks import check_hop, check_waveform
from auricle.dsp.difference import normalised_difference, parabolic_shifts
from auricle.dsp.yin import centred_frames, period_range
from auricle.errors import ConfigError, message

_FRAMES_AT_ONCE = 1024
_THRESHOLDS = 100
_PRIOR = 18  # of the beta distribution (2, 18) over thresholds: mean 0.1
_BINS_PER_SEMITONE = 10
_OCTAVES_PER_S = 35.92
_SWITCH = 0.01
_MOST_BINS = 32767


class Pitch(NamedTuple):
    """The pitch of each frame and whether it has one.

    Attributes:
        f0_hz: Hz, in steps of 10 cents; the best guess where the frame is not voiced.
        voiced: whether the frame has a pitch.
        voiced_probability: in [0, 1], from this frame alone.
    """

    f0_hz: Float[Tensor, "batch frames"]
    voiced: Bool[Tensor, "batch frames"]
    voiced_probability: Float[Tensor, "batch frames"]


def pyin(
    waveform: Float[Tensor, "batch time"],
    *,
    sample_rate: int,
    fmin: float,
    fmax: float,
    win_length: int = 2048,
    hop_length: int | None = None,
) -> Pitch:
    """Pitch and voicing of each frame, as ``librosa.pyin`` with its defaults.

    Every trough of the normalised difference (see `yin`) is a candidate, as likely as the
    thresholds, of which 0.1 is the mean, that it would be the answer to; a hidden Markov model,
    whose pitch moves by at most 36 octaves a second and whose voicing changes once in a hundred
    frames, then finds the likeliest path over the whole clip: it looks ahead.
    Frame i is centred at i * hop_length, with silence beyond both ends. The path takes about 10 kB
    of memory a frame: cut hours into minutes.

    Args:
        waveform: one voice, any amplitude.
        sample_rate: Hz.
        fmin: lowest pitch looked for, Hz.
        fmax: highest pitch looked for, Hz, <= sample_rate / 2.
        win_length: samples; two periods of fmin or more.
        hop_length: samples; win_length // 4 if None.
    Raises:
        ConfigError: a setting out of range.
        ShapeError: not [batch, time] of finite float32 or float64, or empty.
    Reference:
        Mauch and Dixon, "pYIN: a fundamental frequency estimator using probabilistic threshold
        distributions", ICASSP 2014.
    """
    hop = win_length // 4 if hop_length is None else hop_length
    check_hop(hop, longest=win_length, name="win_length")
    check_waveform(waveform)
    periods = period_range(sample_rate, fmin=fmin, fmax=fmax, win_length=win_length)
    bins = _number_of_bins(fmin, fmax)

    from auricle.dsp.pitch_track import likeliest_path  # compiles: only where it is needed

    frames = centred_frames(waveform, win_length=win_length, hop_length=hop)
    reach = round(_OCTAVES_PER_S * 12 * hop / sample_rate) * _BINS_PER_SEMITONE // 2
    log_triangle, log_total = _moves(bins, reach)
    pitch_hz = fmin * 2 ** (np.arange(bins) / (12 * _BINS_PER_SEMITONE))
    columns: list[tuple[np.ndarray, ...]] = []
    for clip in frames:
        observed = _observe(clip, sample_rate, periods=periods, fmin=fmin, bins=bins)
        probability = observed.sum(axis=1).clip(0, 1)
        states = np.empty(len(observed), dtype=np.int64)
        likeliest_path(observed, probability, log_total, log_triangle, _SWITCH, states)
        columns.append((pitch_hz[states % bins], states < bins, probability))
    f0_hz, voiced, probability = (
        torch.from_numpy(np.stack(column)) for column in zip(*columns, strict=True)
    )
    return Pitch(f0_hz.to(waveform.dtype), voiced, probability.to(waveform.dtype))


def _number_of_bins(fmin: float, fmax: float) -> int:
    bins = int(12 * _BINS_PER_SEMITONE * np.log2(fmax / fmin)) + 1
    if bins > _MOST_BINS:
        raise ConfigError(
            message(
                "fmin",
                expected=f"at most {_MOST_BINS} steps of 10 cents up to fmax={fmax:g}",
                got=f"{fmin:g} Hz, {bins} steps",
                remedy="Raise fmin to the lowest pitch there can be.",
            )
        )
    return bins


def _observe(
    frames: Float64[Tensor, "frames win"],
    sample_rate: int,
    *,
    periods: tuple[int, int],
    fmin: float,
    bins: int,
) -> Float64[np.ndarray, "frames bins"]:
    """How likely each frame is to have each pitch."""
    from auricle.dsp.pitch_track import candidates

    observed = np.zeros((len(frames), bins))
    prior = _threshold_prior()
    for start in range(0, len(frames), _FRAMES_AT_ONCE):
        difference = normalised_difference(
            frames[None, start : start + _FRAMES_AT_ONCE],
            min_period=periods[0],
            max_period=periods[1],
        )[0]
        candidates(
            difference.contiguous().numpy(),
            parabolic_shifts(difference).contiguous().numpy(),
            prior,
            float(sample_rate),
            periods[0],
            fmin,
            12.0 * _BINS_PER_SEMITONE,
            observed[start : start + _FRAMES_AT_ONCE],
        )
    return observed


def _threshold_prior() -> Float64[np.ndarray, " thresholds"]:
    """P(threshold) in each hundredth; Beta(2, 18) has the cdf 1 - (1 - x)^18 (1 + 18 x)."""
    x = np.linspace(0, 1, _THRESHOLDS + 1)
    return np.diff(1 - (1 - x) ** _PRIOR * (1 + _PRIOR * x))


def _moves(
    bins: int, reach: int
) -> tuple[Float64[np.ndarray, " steps"], Float64[np.ndarray, " bins"]]:
    """log of the triangle over distances, and of what its part within the range adds up to."""
    steps = np.arange(reach + 1)
    triangle = 1 - steps / (reach + 1)
    summed = np.cumsum(triangle)
    to_left = np.minimum(np.arange(bins), reach)
    total = summed[to_left] + summed[to_left[::-1]] - triangle[0]
    return np.log(triangle), np.log(total)
