"""Pitch, pitch classes and harmony."""

from dataclasses import dataclass
from typing import Literal

from auricle.features.specs.spec import Clock, Spec

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
