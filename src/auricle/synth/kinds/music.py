"""Music-like sounds: notes of a scale as tune, chords or arpeggio, with drums or without."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from auricle.synth.spectrum import fade, harmonics

Instrument = Literal["pluck", "organ", "strings", "bell", "flute"]
Texture = Literal["tune", "chords", "arpeggio"]
_INSTRUMENTS: tuple[Instrument, ...] = ("pluck", "organ", "strings", "bell", "flute")
_TEXTURES: tuple[Texture, ...] = ("tune", "chords", "arpeggio")
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9), (0, 3, 5, 7, 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What stays the same in all the pieces of one ensemble."""

    instrument: Instrument
    textures: tuple[Texture, ...]
    tonic_hz: float
    scale: tuple[int, ...]
    beats_hz: float
    drums: float
    bass: float


def draw_band(rng: np.random.Generator) -> Band:
    """Draw an ensemble."""
    chosen = rng.permutation(len(_TEXTURES))[:2]
    return Band(
        instrument=_INSTRUMENTS[int(rng.integers(len(_INSTRUMENTS)))],
        textures=tuple(_TEXTURES[int(i)] for i in chosen),
        tonic_hz=float(110 * 2 ** rng.uniform(0, 1.6)),
        scale=_SCALES[int(rng.integers(len(_SCALES)))],
        beats_hz=float(rng.uniform(1.7, 3.2)),
        drums=float(rng.choice([0.0, 0.3, 0.6, 1.0])),
        bass=float(rng.choice([0.4, 0.7, 1.0])),
    )


def render_music(
    band: Band, *, rng: np.random.Generator, num_samples: int, sample_rate: int
) -> Float[np.ndarray, " time"]:
    """One passage of this ensemble, dry, of any amplitude."""
    out = np.zeros(num_samples)
    texture = band.textures[int(rng.integers(len(band.textures)))]
    duration_s = num_samples / sample_rate
    beat_s = 1 / (band.beats_hz * rng.uniform(0.9, 1.1))
    tonic_hz = band.tonic_hz * 2 ** (rng.integers(-5, 6) / 12)
    clock, degree, beat = -float(rng.uniform(0, 0.5)) * beat_s, int(rng.integers(7)), 0
    while clock < duration_s:
        steps, degree, share = _next_notes(texture, degree, beat, rng)
        length_s = beat_s * share
        for step in steps:
            note_hz = tonic_hz * 2 ** (_semitones(band.scale, step) / 12)
            note = _note(band.instrument, note_hz, length_s, rng=rng, sample_rate=sample_rate)
            _add(out, note / np.sqrt(len(steps)), int(clock * sample_rate))
        if band.bass and beat % 2 == 0:
            low_hz = tonic_hz * 2 ** (_semitones(band.scale, degree) / 12) / 4
            low = _note("pluck", max(low_hz, 45.0), beat_s, rng=rng, sample_rate=sample_rate)
            _add(out, band.bass * low, int(clock * sample_rate))
        if band.drums:
            _add(out, band.drums * _drum(beat, rng, sample_rate), int(clock * sample_rate))
        clock, beat = clock + length_s, beat + 1
    return out


def _next_notes(
    texture: Texture, degree: int, beat: int, rng: np.random.Generator
) -> tuple[tuple[int, ...], int, float]:
    """Scale steps that sound now, where the tune stands, and the length in beats."""
    match texture:
        case "tune":
            moved = int(np.clip(degree + rng.choice([-2, -1, -1, 0, 1, 1, 2, 4]), -3, 10))
            return (moved,), moved, float(rng.choice([0.25, 0.5, 0.5, 1.0]))
        case "chords":
            root = int(rng.choice([0, 3, 4, 5]))
            return (root, root + 2, root + 4), root, float(rng.choice([0.5, 1.0, 1.0]))
        case "arpeggio":
            root = int(rng.choice([0, 3, 4])) if beat % 4 == 0 else degree
            return (root + (0, 2, 4, 7)[beat % 4],), root, 0.25


def _semitones(scale: tuple[int, ...], step: int) -> int:
    octave, place = divmod(step, len(scale))
    return 12 * octave + scale[place]


def _note(
    instrument: Instrument,
    note_hz: float,
    length_s: float,
    *,
    rng: np.random.Generator,
    sample_rate: int,
) -> Float[np.ndarray, " time"]:
    ring_s = {"pluck": 0.5, "organ": 0.05, "strings": 0.25, "bell": 0.9, "flute": 0.08}[instrument]
    size = int((length_s + ring_s) * sample_rate)
    time_s = np.arange(size) / sample_rate
    wobble = 0.006 * np.sin(2 * np.pi * (5.2 * time_s + rng.uniform()))
    sings = instrument in ("strings", "flute")
    weights, attack_s, decay_s = _timbre(instrument, rng)
    sound = harmonics(
        note_hz * (1 + (wobble if sings else 0.0 * wobble)),
        weights=weights,
        sample_rate=sample_rate,
        start=float(rng.uniform()),
        stretch=0.03 if instrument == "bell" else 0.0,
    )
    envelope = fade(size, sample_rate=sample_rate, attack_s=attack_s, release_s=ring_s)
    return np.asarray(sound * envelope * np.exp(-time_s / decay_s) * rng.uniform(0.6, 1.0))


def _timbre(
    instrument: Instrument, rng: np.random.Generator
) -> tuple[Float[np.ndarray, " partials"], float, float]:
    """Weights of the partials, attack, and time of decay, s."""
    k = np.arange(1.0, 11.0)
    match instrument:
        case "pluck":
            return np.abs(np.sin(np.pi * k * rng.uniform(0.1, 0.4))) / k, 0.004, 0.35
        case "organ":
            return np.array([1, 0.8, 0.5, 0.6, 0, 0.3, 0, 0.35]), 0.02, 9.0
        case "strings":
            return 1 / k**1.1, 0.09, 9.0
        case "bell":
            return 1 / k**0.8, 0.003, 0.6
        case "flute":
            return np.array([1, 0.35, 0.1, 0.03]), 0.05, 9.0


def _drum(beat: int, rng: np.random.Generator, sample_rate: int) -> Float[np.ndarray, " time"]:
    """A kick, a snare or a hat."""
    time_s = np.arange(int(0.25 * sample_rate)) / sample_rate
    hiss = rng.standard_normal(len(time_s))
    match beat % 4:
        case 0:
            cycles = 50 * time_s - 6 * np.exp(-time_s / 0.03)
            return np.asarray(1.5 * np.sin(2 * np.pi * cycles) * np.exp(-time_s / 0.08))
        case 2:
            return (0.7 * hiss + np.sin(2 * np.pi * 185 * time_s)) * np.exp(-time_s / 0.06)
        case _:
            return 0.4 * np.diff(hiss, prepend=0.0) * np.exp(-time_s / 0.025)


def _add(out: Float[np.ndarray, " time"], sound: Float[np.ndarray, " other"], start: int) -> None:
    """Mix in place; what lies before 0 or past the end is cut."""
    first, last = max(start, 0), min(start + len(sound), len(out))
    if first < last:
        out[first:last] += sound[first - start : last - start]
