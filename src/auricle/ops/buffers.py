"""Large arrays whose memory is kept when they are freed, and used again by the next ones.

The C library gives a large block back to the system as soon as it is freed, and asks for it again
at the next training step; the system then clears it page by page, which costs as much as a product.
Here a block waits for the next array of about its size. It is free only when the last tensor, array
or view that shares it is gone, whoever holds it, so nothing can be overwritten that is still seen.
At most an eighth of the machine's memory, and 2 GiB, waits.
"""

import mmap
import os
import threading
import weakref
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

_LARGE = 1 << 20  # bytes; the C library does well with less
_PAGE = 1 << 21  # of the large kind, which the system fills at once
_MOST_SPARE = 0.25  # of a block, so that memory is not wasted
_NUMPY: dict[torch.dtype, np.dtype[np.float32] | np.dtype[np.float64]] = {
    torch.float32: np.dtype(np.float32),
    torch.float64: np.dtype(np.float64),
}


def empty(shape: Sequence[int], *, like: Tensor) -> Tensor:
    """A tensor on the processor with any content.

    Args:
        like: of this dtype, float32 or float64.
    """
    kind = _NUMPY[like.dtype]
    count = 1
    for size in shape:
        count *= size
    if count * kind.itemsize < _LARGE:
        return torch.empty(tuple(shape), dtype=like.dtype)
    block = _take(count * kind.itemsize)
    array: np.ndarray = np.frombuffer(block, dtype=kind, count=count)
    weakref.finalize(array, _give, block).atexit = False
    return torch.from_numpy(array).view(tuple(shape))


_idle: list[mmap.mmap] = []  # the longest unused first
_changing = threading.Lock()


def _take(size: int) -> mmap.mmap:
    """An idle block that is large enough and not much larger, else a new one."""
    with _changing:
        fitting = [
            block for block in _idle if size <= len(block) <= (1 + _MOST_SPARE) * size + _PAGE
        ]
        if fitting:
            best = min(reversed(fitting), key=len)
            _idle.remove(best)
            return best
    block = mmap.mmap(-1, -(-size // _PAGE) * _PAGE)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        try:
            block.madvise(mmap.MADV_HUGEPAGE)
        except OSError:
            pass  # a system without large pages; it works with small ones
    return block


def _give(block: mmap.mmap) -> None:
    """Keep a block. Runs whenever an array is freed, perhaps within `_take`: so it never waits."""
    if not _changing.acquire(blocking=False):
        return
    try:
        _idle.append(block)
        while sum(map(len, _idle)) > _KEPT:
            del _idle[0]
    finally:
        _changing.release()


def _memory() -> int:
    """Bytes of the machine's memory; 4 GiB where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 4 << 30


_KEPT = min(2 << 30, _memory() // 8)


def _forget() -> None:
    """A forked child has its parent's blocks as copies, and perhaps its lock held."""
    global _changing
    _idle.clear()
    _changing = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
