"""The same work in several processes."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.synchronize import Event
from pathlib import Path

import torch

from auricle.archive.settings import TableConfig
from auricle.archive.work import Made, Shard, StoppedError, make_part
from auricle.errors import ArchiveError, message

_stop: Event | None = None


def share_out(
    shards: Sequence[Shard], config: TableConfig, *, folder: Path, jobs: int
) -> Iterator[tuple[Shard, Made]]:
    """Compute the rows of each shard, ``jobs`` at a time; yield them as they are ready.

    Processes are spawned, not forked, so they are the same on every system. When this one is
    stopped, in whatever way, they end, too.

    Raises:
        ArchiveError: a process was killed from outside.
    """
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    pool = ProcessPoolExecutor(
        min(jobs, len(shards)), mp_context=context, initializer=_begin, initargs=(stop,)
    )
    try:
        waiting: dict[Future[Made], Shard] = {
            pool.submit(_work, shard, config, folder): shard for shard in shards
        }
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    except BrokenProcessPool as error:
        raise _killed() from error
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _begin(stop: Event) -> None:
    """In a new process: leave Ctrl-C to the first one, and do not outlive it."""
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _killed() -> ArchiveError:
    return ArchiveError(
        message(
            "jobs",
            expected="processes that live until their work is done",
            got="one that was killed",
            remedy="Was memory short? What is done is kept: the same command goes on with the "
            "rest; give it --jobs 1.",
        )
    )


def _work(shard: Shard, config: TableConfig, folder: Path) -> Made:
    return make_part(shard, config, folder, told=_check)


def _check(weight: float) -> None:
    if _stop is not None and _stop.is_set():
        raise StoppedError
