"""Tones: one pitched source that holds, slides, beeps or wails, and plays no tune."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from auricle.synth.spectrum import fade, harmonics, smooth_curve

Timbre = Literal["sine", "triangle", "square", "saw", "reed", "metal"]
Pattern = Literal["steady", "beeps", "glide", "siren", "warble", "decay"]
_TIMBRES: tuple[Timbre, ...] = ("sine", "triangle", "square", "saw", "reed", "metal")
_PATTERNS: tuple[Pattern, ...] = ("steady", "beeps", "glide", "siren", "warble", "decay")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneSource:
    """What stays the same in all the sounds of one tone generator."""

    timbre: Timbre
    patterns: tuple[Pattern, ...]
    pitch_hz: float
    vibrato_hz: float
    vibrato_depth: float
    breath: float


def draw_tone_source(rng: np.random.Generator) -> ToneSource:
    """Draw a generator of tones."""
    chosen = rng.permutation(len(_PATTERNS))[:3]
    return ToneSource(
        timbre=_TIMBRES[int(rng.integers(len(_TIMBRES)))],
        patterns=tuple(_PATTERNS[int(i)] for i in chosen),
        pitch_hz=float(np.exp(rng.uniform(np.log(260), np.log(2200)))),
        vibrato_hz=float(rng.uniform(3.5, 7.5)),
        vibrato_depth=float(rng.choice([0.0, 0.004, 0.012, 0.03])),
        breath=float(rng.choice([0.0, 0.02, 0.08])),
    )


def render_tone(
    source: ToneSource, *, rng: np.random.Generator, num_samples: int, sample_rate: int
) -> Float[np.ndarray, " time"]:
    """One sound of this generator, dry, of any amplitude."""
    pattern = source.patterns[int(rng.integers(len(source.patterns)))]
    time_s = np.arange(num_samples) / sample_rate
    duration_s = num_samples / sample_rate
    base_hz = source.pitch_hz * 2 ** rng.uniform(-0.8, 0.8)
    contour, envelope = _shape(pattern, time_s, duration_s, rng)
    wobble = source.vibrato_depth * np.sin(2 * np.pi * (source.vibrato_hz * time_s + rng.uniform()))
    drift = 0.002 * smooth_curve(num_samples, rng=rng, rate_hz=3.0, sample_rate=sample_rate)
    frequency_hz = base_hz * 2**contour * (1 + wobble + drift)
    sound = harmonics(
        frequency_hz,
        weights=_weights(source.timbre),
        sample_rate=sample_rate,
        start=float(rng.uniform()),
        stretch=0.004 if source.timbre == "metal" else 0.0,
    )
    sound += source.breath * rng.standard_normal(num_samples)
    attack_s = float(rng.uniform(0.003, 0.15))
    edges = fade(num_samples, sample_rate=sample_rate, attack_s=attack_s, release_s=0.02)
    shaped: Float[np.ndarray, " time"] = sound * envelope * edges
    return shaped


def _weights(timbre: Timbre) -> Float[np.ndarray, " partials"]:
    k = np.arange(1.0, 13.0)
    odd = k % 2
    match timbre:
        case "sine":
            return np.array([1.0])
        case "triangle":
            return odd / k**2
        case "square":
            return odd / k
        case "saw":
            return 1 / k
        case "reed":
            return np.exp(-(((k - 4) / 2.5) ** 2)) + 0.3 / k
        case "metal":
            return np.asarray(1 / np.sqrt(k))


def _shape(
    pattern: Pattern,
    time_s: Float[np.ndarray, " time"],
    duration_s: float,
    rng: np.random.Generator,
) -> tuple[Float[np.ndarray, " time"], Float[np.ndarray, " time"]]:
    """Octaves above the base pitch, and loudness, over time."""
    still, full = np.zeros_like(time_s), np.ones_like(time_s)
    match pattern:
        case "steady":
            return still, full
        case "beeps":
            period_s = rng.uniform(0.12, 0.6)
            place = (time_s / period_s + rng.uniform()) % 1
            gate = np.clip(
                np.minimum(place, rng.uniform(0.4, 0.8) - place) * period_s / 0.008, 0, 1
            )
            step = np.floor(time_s / period_s) % 2 * float(rng.choice([0.0, 0.0, 0.0, 0.3]))
            return step, gate
        case "glide":
            return rng.uniform(0.4, 2.0) * float(rng.choice([-1, 1])) * time_s / duration_s, full
        case "siren":
            turns = rng.uniform(0.6, 2.5) * time_s + rng.uniform()
            return 0.5 * np.sin(2 * np.pi * turns), full
        case "warble":
            turns = rng.uniform(5, 14) * time_s
            return 0.12 * np.sign(np.sin(2 * np.pi * turns)), full
        case "decay":
            return still, np.exp(-time_s / rng.uniform(0.25, 0.9))
