"""Sharing items of a batch among as many threads as torch has been given."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch

_pools: dict[int, ThreadPoolExecutor] = {}


def shares(items: int) -> list[tuple[int, int]]:
    """First and last item of each thread; fixed for a number of threads and of items."""
    count = max(1, min(torch.get_num_threads(), items))
    cuts = [items * at // count for at in range(count + 1)]
    return list(zip(cuts[:-1], cuts[1:], strict=True))


def run_shares(work: Callable[[int, int, int], None], parts: list[tuple[int, int]]) -> None:
    """Call ``work(number, first, last)`` for every share, the last one in this thread."""
    waiting = [
        _pool(len(parts) - 1).submit(work, number, *part) for number, part in enumerate(parts[:-1])
    ]
    work(len(parts) - 1, *parts[-1])
    for one in waiting:
        one.result()


def _pool(size: int) -> ThreadPoolExecutor:
    if size not in _pools:
        _pools[size] = ThreadPoolExecutor(size, thread_name_prefix="auricle-layer")
    return _pools[size]


if hasattr(os, "register_at_fork"):  # threads do not live on in a forked child
    os.register_at_fork(after_in_child=_pools.clear)
