"""Pitch, pitch classes and harmony."""

import math
from dataclasses import dataclass
from typing import Literal

from auricle.features.specs.spec import Clock, Spec

C2_HZ = 65.40639132514966
_MOST_OCTAVES = 6
_TOP_SHARE = 0.45  # of the rate, above which kernels do not fit
NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_CIRCLES = ("fifths", "minor_thirds", "major_thirds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chroma(Spec):
    """Energy at the twelve pitch classes, the greatest of a frame 1.

    Attributes:
        window_s: seconds of sound under one frame; low notes need a long one.
    """

    kind: Literal["chroma"] = "chroma"
    window_s: float = 0.1

    def __post_init__(self) -> None:
        self.check(self.window_s > 0, rule="window_s > 0", got=self.window_s)

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return tuple(f"chroma_{note}" for note in NOTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tonnetz(Spec):
    """Harmony as points on circles of fifths, minor and major thirds, from `Chroma`.

    Attributes:
        window_s: of the chroma.
    """

    kind: Literal["tonnetz"] = "tonnetz"
    window_s: float = 0.1

    def __post_init__(self) -> None:
        self.check(self.window_s > 0, rule="window_s > 0", got=self.window_s)

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return tuple(f"tonnetz_{circle}_{axis}" for circle in _CIRCLES for axis in "xy")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChromaCqt(Spec):
    """Chroma from constant-Q kernels that end with the frame: each note in a window of its own.

    Attributes:
        fmin: lowest note, Hz; it is heard over 17 of its periods, 0.26 s at C2.
        n_octaves: as many as lie below half the rate, at most 6, if None.
    """

    kind: Literal["chroma_cqt"] = "chroma_cqt"
    fmin: float = C2_HZ
    n_octaves: int | None = None

    def __post_init__(self) -> None:
        least = min(self.fmin, 1 if self.n_octaves is None else self.n_octaves)
        self.check(least > 0, rule="fmin, n_octaves > 0", got=least)

    def octaves(self, clock: Clock) -> int:
        """Octaves above fmin."""
        fitting = math.floor(math.log2(_TOP_SHARE * clock.sample_rate / self.fmin))
        return self.n_octaves or max(1, min(_MOST_OCTAVES, fitting))

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return tuple(f"chroma_cqt_{note}" for note in NOTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitch(Spec):
    """Pitch by YIN, and voicing: above 0.9 for a tone, low for noise, 0 for silence.

    Attributes:
        fmin, fmax: pitches looked for, Hz; never above half the rate. The window holds two
            periods of fmin.
    """

    kind: Literal["pitch"] = "pitch"
    fmin: float = 65.0
    fmax: float = 1000.0

    def __post_init__(self) -> None:
        got = (self.fmin, self.fmax)
        self.check(0 < got[0] < got[1], rule="0 < fmin < fmax", got=got)

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return ("pitch_hz", "voicing")
