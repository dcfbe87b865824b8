"""One kernel call split over as many threads as torch may use, and no more.

The kernels are serial and hold no lock of the interpreter, so plain threads serve: nothing is set
up that a forked process would inherit broken, and nothing spins while it waits.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from jaxtyping import Int64

Block = tuple[int, int, int, int]

_ENOUGH = 1 << 17  # numbers (frames * channels) that repay waking another thread
_VECTOR = 16  # channels of the widest vector: a block's width is a multiple of it

_pools: dict[int, ThreadPoolExecutor] = {}


def run_blocks(
    kernel: Callable[[Block], None], lengths: Int64[np.ndarray, " batch"], *, hidden: int
) -> None:
    """Call ``kernel`` with blocks (first clip, end, first channel, end) that cover everything.

    Args:
        lengths: frames of each clip; clips are shared out so that each thread has as many frames.
        hidden: channels; they are shared out where there are fewer clips than threads.
    """
    numbers = int(lengths.sum()) * hidden
    blocks = plan_blocks(lengths, hidden=hidden, parts=min(_threads(), numbers // _ENOUGH))
    first, *others = blocks
    if not others:
        kernel(first)
        return
    waiting = [_pool(len(others)).submit(kernel, block) for block in others]
    try:
        kernel(first)
    finally:
        for future in waiting:
            future.result()


def plan_blocks(lengths: Int64[np.ndarray, " batch"], *, hidden: int, parts: int) -> list[Block]:
    """At least one block and about ``parts`` of them, each of about as many frames * channels."""
    batch = len(lengths)
    if parts <= 1 or not batch:
        return [(0, batch, 0, hidden)]
    if batch >= parts:
        ends = np.searchsorted(np.cumsum(lengths), lengths.sum() * np.arange(1, parts) / parts) + 1
        edges = sorted({0, *(min(int(end), batch) for end in ends), batch})
        return [(a, b, 0, hidden) for a, b in zip(edges, edges[1:], strict=False)]
    width = -(-hidden * batch // parts)
    width = -(-width // _VECTOR) * _VECTOR
    starts = range(0, hidden, width)
    return [(i, i + 1, k, min(k + width, hidden)) for i in range(batch) for k in starts]


def _threads() -> int:
    return torch.get_num_threads()


def _pool(workers: int) -> ThreadPoolExecutor:
    """A pool of this size; threads of a pool start when they are first needed and then sleep."""
    if workers not in _pools:
        _pools[workers] = ThreadPoolExecutor(workers, thread_name_prefix="auricle-recurrence")
    return _pools[workers]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pools.clear)  # a child has none of its parent's threads
