"""Sounds of ESC-10 mixed over made background, with the times at which each of them sounds.

What an event is: frames of 10 ms of a clip are active where their power is at most 20 dB below
that of its loudest frame; active frames with pauses of at most 0.5 s between them are one stretch;
stretches shorter than 50 ms are left out. A stretch, cut at random to at most 4 s, is one event:
its onset is the first active sample and its offset follows the last. Where several barks of one
clip stand further apart, each is an event of its own.

An event's level is set so that its power over its stretch is ``snr_db`` above the background's.
"""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RATE = 16_000
SECONDS = 20.0
MOST_AT_ONCE = 3
FRAME_S, ACTIVE_DB, PAUSE_S, SHORTEST_S, LONGEST_S = 0.01, 20.0, 0.5, 0.05, 4.0
TEST_FOLD, VALIDATION_CLIPS = "5", 5
_EVENTS = (4, 14)  # tried for each recording
_APART_S = 0.6  # between two events of one class, so that they are not one
_FADE_S = 0.005
_BACKGROUND_RMS = 0.02


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """An active part of a clip."""

    label: str
    source: str
    sound: np.ndarray


Stretches = dict[str, list[list[Stretch]]]
"""Of each class, of each clip, its active stretches."""


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """One recording: its sound, and (onset_s, offset_s, label) of every event in it."""

    sound: np.ndarray
    events: list[tuple[float, float, str]]
    sources: set[str]


def read_parts(data: Path) -> dict[str, Stretches]:
    """Active stretches of the clips of each part, whose sources are not those of another part.

    test is fold 5. Of each class's sources in folds 1 to 4, drawn at random once and for all, as
    many as give `VALIDATION_CLIPS` clips are validation; the others are train.
    """
    with open(data / "esc10" / "manifest.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    held = {
        source
        for label in sorted({row["label"] for row in rows})
        for source in _held_sources([row for row in rows if row["label"] == label])
    }
    parts: dict[str, Stretches] = {"train": {}, "validation": {}, "test": {}}
    for row in sorted(rows, key=lambda row: row["label"]):
        part = "validation" if row["freesound_id"] in held else "train"
        part = "test" if row["fold"] == TEST_FOLD else part
        found = _stretches(data / "esc10" / row["path"], row)
        parts[part].setdefault(row["label"], []).extend([found] if found else [])
    return parts


def _held_sources(rows: Sequence[dict[str, str]]) -> set[str]:
    """Sources of one class that make the validation part."""
    counts = Counter(row["freesound_id"] for row in rows if row["fold"] != TEST_FOLD)
    sources = np.random.default_rng(0).permutation(sorted(counts)).tolist()
    held: set[str] = set()
    for source in sources:
        if sum(counts[one] for one in held) < VALIDATION_CLIPS:
            held.add(source)
    return held


def _stretches(path: Path, row: dict[str, str]) -> list[Stretch]:
    from auricle.io import read_audio

    sound, _ = read_audio(path, sample_rate=RATE)
    return [
        Stretch(label=row["label"], source=row["freesound_id"], sound=sound[start:stop])
        for start, stop in active_stretches(sound)
    ]


def active_stretches(sound: np.ndarray) -> list[tuple[int, int]]:
    """First sample and the one after the last of each stretch, by the rule at the top."""
    size = round(FRAME_S * RATE)
    count = len(sound) // size
    power = (sound[: count * size].reshape(count, size).astype(float) ** 2).mean(axis=1)
    active = np.flatnonzero(power >= max(power.max(initial=0.0) * 10 ** (-ACTIVE_DB / 10), 1e-12))
    if not len(active):
        return []
    breaks = np.flatnonzero(np.diff(active) > PAUSE_S / FRAME_S + 1)
    first, last = np.append(0, breaks + 1), np.append(breaks, len(active) - 1)
    stretches = zip(active[first] * size, (active[last] + 1) * size, strict=True)
    return [(int(a), int(b)) for a, b in stretches if b - a >= SHORTEST_S * RATE]


