"""The minimal GRU's layer compiled for the processor: products and recurrence tile by tile.

Gates live in a block of a few frames, in the first level of the cache, between the product that
makes them and the recurrence that uses them up; gradients of the gates live in a tile of the second
level between the recurrence and the two products that need them. Of all frames only z and h are
kept. While a product computes, it asks for the memory of the frames that come next, so that the
recurrence finds them in the cache. Functions run over items ``first`` to ``last`` of the batch,
serially, without the interpreter's lock; inputs are flat arrays with strides counted in elements.
"""

from typing import no_type_check

import numpy as np
from numba import njit

from auricle.ops import rational_tanh
from auricle.ops.min_gru import scans
from auricle.ops.min_gru.scans import scan, scan_back
from auricle.ops.tiles import functions, products, tile, vectors
from auricle.ops.tiles.packing import stamp_of
from auricle.ops.tiles.products import FLAGS, STRIP
from auricle.ops.tiles.tile import (
    APART,
    TILE,
    ask,
    copy_rows,
    multiply_gates,
    multiply_gradients,
    padded,
)


@njit(**FLAGS)
@no_type_check
def _scan_tile_back(
    one, tile, grad_bias, from_y, grad_frame, grad_h, y, z, h_first, start, rows
):  # fmt: skip
    """Gradients of the gates of an item's frames from ``start`` on, a strip after the other."""
    hidden, size = y.shape[1], y.itemsize
    for begin in range((rows - 1) // STRIP * STRIP, -1, -STRIP):
        t, count = start + begin, min(STRIP, rows - begin)
        before = y[t - 1] if t > 0 else h_first
        scan_back(
            one, size, from_y + begin * grad_frame * size, grad_frame, grad_h.ctypes.data,
            y[t].ctypes.data, before.ctypes.data, z[t].ctypes.data, tile[begin].ctypes.data,
            tile.shape[1], grad_bias.ctypes.data, count, hidden,
        )  # fmt: skip


@njit(**FLAGS)
@no_type_check
def _ask_tile(soon, y, z, high, from_y, grad_frame, from_x, x_frame):
    """Have the next products bring in what the next tile reads: its y, z, gradients and inputs."""
    size, hidden = y.itemsize, y.shape[-1]
    ask(soon, 0, y.ctypes.data, high * hidden * size)
    ask(soon, 1, z.ctypes.data, high * hidden * size)
    ask(soon, 2, from_y, high * grad_frame * size)
    ask(soon, 3, from_x, high * x_frame * size)


@no_type_check
def _compile_forward(stamp):
    """What Python calls; ``stamp`` as in `stamp_of`."""

    @njit(cache=True, **FLAGS)
    @no_type_check
    def forward(x, x_batch, x_frame, weight, bias, h_first, y, z, first, last):
        """Fill y and z [batch, frames, hidden]; ``weight`` is `packed` [inputs, 2 * hidden]."""
        _ = stamp
        frames, hidden, size = y.shape[1], y.shape[2], y.itemsize
        width = padded(2 * hidden, size)
        inputs, one = len(weight) // width, h_first.dtype.type(1)
        block, soon = np.empty((STRIP, width), dtype=y.dtype), np.empty((3, 2), dtype=np.intp)
        for i in range(first, last):
            before = h_first[i].ctypes.data
            for start in range(0, frames, STRIP):
                rows = min(STRIP, frames - start)
                at = x.ctypes.data + (i * x_batch + start * x_frame) * size
                out, gate = y[i, start].ctypes.data, z[i, start].ctypes.data
                ask(soon, 0, out, rows * hidden * size)
                ask(soon, 1, gate, rows * hidden * size)
                ask(soon, 2, at + rows * x_frame * size, rows * x_frame * size)
                multiply_gates(one, size, at, x_frame, weight, inputs, block, rows, soon)
                scan(
                    one, size, block.ctypes.data, width, bias.ctypes.data, before, out, gate,
                    rows, hidden,
                )  # fmt: skip
                before = y[i, start + rows - 1].ctypes.data

    return forward


@no_type_check
def _compile_backward(stamp):
    """As `_compile_forward`, for the gradients."""

    @njit(cache=True, **FLAGS)
    @no_type_check
    def backward(
        x, x_batch, x_frame, inputs, weight, h_first, y, z, grad_y, grad_batch, grad_frame,
        grad_h, grad_x, grad_weight, grad_bias, first, last,
    ):  # fmt: skip
        """Fill grad_x and grad_h, add to grad_weight [2 * hidden, padded inputs] and grad_bias.

        ``grad_h`` holds dL/dh_last before and dL/dh_first after; ``weight`` is `packed`
        [2 * hidden, inputs]; no grad_x where it has no items.
        """
        _ = stamp
        frames, hidden, size = y.shape[1], y.shape[2], y.itemsize
        columns, one = grad_weight.shape[1], h_first.dtype.type(1)
        tile = np.empty((TILE, padded(2 * hidden, size) + APART), dtype=y.dtype)
        spare = np.zeros((TILE, columns + APART), dtype=y.dtype)
        soon = np.empty((4, 2), dtype=np.intp)
        tiles = -(-frames // TILE)
        high = -(-frames // (max(1, tiles) * STRIP)) * STRIP  # alike, so that none is small
        for step in range((last - first) * tiles):
            i, start = first + step // tiles, (tiles - 1 - step % tiles) * high
            j = min(first + (step + 1) // tiles, last - 1)  # what comes next
            t = (tiles - 1 - (step + 1) % tiles) * high
            rows, nearby = min(high, frames - start), (i * frames + start) * inputs * size
            from_y = grad_y.ctypes.data + (j * grad_batch + t * grad_frame) * size
            from_x = x.ctypes.data + (j * x_batch + t * x_frame) * size
            _ask_tile(soon, y[j, t], z[j, t], high, from_y, grad_frame, from_x, x_frame)
            from_y = grad_y.ctypes.data + (i * grad_batch + start * grad_frame) * size
            _scan_tile_back(
                one, tile, grad_bias, from_y, grad_frame, grad_h[i], y[i], z[i], h_first[i],
                start, rows,
            )  # fmt: skip
            from_x = x.ctypes.data + (i * x_batch + start * x_frame) * size
            near, row = spare.ctypes.data, spare.shape[1]
            copy_rows(one, size, from_x, x_frame, near, row, rows, inputs)
            out = grad_x.ctypes.data + nearby if len(grad_x) else 0
            whole = columns == inputs
            to_x, to_x_row = (out, inputs) if whole or not out else (near, row)
            multiply_gradients(
                one, size, tile, near, row, grad_weight, weight, to_x, to_x_row, rows, soon
            )
            if out and not whole:
                copy_rows(one, size, near, row, out, inputs, rows, inputs)

    return backward


_stamp = stamp_of(products, tile, functions, scans, vectors, rational_tanh)
forward = _compile_forward(_stamp)
backward = _compile_backward(_stamp)
