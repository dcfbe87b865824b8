"""Parts of one kernel call, side by side on as many threads as torch may use, and no more.

The kernels are serial and hold no lock of the interpreter, so plain threads serve: nothing is set
up that a forked process would inherit broken, and nothing spins while it waits. The calling thread
works too, and takes over the parts that no other thread has begun, so that it never waits for one
that was given no processor.

Linux likes to wake a thread on the processor of the one that woke it, and then leaves it in the
queue behind it until the kernel call is over. Where the system allows it, the others are therefore
kept off the caller's processor before they are woken.
"""

import ctypes
import itertools
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Generic, Protocol, TypeVar, runtime_checkable

import torch

Part = TypeVar("Part")


_set_aside: list[int] = []  # of each `torch_on_one_thread` that is open, the threads before


def num_threads() -> int:
    """How many threads auricle's kernels may use: as many as torch, or as it may use again soon."""
    return _set_aside[0] if _set_aside else torch.get_num_threads()


@contextmanager
def torch_on_one_thread() -> Iterator[None]:
    """Let torch's operators run on the calling thread alone, and auricle's kernels as before.

    For a step whose time is in auricle's kernels: torch cuts even a product of 32 x 64 by 64 x 10
    among its threads, and waking a sleeping one takes longer than the product. The number of
    threads is one for the whole process, so do not open this on several threads at a time.
    """
    before = torch.get_num_threads()
    _set_aside.append(before)
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        _set_aside.pop()


def run_parts(work: Callable[[Part], None], parts: Sequence[Part]) -> None:
    """Call ``work`` with every part, once each, in any order; return when all are done.

    Args:
        work: must hold no lock of the interpreter for what takes long.
        parts: which part is whose is not fixed, so parts must not depend on each other.
    Raises:
        BaseException: the first error that ``work`` raised, once every part has ended.
    """
    helpers = min(num_threads(), len(parts)) - 1
    if helpers < 1:
        for part in parts:
            work(part)
        return
    job = _Job(work, parts)
    _wake(helpers, job)
    job.help()
    job.finish()


class _Job(Generic[Part]):
    """Parts that wait, and how many have ended."""

    def __init__(self, work: Callable[[Part], None], parts: Sequence[Part]) -> None:
        self._work, self._waiting = work, deque(parts)
        self._ended, self._parts = itertools.count(1), len(parts)  # both safe to share
        self._errors: list[BaseException] = []
        self._all_ended = threading.Lock()
        self._all_ended.acquire()

    def help(self) -> None:
        """Take parts until none waits."""
        while True:
            try:
                part = self._waiting.popleft()
            except IndexError:
                return
            try:
                self._work(part)
            except BaseException as error:  # it belongs to the caller
                self._errors.append(error)
            if next(self._ended) == self._parts:
                self._all_ended.release()

    def finish(self) -> None:
        """Wait until every part has ended."""
        self._all_ended.acquire()
        if self._errors:
            raise self._errors[0]


@runtime_checkable
class _Help(Protocol):
    def help(self) -> None: ...


class _Worker:
    """A thread that sleeps until there is a job."""

    def __init__(self, number: int) -> None:
        self.jobs: SimpleQueue[_Help] = SimpleQueue()
        name = f"auricle-ops-{number}"
        self.thread = threading.Thread(target=self._live, name=name, daemon=True)
        self.thread.start()

    def _live(self) -> None:
        while True:
            self.jobs.get().help()


_workers: list[_Worker] = []
_growing = threading.Lock()


def _wake(count: int, job: _Help) -> None:
    with _growing:
        while len(_workers) < count:
            _workers.append(_Worker(len(_workers)))
    workers = _workers[:count]
    _keep_apart(workers)
    for worker in workers:
        worker.jobs.put(job)


def _keep_apart(workers: Sequence[_Worker]) -> None:
    """Let the workers run on any processor of this thread but the one that it runs on."""
    if _processor is None:
        return
    try:
        others = os.sched_getaffinity(0) - {_processor()}
        for worker in workers:
            if others and worker.thread.native_id is not None:
                os.sched_setaffinity(worker.thread.native_id, others)
    except OSError:  # not allowed here: the system places them
        return


def _find_processor() -> Callable[[], int] | None:
    """The C library's function for the processor that this thread runs on, where there is one."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    try:
        found: Callable[[], int] = ctypes.CDLL(None).sched_getcpu
    except (OSError, AttributeError):
        return None
    return found


_processor = _find_processor()


def _forget() -> None:
    """A forked child has none of its parent's threads, and perhaps a lock that one of them held."""
    global _growing
    _workers.clear()
    _growing = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