def mix(
    stretches: Stretches,
    rng: np.random.Generator,
    *,
    snr_db: tuple[float, float],
    vary: bool,
) -> Mixture:
    """One recording of `SECONDS` with at most `MOST_AT_ONCE` events at once.

    Args:
        snr_db: each event's signal-to-noise ratio is drawn from here, evenly.
        vary: change the speed and the colour of each sound, for training.
    """
    from auricle.synth.kinds.recording import background, draw_setting

    total = round(SECONDS * RATE)
    room = draw_setting(rng)
    sound = _BACKGROUND_RMS * background(total, room, rng=rng, sample_rate=RATE)
    placed: list[tuple[int, int, str]] = []
    sources: set[str] = set()
    labels = list(stretches)
    for _ in range(int(rng.integers(*_EVENTS))):
        clips = stretches[labels[int(rng.integers(len(labels)))]]
        clip = clips[int(rng.integers(len(clips)))]
        one = clip[int(rng.integers(len(clip)))]
        part = _cut(one.sound, rng)
        part = _vary(part, rng) if vary else part
        onset = int(rng.integers(0, max(1, total - len(part))))
        span = (onset, onset + len(part), one.label)
        if span[1] > total or not _fits(span, placed):
            continue
        rms = _BACKGROUND_RMS * 10 ** (rng.uniform(*snr_db) / 20)
        sound[span[0] : span[1]] += part * (rms / max(float(np.sqrt((part**2).mean())), 1e-9))
        placed.append(span)
        sources.add(one.source)
    peak = float(np.abs(sound).max())
    level = rng.uniform(0.1, 0.9) / peak
    events = [(a / RATE, b / RATE, label) for a, b, label in sorted(placed)]
    return Mixture(sound=(sound * level).astype(np.float32), events=events, sources=sources)


def shares_at_once(mixtures: Sequence[Mixture]) -> list[float]:
    """Share of the time in which 0, 1, 2, ... events sound."""
    counts = np.zeros(MOST_AT_ONCE + 1)
    for one in mixtures:
        sounding = np.zeros(round(SECONDS * 1000), dtype=int)
        for onset_s, offset_s, _ in one.events:
            sounding[round(onset_s * 1000) : round(offset_s * 1000)] += 1
        counts += np.bincount(sounding, minlength=MOST_AT_ONCE + 1)
    return [float(share) for share in counts / counts.sum()]


def _cut(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """At most `LONGEST_S`, from a random place, faded where it was cut."""
    most = round(rng.uniform(LONGEST_S / 4, LONGEST_S) * RATE)
    if len(sound) <= most:
        return sound.astype(float)
    start = int(rng.integers(len(sound) - most))
    part = sound[start : start + most].astype(float)
    size = round(_FADE_S * RATE)
    ramp = np.linspace(0, 1, size)
    part[:size] *= ramp
    part[-size:] *= ramp[::-1]
    return part


def _vary(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another speed, with it another pitch, and another colour: up to 25 % and 8 dB a wave."""
    size = max(2, round(len(sound) * np.exp(rng.uniform(-0.25, 0.25))))
    at = np.linspace(0, len(sound) - 1, size)
    changed = np.interp(at, np.arange(len(sound)), sound)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(size, 1 / RATE), 50.0) / 50.0)
    waves = [
        rng.uniform(-8, 8) * np.cos(2 * np.pi * (rate * octaves / 8 + rng.uniform()))
        for rate in (0.5, 1.0, 2.0, 4.0)
    ]
    gains = 10 ** (sum(waves) / 20)
    return np.asarray(np.fft.irfft(np.fft.rfft(changed) * gains, n=size))


def _fits(span: tuple[int, int, str], placed: Sequence[tuple[int, int, str]]) -> bool:
    apart = round(_APART_S * RATE)
    for start, stop, label in placed:
        if label == span[2] and start < span[1] + apart and span[0] < stop + apart:
            return False
    starts = [span[0], *(start for start, _, _ in placed if span[0] <= start < span[1])]
    return all(sum(a <= at < b for a, b, _ in (*placed, span)) <= MOST_AT_ONCE for at in starts)
