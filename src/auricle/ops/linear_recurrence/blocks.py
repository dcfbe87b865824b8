"""One kernel call cut into blocks of clips or channels, for `auricle.ops.workers`."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Int64

from auricle.ops.workers import num_threads, run_parts

Block = tuple[int, int, int, int]

_ENOUGH = 1 << 17  # numbers (frames * channels) that repay waking another thread
_VECTOR = 16  # channels of the widest vector: a block's width is a multiple of it


def run_blocks(
    kernel: Callable[[Block], None], lengths: Int64[np.ndarray, " batch"], *, hidden: int
) -> None:
    """Call ``kernel`` with blocks (first clip, end, first channel, end) that cover everything.

    Args:
        lengths: frames of each clip; clips are shared out so that each thread has as many frames.
        hidden: channels; they are shared out where there are fewer clips than threads.
    """
    numbers = int(lengths.sum()) * hidden
    parts = min(num_threads(), numbers // _ENOUGH)
    run_parts(kernel, plan_blocks(lengths, hidden=hidden, parts=parts))


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
