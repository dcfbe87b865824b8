"""The rows of one recording: its frames, or one row of statistics over them."""

import tempfile
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import torch

from auricle.archive.front_end import Frames, FrontEnd, Waveform, open_front_end
from auricle.archive.part_writer import PartWriter
from auricle.archive.parts import Rows
from auricle.archive.recordings import Recording
from auricle.archive.settings import TableConfig
from auricle.dsp import feature_statistics
from auricle.errors import AuricleError
from auricle.io import open_blocks

_BLOCK_S = 30.0
_HELD_BYTES = 16_000_000  # frames of one recording in memory; more of them go to a file
_FRAMES_AT_ONCE = 1 << 14
_NUMBERS_AT_ONCE = 1 << 22  # of one group of columns
_BYTES = 4  # of a number


class Waiting(NamedTuple):
    """A short recording that was read and not looked at yet."""

    recording: Recording
    source_rate: int
    waveform: Waveform


def write_rows(
    recording: Recording,
    config: TableConfig,
    writer: PartWriter,
    *,
    waiting: list[Waiting],
    told: Callable[[float], None],
) -> None:
    """Compute a recording's rows into a part, or read a short one and let it wait.

    Args:
        recording: any length.
        config: what to compute.
        writer: takes the rows.
        waiting: takes the recording, if it is a single block, for `write_waiting`.
        told: told, block by block, which share of the recording was heard; not where its
            header does not tell its length.
    Raises:
        AudioError: it cannot be read; rows may have been added that do not count.
    """
    front_end = open_front_end(config)
    samples = 0
    opened = open_blocks(
        recording.path,
        sample_rate=front_end.sample_rate,
        channel=config.channel,
        block_s=_BLOCK_S,
    )
    with opened as (info, blocks):
        begun = [next(blocks), *islice(blocks, 1)]
        if len(begun) == 1:
            waiting.append(Waiting(recording, info.sample_rate, begun[0]))
            return
        length = info.duration_s * front_end.sample_rate

        def heard(count: int) -> None:
            nonlocal samples
            samples += count
            told(count / length if length else 0.0)

        frames = front_end.frames(chain(begun, blocks), heard=heard)
        if config.per == "frame":
            for block in frames:
                writer.add(block)
        else:
            writer.add(_statistics(frames, config, front_end, folder=writer.folder))
    writer.done(recording, duration_s=samples / front_end.sample_rate, source_rate=info.sample_rate)


def write_waiting(
    waiting: list[Waiting], config: TableConfig, writer: PartWriter
) -> Iterator[tuple[Recording, AuricleError]]:
    """Compute the rows of recordings that were read; yield those that have none, and why.

    One step after the other for all of them: what a step needs is then still in the processor's
    cache, where it takes half the time. Each recording is computed alone, so its numbers do not
    depend on the others.
    """
    front_end = open_front_end(config)

    def hear(waveform: Waveform) -> Frames:
        (frames,) = front_end.frames(iter([waveform]), heard=lambda count: None)
        return frames

    made = [_tried(hear, one.waveform) for one in waiting]
    if config.per == "file":
        made = [_tried(lambda frames: _row(frames, config, front_end), found) for found in made]
    for one, rows in zip(waiting, made, strict=True):
        if isinstance(rows, AuricleError):
            yield one.recording, rows
            continue
        writer.add(rows)
        duration_s = len(one.waveform) / front_end.sample_rate
        writer.done(one.recording, duration_s=duration_s, source_rate=one.source_rate)
    waiting.clear()


def _tried(
    compute: Callable[[np.ndarray], np.ndarray], values: np.ndarray | AuricleError
) -> np.ndarray | AuricleError:
    """What it gives, or the error that it or a step before it raised."""
    if isinstance(values, AuricleError):
        return values
    try:
        return compute(values)
    except AuricleError as error:
        return error


def _statistics(
    blocks: Iterator[Frames], config: TableConfig, front_end: FrontEnd, *, folder: Path
) -> Rows:
    """One row; percentiles need all frames at once, so those of a long recording go to a file."""
    held: list[Frames] = []
    size = 0
    for block in blocks:
        held.append(block)
        size += block.nbytes
        if size > _HELD_BYTES:
            return _spilled(held, blocks, config, front_end, folder=folder)
    return _row(np.concatenate(held), config, front_end)


def _spilled(
    held: list[Frames],
    blocks: Iterator[Frames],
    config: TableConfig,
    front_end: FrontEnd,
    *,
    folder: Path,
) -> Rows:
    width = len(front_end.names)
    with tempfile.TemporaryFile(dir=folder) as file:
        num_frames = sum(len(block) for block in held)
        file.write(np.concatenate(held).data)
        held.clear()
        for block in blocks:
            file.write(np.ascontiguousarray(block).data)
            num_frames += len(block)

        def columns(start: int, end: int) -> Frames:
            return _read_columns(file, start, end, width=width, num_frames=num_frames)

        step = max(1, _NUMBERS_AT_ONCE // num_frames)
        parts = [
            _row(columns(start, min(start + step, width)), config, front_end)
            for start in range(0, width, step)
        ]
        by_statistic = [part.reshape(len(config.statistics), -1) for part in parts]
        return np.concatenate(by_statistic, axis=1).reshape(1, -1)


def _read_columns(file: IO[bytes], start: int, end: int, *, width: int, num_frames: int) -> Frames:
    """Some columns of a file of rows, read a piece at a time."""
    found = np.empty((num_frames, end - start), dtype=np.float32)
    file.seek(0)
    for first in range(0, num_frames, _FRAMES_AT_ONCE):
        count = min(_FRAMES_AT_ONCE, num_frames - first)
        rows = np.frombuffer(file.read(count * width * _BYTES), dtype=np.float32)
        found[first : first + count] = rows.reshape(count, width)[:, start:end]
    return found


def _row(frames: Frames, config: TableConfig, front_end: FrontEnd) -> Rows:
    return feature_statistics(
        torch.from_numpy(frames)[None],
        statistics=config.statistics,
        frame_rate=front_end.frame_rate,
    ).numpy()
