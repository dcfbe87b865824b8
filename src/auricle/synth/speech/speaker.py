"""Who speaks: a throat, its pitch, and how its folds close."""

from dataclasses import dataclass, fields

import numpy as np

from auricle.synth.checks import check_between

_RANGES = {
    "pitch_hz": (50.0, 500.0),
    "tract": (0.7, 1.6),
    "open_share": (0.2, 0.95),
    "tilt_db": (0.0, 40.0),
    "breath": (0.0, 1.0),
    "jitter": (0.0, 0.1),
    "shimmer": (0.0, 0.5),
    "liveliness": (0.0, 1.0),
    "speed": (0.3, 3.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """What stays the same in all that one person says.

    Attributes:
        pitch_hz: middle of the pitch, Hz, 50 to 500.
        tract: formants are a man's times this, 0.7 to 1.6; women about 1.17, children 1.35.
        open_share: of a period in which the folds are open, 0.2 (pressed) to 0.95 (soft).
        tilt_db: how much softer the voice is at 3 kHz than with a sharp closure, dB, 0 to 40.
        breath: amplitude of aspiration beside the voice, 0 to 1; with 1 it whispers.
        jitter: deviation of the period, as a share, 0 to 0.1.
        shimmer: deviation of the amplitude, as a share, 0 to 0.5.
        liveliness: how far pitch moves, 0 (monotone) to 1.
        speed: 1 as in the tables; 2 speaks twice as fast.
    """

    pitch_hz: float = 115.0
    tract: float = 1.0
    open_share: float = 0.6
    tilt_db: float = 4.0
    breath: float = 0.04
    jitter: float = 0.008
    shimmer: float = 0.04
    liveliness: float = 0.5
    speed: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            low, high = _RANGES[field.name]
            check_between(field.name, getattr(self, field.name), low, high)


SPEAKERS: dict[str, Speaker] = {
    "man": Speaker(),
    "deep": Speaker(pitch_hz=85.0, tract=0.93, open_share=0.5, tilt_db=9.0),
    "woman": Speaker(pitch_hz=205.0, tract=1.16, open_share=0.7, tilt_db=10.0, breath=0.07),
    "child": Speaker(pitch_hz=280.0, tract=1.34, open_share=0.65, breath=0.08, liveliness=0.8),
    "old": Speaker(pitch_hz=140.0, tract=1.02, jitter=0.03, shimmer=0.15, breath=0.15, speed=0.85),
    "whisper": Speaker(tract=1.05, breath=1.0),
}


def draw_speaker(rng: np.random.Generator) -> Speaker:
    """Draw a person: half have a lower, half a higher voice, some are children."""
    tract = float(rng.choice([1.0, 1.0, 1.16, 1.16, 1.32]) * rng.uniform(0.93, 1.07))
    middle_hz = 110.0 * (tract / 0.98) ** 3.2
    return Speaker(
        pitch_hz=float(np.clip(middle_hz * rng.uniform(0.8, 1.25), 70, 380)),
        tract=tract,
        open_share=float(rng.uniform(0.45, 0.8)),
        tilt_db=float(rng.uniform(0, 9)),
        breath=float(rng.uniform(0.02, 0.2)),
        jitter=float(rng.uniform(0.003, 0.02)),
        shimmer=float(rng.uniform(0.02, 0.1)),
        liveliness=float(rng.uniform(0.2, 0.9)),
        speed=float(rng.uniform(0.8, 1.25)),
    )
