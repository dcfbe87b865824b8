"""Many recordings, at once where there are processors; what is done is put on a shelf."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import torch

from auricle.archive.front_end import columns_of
from auricle.archive.part_writer import PartWriter
from auricle.archive.parts import Entry
from auricle.archive.recordings import Recording
from auricle.archive.rows import Waiting, write_rows, write_waiting
from auricle.archive.settings import TableConfig
from auricle.archive.shelf import Shelf
from auricle.errors import AuricleError, OutputError

_FILES_A_SHARD = 8  # few, so that all threads end together
_BYTES_A_SHARD = 16_000_000  # of recordings
_SAMPLES_WAIT = 1 << 20  # of recordings that were read; 4 MB
_MOST_THREADS = 4  # beyond, they wait for each other more than they work
_THREADS_DO = 2  # processors that threads alone keep busy
_TRIAL_S = 2.0  # of work, before processes may be worth their start
_WORTH_S = 10.0  # of work that is left

Progress = Callable[[float, float], None]
"""Told how much is done of how much, in bytes of recordings."""

Shard = tuple[Recording, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A recording that has no rows, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What became of a shard."""

    entries: Sequence[Entry]
    skipped: Sequence[Skipped]


class StoppedError(Exception):
    """Nobody wants the rest any more."""


def work_through(
    recordings: Sequence[Recording],
    config: TableConfig,
    *,
    shelf: Shelf,
    folder: Path,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Iterator[Skipped]:
    """Compute the rows of all recordings; yield those that cannot be read.

    Decoding and transforms hold no lock of the interpreter, so threads serve for a start. Further
    processes cost seconds before they do anything: they are begun only where there are more
    processors than threads keep busy, and when what is left was seen to take longer than that.
    The numbers depend on none of it. When it ends before its end, for whatever reason but a kill,
    what was done is on the disk.

    Args:
        recordings: what is left to do.
        config: what to compute.
        shelf: takes the rows.
        folder: where rows go that are too many for memory.
        jobs: most recordings at a time, >= 1; with one, no thread is begun.
        progress: told as it goes on, from any thread.
    """
    done = False
    try:
        for made in _made(recordings, config, folder, jobs=jobs, progress=progress):
            shelf.put(made.entries)
            yield from made.skipped
        done = True
    finally:
        if not done:
            with suppress(OSError, OutputError):  # what stopped it is raised already
                shelf.write_out()


def _made(
    recordings: Sequence[Recording],
    config: TableConfig,
    folder: Path,
    *,
    jobs: int,
    progress: Progress | None,
) -> Iterator[Made]:
    tally = _Tally(recordings, progress)
    shards = list(plan_shards(recordings))
    with one_thread():
        if jobs == 1 or len(shards) == 1:
            for shard in shards:
                yield make_part(shard, config, folder, told=tally.add)
            return
        rest: list[Shard] = []
        yield from _in_threads(shards, config, folder, jobs=jobs, tally=tally, rest=rest)
        if rest:
            from auricle.archive.processes import share_out

            for shard, made in share_out(rest, config, folder=folder, jobs=jobs):
                yield made
                tally.add(sum(map(_weight, shard)))


def _in_threads(
    shards: Sequence[Shard],
    config: TableConfig,
    folder: Path,
    *,
    jobs: int,
    tally: "_Tally",
    rest: list[Shard],
) -> Iterator[Made]:
    """Do the shards, or leave some of them in ``rest`` for processes."""
    stop = threading.Event()

    def told(weight: float) -> None:
        if stop.is_set():
            raise StoppedError
        tally.add(weight)

    pool = ThreadPoolExecutor(
        min(jobs, _MOST_THREADS), initializer=torch.set_num_threads, initargs=(1,)
    )
    try:
        waiting: dict[Future[Made], Shard] = {
            pool.submit(make_part, shard, config, folder, told=told): shard for shard in shards
        }
        for future in as_completed(tuple(waiting)):
            waiting.pop(future)
            if future.cancelled():
                continue
            if future.exception() is not None:
                stop.set()
                pool.shutdown(cancel_futures=True)
                yield from _that_ended_well(waiting)
            yield future.result()
            if jobs > _THREADS_DO and _worth_more(tally):
                rest += [shard for one, shard in waiting.items() if not one.done() and one.cancel()]
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _that_ended_well(futures: Iterable["Future[Made]"]) -> Iterator[Made]:
    for future in futures:
        if future.done() and not future.cancelled() and future.exception() is None:
            yield future.result()


def plan_shards(recordings: Sequence[Recording]) -> Iterator[Shard]:
    """Consecutive recordings that share a part."""
    shard: list[Recording] = []
    size = 0
    for recording in recordings:
        if shard and (len(shard) >= _FILES_A_SHARD or size + recording.size > _BYTES_A_SHARD):
            yield tuple(shard)
            shard, size = [], 0
        shard.append(recording)
        size += recording.size
    if shard:
        yield tuple(shard)


def make_part(
    shard: Shard, config: TableConfig, folder: Path, *, told: Callable[[float], None]
) -> Made:
    """Compute the rows of some recordings; one that cannot be read is left out of them.

    Args:
        shard: recordings.
        config: what to compute.
        folder: where rows go that are too many for memory.
        told: told the bytes that were worked through since the last time.
    """
    skipped: list[Skipped] = []
    waiting: list[Waiting] = []
    writer = PartWriter(folder, columns=len(columns_of(config)), settings=config)

    def finish_waiting() -> None:
        for recording, error in write_waiting(waiting, config, writer):
            skipped.append(Skipped(path=recording.path, reason=str(error)))

    try:
        for recording in shard:
            share = _Share(_weight(recording), told)
            try:
                write_rows(recording, config, writer, waiting=waiting, told=share.add)
            except OutputError:
                raise
            except AuricleError as error:
                writer.failed()
                skipped.append(Skipped(path=recording.path, reason=str(error)))
            if sum(len(one.waveform) for one in waiting) > _SAMPLES_WAIT:
                finish_waiting()
            share.finish()
        finish_waiting()
        return Made(entries=writer.close(), skipped=skipped)
    finally:
        writer.discard()


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread meanwhile: short frames gain nothing from more, and numbers stay."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _Tally:
    """How much is done of how much; any thread may add to it."""

    def __init__(self, recordings: Sequence[Recording], progress: Progress | None) -> None:
        self.total, self.done = sum(map(_weight, recordings)), 0.0
        self.started, self.progress = time.monotonic(), progress
        self._lock = threading.Lock()

    def add(self, weight: float) -> None:
        with self._lock:
            self.done = min(self.done + weight, self.total)
            if self.progress is not None:
                self.progress(self.done, self.total)

    def left_s(self) -> float:
        """Seconds that the rest will take at this pace."""
        elapsed = time.monotonic() - self.started
        return elapsed * (self.total - self.done) / max(self.done, 1.0)


class _Share:
    """A recording's bytes, told piece by piece, and the rest at its end."""

    def __init__(self, weight: float, told: Callable[[float], None]) -> None:
        self.weight, self.left, self.told = weight, weight, told

    def add(self, share: float) -> None:
        """So much of it, in [0, 1], was heard."""
        step = min(share * self.weight, self.left)
        self.left -= step
        self.told(step)

    def finish(self) -> None:
        self.told(self.left)


def _weight(recording: Recording) -> float:
    return float(max(recording.size, 1))


def _worth_more(tally: _Tally) -> bool:
    return time.monotonic() - tally.started > _TRIAL_S and tally.left_s() > _WORTH_S
