"""Pitch by YIN: the lag at which a frame is most like itself."""

import math
import warnings
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from auricle.dsp.checks import check_band, check_hop, check_positive, check_waveform
from auricle.dsp.difference import first_trough, normalised_difference, parabolic_shifts
from auricle.errors import ConfigError, message

_FRAMES_AT_ONCE = 1024
_LEAST_HZ = 1e-3


class Yin(NamedTuple):
    """The pitch of each frame, whether it has one or not.

    Attributes:
        f0_hz: Hz; a number in every frame, which means something where aperiodicity is low.
        aperiodicity: d' at that lag; near 0 for a periodic frame, about 1 for noise, 1 for silence.
    """

    f0_hz: Float[Tensor, "batch frames"]
    aperiodicity: Float[Tensor, "batch frames"]


def yin(
    waveform: Float[Tensor, "batch time"],
    *,
    sample_rate: int,
    fmin: float,
    fmax: float,
    win_length: int = 2048,
    hop_length: int | None = None,
    threshold: float = 0.1,
) -> Yin:
    """The fundamental frequency of each frame, as ``librosa.yin``, and how periodic it is.

    The first trough of d' (see `normalised_difference`) below the threshold, refined by a parabola;
    the lowest point where none is below. Frame i is centred at i * hop_length, with silence beyond
    both ends; frames = 1 + floor(time / hop_length) for even win_length. Computed in float64.

    Args:
        waveform: any amplitude.
        sample_rate: Hz.
        fmin: lowest pitch looked for, Hz; its period must fit into the window.
        fmax: highest pitch looked for, Hz, <= sample_rate / 2.
        win_length: samples; two periods of fmin or more.
        hop_length: samples; win_length // 4 if None.
        threshold: d' below which a trough is taken at once, > 0.
    Raises:
        ConfigError: a setting out of range.
        ShapeError: not [batch, time] of finite float32 or float64, or empty.
    Reference:
        de Cheveigné and Kawahara, JASA 111(4), 2002.
    """
    hop = win_length // 4 if hop_length is None else hop_length
    check_positive(threshold=threshold)
    check_hop(hop, longest=win_length, name="win_length")
    check_waveform(waveform)
    periods = period_range(sample_rate, fmin=fmin, fmax=fmax, win_length=win_length)
    frames = centred_frames(waveform, win_length=win_length, hop_length=hop)
    parts = [
        _yin(part, sample_rate=sample_rate, periods=periods, threshold=threshold)
        for part in torch.split(frames, _FRAMES_AT_ONCE, dim=1)
    ]
    f0_hz, aperiodicity = (torch.cat(column, dim=1) for column in zip(*parts, strict=True))
    return Yin(f0_hz.to(waveform.dtype), aperiodicity.to(waveform.dtype))


def yin_of_frames(
    frames: Float[Tensor, "batch frames win"],
    *,
    sample_rate: int,
    fmin: float,
    fmax: float,
    threshold: float = 0.1,
) -> Yin:
    """`yin` of frames that were cut already, by a stream for instance; settings as there."""
    check_positive(threshold=threshold)
    periods = period_range(sample_rate, fmin=fmin, fmax=fmax, win_length=frames.shape[-1])
    found = _yin(frames, sample_rate=sample_rate, periods=periods, threshold=threshold)
    return Yin(found.f0_hz.to(frames.dtype), found.aperiodicity.to(frames.dtype))


def period_range(sample_rate: int, *, fmin: float, fmax: float, win_length: int) -> tuple[int, int]:
    """The shortest and the longest lag looked at, samples.

    Raises:
        ConfigError: pitches out of order, above half the rate, or too low for the window.
    """
    check_band(fmin=fmin, fmax=fmax, sample_rate=sample_rate, least=_LEAST_HZ)
    if sample_rate / fmin >= win_length - 1:
        raise ConfigError(
            message(
                "fmin",
                expected=f"a period that fits into win_length={win_length}",
                got=f"{fmin:g} Hz, {sample_rate / fmin:.0f} samples",
                remedy=f"Raise fmin, or win_length to {2 * math.ceil(sample_rate / fmin) + 2}.",
            )
        )
    if sample_rate / fmin >= win_length // 2:
        warnings.warn(
            message(
                "fmin",
                expected=f"two periods in win_length={win_length}",
                got=f"{fmin:g} Hz, {sample_rate / fmin:.0f} samples a period",
                remedy="Low pitches will be uncertain: raise fmin or win_length.",
            ),
            stacklevel=3,
        )
    longest = min(math.ceil(sample_rate / fmin), win_length - 1)
    return math.floor(sample_rate / fmax), longest


def centred_frames(
    waveform: Float[Tensor, "batch time"], *, win_length: int, hop_length: int
) -> Float[Tensor, "batch frames {win_length}"]:
    """Frames centred at i * hop_length, silence beyond both ends; in float64."""
    half = win_length // 2
    padded = pad(waveform.double(), (half, half))
    return padded.unfold(1, win_length, hop_length)


def _yin(
    frames: Float[Tensor, "batch frames win"],
    *,
    sample_rate: int,
    periods: tuple[int, int],
    threshold: float,
) -> Yin:
    shortest, longest = periods
    difference = normalised_difference(frames.double(), min_period=shortest, max_period=longest)
    lag = first_trough(difference, threshold=threshold)[..., None]
    shift = parabolic_shifts(difference).gather(-1, lag)[..., 0]
    silent = (frames == 0).all(dim=-1)
    aperiodicity = torch.where(silent, 1.0, difference.gather(-1, lag)[..., 0])
    return Yin(sample_rate / (shortest + lag[..., 0] + shift), aperiodicity)
