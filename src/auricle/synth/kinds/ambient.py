"""Long recordings: a background in which nothing happens, and a stream with known events."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32

from auricle.errors import ConfigError, message
from auricle.synth.files import write_table, write_wav
from auricle.synth.kinds.clip import SOUND_KINDS, SoundKind, check_rate, draw_source, render_source
from auricle.synth.kinds.recording import Setting, background, draw_setting, record

_BLOCK_S = 10.0
_BLEND_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent:
    """A sound that was put into a stream, with its times from the start, s."""

    label: SoundKind
    start_s: float
    end_s: float


def write_background(
    folder: Path | str, *, minutes: float = 2.0, seed: int = 0, sample_rate: int = 16000
) -> Path:
    """Write ambient noise without events, as wav files of at most a minute, each in its own room.

    Args:
        folder: made if absent.
        minutes: length in all, 0.05 to 6000.
        seed: ≥ 0.
        sample_rate: Hz, ≥ 4000.
    Returns:
        The folder, with ``ambient_0000.wav`` and on.
    Raises:
        ConfigError: a setting is out of range.
        OutputError: the folder cannot be written.
    """
    check_rate(sample_rate)
    _check_between("minutes", minutes, 0.05, 6000.0)
    root, left, number = Path(folder), round(minutes * 60 * sample_rate), 0
    while left > 0:
        size = min(left, 60 * sample_rate)
        rng = np.random.default_rng([seed, number])
        blocks = _ambient_blocks(size, draw_setting(rng), rng=rng, sample_rate=sample_rate)
        write_wav(root / f"ambient_{number:04d}.wav", blocks, sample_rate=sample_rate)
        left, number = left - size, number + 1
    return root


def write_stream(
    path: Path | str,
    *,
    duration_s: float = 60.0,
    seed: int = 0,
    sample_rate: int = 16000,
    gap_s: tuple[float, float] = (1.5, 4.0),
) -> tuple[StreamEvent, ...]:
    """Write one long wav of one room, in which sounds of the four kinds come and go.

    Beside it comes a table of the same name ending in ``.csv``: ``start,end,label``.

    Args:
        path: where the wav goes.
        duration_s: s, 3 to 360000.
        seed: ≥ 0.
        sample_rate: Hz, ≥ 4000.
        gap_s: shortest and longest time between two sounds, s.
    Returns:
        The events in order of time; none overlaps another.
    Raises:
        ConfigError: a setting is out of range.
        OutputError: the file cannot be written.
    """
    check_rate(sample_rate)
    _check_between("duration_s", duration_s, 3.0, 360_000.0)
    _check_between("gap_s", gap_s[0], 0.0, gap_s[1])
    target, num_samples = Path(path), round(duration_s * sample_rate)
    rng = np.random.default_rng([seed, 7])
    setting = draw_setting(rng)
    events = _draw_events(duration_s, gap_s=gap_s, rng=rng)
    blocks = _ambient_blocks(num_samples, setting, rng=rng, sample_rate=sample_rate)
    mixed = _with_events(blocks, events, setting, seed=seed, sample_rate=sample_rate)
    write_wav(target, mixed, sample_rate=sample_rate)
    rows = [(f"{event.start_s:.3f}", f"{event.end_s:.3f}", event.label) for event in events]
    write_table(target.with_suffix(".csv"), header=("start", "end", "label"), rows=rows)
    return events


def _draw_events(
    duration_s: float, *, gap_s: tuple[float, float], rng: np.random.Generator
) -> tuple[StreamEvent, ...]:
    """Each round of four plays every kind once, in random order."""
    events: list[StreamEvent] = []
    order: list[int] = []
    clock_s = float(rng.uniform(*gap_s))
    while clock_s < duration_s:
        order = order or [int(place) for place in rng.permutation(len(SOUND_KINDS))]
        end_s = clock_s + float(rng.uniform(1.0, 2.5))
        if end_s > duration_s:
            break
        label = SOUND_KINDS[order.pop()]
        events.append(StreamEvent(label=label, start_s=clock_s, end_s=end_s))
        clock_s = end_s + float(rng.uniform(*gap_s))
    return tuple(events)


def _ambient_blocks(
    num_samples: int, setting: Setting, *, rng: np.random.Generator, sample_rate: int
) -> Iterator[Float32[np.ndarray, " time"]]:
    """Background at a steady level, block by block; neighbours blend so that no seam is heard."""
    blend = int(_BLEND_S * sample_rate)
    turn = np.sin(np.linspace(0, np.pi / 2, blend))
    level = 10 ** (float(rng.uniform(-52, -42)) / 20)
    tail: Float[np.ndarray, " time"] = np.zeros(0)
    done = 0
    while done < num_samples:
        size = min(int(_BLOCK_S * sample_rate), num_samples - done)
        fresh = background(size + blend, setting, rng=rng, sample_rate=sample_rate)
        if len(tail):
            fresh[:blend] = fresh[:blend] * turn + tail * turn[::-1]
        tail = fresh[size:]
        done += size
        yield (level * fresh[:size]).astype(np.float32)


def _with_events(
    blocks: Iterator[Float32[np.ndarray, " time"]],
    events: tuple[StreamEvent, ...],
    setting: Setting,
    *,
    seed: int,
    sample_rate: int,
) -> Iterator[Float32[np.ndarray, " time"]]:
    """Add each event to the blocks that it touches; one event is held at a time."""
    waiting = list(enumerate(events))
    sounding: list[tuple[int, Float32[np.ndarray, " time"]]] = []
    start = 0
    for block in blocks:
        mixed = block.copy()
        while waiting and waiting[0][1].start_s * sample_rate < start + len(block):
            number, event = waiting.pop(0)
            rng = np.random.default_rng([seed, 8, number])
            sound = _event_sound(event, setting, rng=rng, sample_rate=sample_rate)
            sounding.append((round(event.start_s * sample_rate), sound))
        for at, sound in sounding:
            first, last = max(at, start), min(at + len(sound), start + len(block))
            if first < last:
                mixed[first - start : last - start] += sound[first - at : last - at]
        start += len(block)
        sounding = [(at, sound) for at, sound in sounding if at + len(sound) > start]
        yield np.clip(mixed, -1.0, 1.0)


def _event_sound(
    event: StreamEvent, setting: Setting, *, rng: np.random.Generator, sample_rate: int
) -> Float32[np.ndarray, " time"]:
    size = round((event.end_s - event.start_s) * sample_rate)
    source = draw_source(event.label, rng=rng)
    dry = render_source(source, rng=rng, num_samples=size, sample_rate=sample_rate)
    edge = np.minimum(
        1.0, np.minimum(np.arange(size), np.arange(size)[::-1]) / (0.02 * sample_rate)
    )
    loud = record(dry, setting, rng=rng, sample_rate=sample_rate, level_db=(-30.0, -18.0))
    return loud * edge.astype(np.float32)


def _check_between(name: str, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        raise ConfigError(
            message(
                name,
                expected=f"{lowest:g} <= {name} <= {highest:g}",
                got=f"{value:g}",
                remedy="Choose a value between these.",
            )
        )
