"""The curves that drive the synthesiser, one value a millisecond."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from auricle.synth.speech.phonemes import Hiss
from auricle.synth.speech.segments import Segment
from auricle.synth.speech.speaker import Speaker
from auricle.synth.speech.spoken import Spoken

Contour = Literal["fall", "rise", "flat"]
FRAMES_HZ = 1000
_HIGHER_HZ = (3400.0, 4400.0, 5400.0, 6400.0, 7400.0)
_HIGHER_WIDTHS_HZ = (250.0, 300.0, 400.0, 500.0, 600.0)
_HIGHEST_HZ = 7700.0
_NO_ZERO_HZ, _NASAL_HZ = 270.0, 450.0
_MOVE, _SWELL, _SCRAPE, _SNAP = 61, 21, 25, 3  # lengths of the smoothing windows, ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """All curves of one utterance."""

    voicing: Float[np.ndarray, " frames"]
    breath: Float[np.ndarray, " frames"]
    friction: Float[np.ndarray, " frames"]
    formants_hz: Float[np.ndarray, "frames formants"]
    widths_hz: Float[np.ndarray, "frames formants"]
    nasal_hz: Float[np.ndarray, " frames"]
    hiss_hz: Float[np.ndarray, "frames 3"]
    hiss_widths_hz: Float[np.ndarray, "frames 3"]
    hiss_gains: Float[np.ndarray, "frames 4"]


def controls_of(segments: Sequence[Segment], speaker: Speaker) -> Controls:
    """Lay the segments end to end and let each glide into the next."""
    counts = _frame_counts([segment.duration_s for segment in segments])
    formants = np.concatenate(
        [
            np.linspace(segment.start_hz, segment.end_hz, count)
            for segment, count in zip(segments, counts, strict=True)
        ]
    )
    widths = _held([segment.widths_hz for segment in segments], counts)
    levels = _held([(s.voicing, s.breath, s.friction, s.burst) for s in segments], counts)
    hisses = _nearest([segment.hiss for segment in segments])
    higher_hz = np.array(_HIGHER_HZ) * speaker.tract
    kept = higher_hz < _HIGHEST_HZ
    frames = len(formants)
    nasal = _held([(_NASAL_HZ if s.nasal else _NO_ZERO_HZ,) for s in segments], counts)
    gains = [(*hiss.gains, hiss.flat) for hiss in hisses]
    return Controls(
        voicing=smooth(levels[:, 0], _SWELL),
        breath=smooth(levels[:, 1], _SWELL),
        friction=smooth(levels[:, 2], _SCRAPE) + smooth(levels[:, 3], _SNAP),
        formants_hz=np.concatenate(
            [
                _smooth_all(formants, _MOVE) * speaker.tract,
                np.tile(higher_hz[kept], (frames, 1)),
            ],
            axis=1,
        ),
        widths_hz=np.concatenate(
            [
                _smooth_all(widths, _MOVE),
                np.tile(np.array(_HIGHER_WIDTHS_HZ)[kept], (frames, 1)),
            ],
            axis=1,
        ),
        nasal_hz=smooth(nasal[:, 0], _SWELL),
        hiss_hz=np.minimum(
            _held([h.centres_hz for h in hisses], counts) * np.sqrt(speaker.tract), 7600.0
        ),
        hiss_widths_hz=_held([hiss.widths_hz for hiss in hisses], counts),
        hiss_gains=_held(gains, counts),
    )


def pitch_of(
    spoken: Sequence[Spoken], frames: int, *, lead_s: float, speaker: Speaker, contour: Contour
) -> Float[np.ndarray, " frames"]:
    """The pitch of each frame, Hz: through the points that were given, else by rule.

    By rule it falls a little all the way, rises on every stressed vowel, and falls or rises over
    the last quarter of a second; how far, the speaker's liveliness says.
    """
    ends_s = lead_s + np.cumsum([item.duration_s or 0.0 for item in spoken])
    middles_s = ends_s - 0.5 * np.array([item.duration_s or 0.0 for item in spoken])
    at_s = np.arange(frames) / FRAMES_HZ
    given = [(at, item.pitch_hz) for at, item in zip(middles_s, spoken, strict=True)]
    points = [(at, hz) for at, hz in given if hz is not None]
    if points:
        return np.interp(at_s, [at for at, _ in points], [hz for _, hz in points])
    octaves = np.zeros(frames)
    if contour != "flat":
        octaves += np.linspace(0.16, -0.16, frames)
        for at, item in zip(middles_s, spoken, strict=True):
            if item.phoneme.manner == "vowel" and item.stress == 1:
                octaves += 0.3 * np.exp(-(((at_s - at) / 0.11) ** 2))
        last = np.clip((at_s - (ends_s[-1] - 0.25)) / 0.25, 0, 1)
        octaves += (0.8 if contour == "rise" else -0.4) * last**2
    return np.asarray(np.clip(speaker.pitch_hz * 2 ** (speaker.liveliness * octaves), 40, 800))


def smooth(curve: Float[np.ndarray, " frames"], width: int) -> Float[np.ndarray, " frames"]:
    """The mean over a Hann window of an odd number of frames, ends held."""
    padded = np.pad(curve, width // 2, mode="edge")
    window = np.hanning(width + 2)[1:-1]
    return np.convolve(padded, window / window.sum(), mode="valid")


def _smooth_all(
    curves: Float[np.ndarray, "frames formants"], width: int
) -> Float[np.ndarray, "frames formants"]:
    return np.stack([smooth(column, width) for column in curves.T], axis=1)


def _frame_counts(durations_s: Sequence[float]) -> list[int]:
    """Frames of each segment, so that rounding never adds up."""
    ends = np.rint(np.cumsum([0.0, *durations_s]) * FRAMES_HZ).astype(int)
    return [int(count) for count in np.diff(ends)]


def _held(
    values: Sequence[tuple[float, ...]], counts: Sequence[int]
) -> Float[np.ndarray, "frames values"]:
    return np.repeat(np.array(values, dtype=np.float64), counts, axis=0)


def _nearest(hisses: Sequence[Hiss | None]) -> list[Hiss]:
    """Where nothing hisses, the resonances already stand where the next hiss wants them."""
    middle = (1000.0, 3000.0, 5000.0)
    silent = Hiss(centres_hz=middle, widths_hz=middle, gains=(0.0, 0.0, 0.0))
    found, following = [], silent
    for hiss in reversed(hisses):
        following = following if hiss is None else hiss
        found.append(following)
    return found[::-1]
