"""The rows of one recording: its frames, or one row of statistics over them."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from auricle.archive.front_end import Frames, FrontEnd, open_front_end
from auricle.archive.parts import PartWriter
from auricle.archive.recordings import Recording
from auricle.archive.settings import TableConfig
from auricle.archive.statistics import frame_statistics
from auricle.io import audio_info

_HELD_BYTES = 64_000_000  # frames of one recording in memory; more of them go to a file


def write_rows(
    recording: Recording,
    config: TableConfig,
    writer: PartWriter,
    *,
    told: Callable[[float], None] | None = None,
) -> None:
    """Compute a recording's rows into a part.

    Args:
        recording: any length.
        config: what to compute.
        writer: takes the rows.
        told: told, now and then, the seconds that were heard since the last time.
    Raises:
        AudioError: it cannot be read; rows may have been added that do not count.
    """
    front_end = open_front_end(config)
    source_rate = audio_info(recording.path).sample_rate
    samples = 0

    def heard(count: int) -> None:
        nonlocal samples
        samples += count
        if told is not None:
            told(count / front_end.sample_rate)

    frames = front_end.frames(recording.path, channel=config.channel, heard=heard)
    if config.per == "frame":
        for block in frames:
            writer.add(block)
    else:
        writer.add(_statistics(frames, config, front_end, folder=writer.folder))
    writer.done(recording, duration_s=samples / front_end.sample_rate, source_rate=source_rate)


def _statistics(
    blocks: Iterator[Frames], config: TableConfig, front_end: FrontEnd, *, folder: Path
) -> Frames:
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
) -> Frames:
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".spill") as file:
        for block in held:
            file.write(block.data)
        held.clear()
        for block in blocks:
            file.write(np.ascontiguousarray(block).data)
        file.flush()
        shape = (-1, len(front_end.names))
        frames = np.memmap(file, dtype=np.float32, mode="r").reshape(shape)
        row = _row(frames, config, front_end)
        del frames  # Windows deletes no file that is mapped
        return row


def _row(frames: Frames, config: TableConfig, front_end: FrontEnd) -> Frames:
    rows = frame_statistics(frames, config.statistics, frame_rate=front_end.frame_rate)
    return rows.reshape(1, -1)
