"""Many recordings, in this process or in several, each part written as soon as it is complete."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from auricle.archive.front_end import columns_of
from auricle.archive.parts import PartWriter
from auricle.archive.recordings import Recording
from auricle.archive.rows import write_rows
from auricle.archive.settings import TableConfig
from auricle.errors import AuricleError, OutputError

_FILES_A_PART = 32
_BYTES_A_PART = 8_000_000  # of recordings: what a kill loses, beside one long recording
_TRIAL_S = 2.0  # of work in this process, before further ones may be worth their start
_WORTH_S = 8.0  # of work that is left, which several processes do sooner
_PLENTY = 2e9  # bytes of recordings that need no trial

Progress = Callable[[float, float], None]
"""Told how much is done of how much, in bytes of recordings."""

Shard = tuple[Recording, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A recording that has no rows, and why."""

    path: Path
    reason: str


def work_through(
    recordings: Sequence[Recording],
    config: TableConfig,
    *,
    folder: Path,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Iterator[Skipped]:
    """Write the parts of all recordings; yield those that cannot be read.

    Further processes cost seconds before they do anything, so they are begun only when this one
    has measured that what is left will take longer. The numbers do not depend on it.

    Args:
        recordings: what is left to do.
        config: what to compute.
        folder: where the parts go.
        jobs: most processes, >= 1.
        progress: told as it goes on.
    """
    shards = list(plan_shards(recordings))
    total = sum(map(_weight, recordings))
    done, started = 0.0, time.monotonic()
    while shards and not (jobs > 1 and _worth_more(shards, done, time.monotonic() - started)):
        shard = shards.pop(0)
        yield from make_part(shard, config, folder, told=_within(done, total, progress))
        done += sum(map(_weight, shard))
        if progress is not None:
            progress(done, total)
    if shards:
        from auricle.archive.processes import share_out

        for shard, skipped in share_out(shards, config, folder=folder, jobs=jobs):
            yield from skipped
            done += sum(map(_weight, shard))
            if progress is not None:
                progress(done, total)


def plan_shards(recordings: Sequence[Recording]) -> Iterator[Shard]:
    """Consecutive recordings that share a part."""
    shard: list[Recording] = []
    size = 0
    for recording in recordings:
        if shard and (len(shard) >= _FILES_A_PART or size + recording.size > _BYTES_A_PART):
            yield tuple(shard)
            shard, size = [], 0
        shard.append(recording)
        size += recording.size
    if shard:
        yield tuple(shard)


def make_part(
    shard: Shard,
    config: TableConfig,
    folder: Path,
    *,
    told: Callable[[Recording, float], None] | None = None,
) -> list[Skipped]:
    """Compute and write one part; a recording that cannot be read is left out of it."""
    skipped = []
    writer = PartWriter(folder, columns=len(columns_of(config)))
    try:
        with one_thread():
            for recording in shard:
                try:
                    on_heard = None if told is None else _named(told, recording)
                    write_rows(recording, config, writer, told=on_heard)
                except OutputError:
                    raise
                except AuricleError as error:
                    writer.failed()
                    skipped.append(Skipped(path=recording.path, reason=str(error)))
        writer.close()
    finally:
        writer.discard()
    return skipped


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread meanwhile: short frames gain nothing from more, and numbers stay."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _weight(recording: Recording) -> float:
    return float(max(recording.size, 1))


def _worth_more(shards: Sequence[Shard], done: float, elapsed_s: float) -> bool:
    left = sum(_weight(recording) for shard in shards for recording in shard)
    if len(shards) < 2 or (elapsed_s < _TRIAL_S and left < _PLENTY):
        return False
    return left > _PLENTY or elapsed_s / done * left > _WORTH_S


def _named(
    told: Callable[[Recording, float], None], recording: Recording
) -> Callable[[float], None]:
    return lambda seconds: told(recording, seconds)


def _within(
    done: float, total: float, progress: Progress | None
) -> Callable[[Recording, float], None] | None:
    """Progress inside a shard, by the seconds heard of each recording's length."""
    if progress is None:
        return None
    from auricle.io import audio_info

    finished = done
    heard_s = length_s = 0.0
    at: Recording | None = None

    def told(recording: Recording, seconds: float) -> None:
        nonlocal at, finished, heard_s, length_s
        if recording != at:
            finished += 0.0 if at is None else _weight(at)
            at, heard_s, length_s = recording, seconds, 0.0
            return
        length_s = length_s or audio_info(recording.path).duration_s
        heard_s += seconds
        share = min(heard_s / length_s, 1.0) if length_s else 0.0
        progress(finished + share * _weight(recording), total)

    return told
