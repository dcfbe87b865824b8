"""The RG-LRU's layer compiled for the processor, as `auricle.ops.min_gru.kernels`.

Of all frames h and the two gates are kept; what else the gradients need follows from them.
"""

from typing import no_type_check

import numpy as np
from numba import njit

from auricle.ops import rational_tanh
from auricle.ops.rg_lru import scans
from auricle.ops.rg_lru.scans import scan, scan_back
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
def _ask_strip(soon, y, r, i, from_x, rows, x_frame):
    """Have the product of the gates bring in what the recurrence writes, and the next inputs."""
    size, reach = y.itemsize, rows * y.shape[-1] * y.itemsize
    ask(soon, 0, y.ctypes.data, reach)
    ask(soon, 1, r.ctypes.data, reach)
    ask(soon, 2, i.ctypes.data, reach)
    ask(soon, 3, from_x + rows * x_frame * size, rows * x_frame * size)


@njit(**FLAGS)
@no_type_check
def _scan_tile_back(
    one, gradients, grad_bias, grad_rate, from_y, grad_frame, grad_h, y, r, i, rate, h_first,
    start, rows,
):  # fmt: skip
    """Gradients of the gates of an item's frames from ``start`` on, a strip after the other."""
    hidden, size = y.shape[1], y.itemsize
    for begin in range((rows - 1) // STRIP * STRIP, -1, -STRIP):
        t, count = start + begin, min(STRIP, rows - begin)
        before = y[t - 1] if t > 0 else h_first
        scan_back(
            one, size, from_y + begin * grad_frame * size, grad_frame, grad_h.ctypes.data,
            y[t].ctypes.data, before.ctypes.data, r[t].ctypes.data, i[t].ctypes.data,
            rate.ctypes.data, gradients[begin].ctypes.data, gradients.shape[1],
            grad_bias.ctypes.data, grad_rate.ctypes.data, count, hidden,
        )  # fmt: skip


@njit(**FLAGS)
@no_type_check
def _ask_tile(soon, y, r, i, high, from_y, grad_frame, from_x, x_frame):
    """Have the next products bring in what the next tile reads."""
    size, reach = y.itemsize, high * y.shape[-1] * y.itemsize
    ask(soon, 0, y.ctypes.data, reach)
    ask(soon, 1, r.ctypes.data, reach)
    ask(soon, 2, i.ctypes.data, reach)
    ask(soon, 3, from_y, high * grad_frame * size)
    ask(soon, 4, from_x, high * x_frame * size)


@no_type_check
def _compile_forward(stamp):
    """What Python calls; ``stamp`` as in `stamp_of`."""

    @njit(cache=True, **FLAGS)
    @no_type_check
    def forward(x, x_batch, x_frame, weight, bias, rate, h_first, y, r, i, first, last):
        """Fill y, r, i [batch, frames, hidden]; ``weight`` is packed [inputs, 3 * hidden]."""
        _ = stamp
        frames, hidden, size = y.shape[1], y.shape[2], y.itemsize
        width = padded(3 * hidden, size)
        inputs, one = len(weight) // width, h_first.dtype.type(1)
        block, soon = np.empty((STRIP, width), dtype=y.dtype), np.empty((4, 2), dtype=np.intp)
        for item in range(first, last):
            before = h_first[item].ctypes.data
            for start in range(0, frames, STRIP):
                rows = min(STRIP, frames - start)
                at = x.ctypes.data + (item * x_batch + start * x_frame) * size
                to_y, to_r, to_i = y[item, start], r[item, start], i[item, start]
                _ask_strip(soon, to_y, to_r, to_i, at, rows, x_frame)
                multiply_gates(one, size, at, x_frame, weight, inputs, block, rows, soon)
                scan(
                    one, size, block.ctypes.data, width, bias.ctypes.data, rate.ctypes.data,
                    before, to_y.ctypes.data, to_r.ctypes.data, to_i.ctypes.data, rows, hidden,
                )  # fmt: skip
                before = y[item, start + rows - 1].ctypes.data

    return forward


@no_type_check
def _compile_backward(stamp):
    """As `_compile_forward`, for the gradients."""

    @njit(cache=True, **FLAGS)
    @no_type_check
    def backward(
        x, x_batch, x_frame, inputs, weight, rate, h_first, y, r, i, grad_y, grad_batch,
        grad_frame, grad_h, grad_x, grad_weight, grad_bias, grad_rate, first, last,
    ):  # fmt: skip
        """As the minimal GRU's; ``grad_rate`` adds up dL/dlog(rate)."""
        _ = stamp
        frames, hidden, size = y.shape[1], y.shape[2], y.itemsize
        columns, one = grad_weight.shape[1], h_first.dtype.type(1)
        gradients = np.empty((TILE, padded(3 * hidden, size) + APART), dtype=y.dtype)
        spare = np.zeros((TILE, columns + APART), dtype=y.dtype)
        soon = np.empty((5, 2), dtype=np.intp)
        tiles = -(-frames // TILE)
        high = -(-frames // (max(1, tiles) * STRIP)) * STRIP  # alike, so that none is small
        for step in range((last - first) * tiles):
            item, start = first + step // tiles, (tiles - 1 - step % tiles) * high
            j = min(first + (step + 1) // tiles, last - 1)  # what comes next
            t = (tiles - 1 - (step + 1) % tiles) * high
            rows, nearby = min(high, frames - start), (item * frames + start) * inputs * size
            from_y = grad_y.ctypes.data + (j * grad_batch + t * grad_frame) * size
            from_x = x.ctypes.data + (j * x_batch + t * x_frame) * size
            _ask_tile(soon, y[j, t], r[j, t], i[j, t], high, from_y, grad_frame, from_x, x_frame)
            from_y = grad_y.ctypes.data + (item * grad_batch + start * grad_frame) * size
            _scan_tile_back(
                one, gradients, grad_bias, grad_rate, from_y, grad_frame, grad_h[item], y[item],
                r[item], i[item], rate, h_first[item], start, rows,
            )  # fmt: skip
            from_x = x.ctypes.data + (item * x_batch + start * x_frame) * size
            near, row = spare.ctypes.data, spare.shape[1]
            copy_rows(one, size, from_x, x_frame, near, row, rows, inputs)
            out = grad_x.ctypes.data + nearby if len(grad_x) else 0
            whole = columns == inputs
            to_x, to_x_row = (out, inputs) if whole or not out else (near, row)
            multiply_gradients(
                one, size, gradients, near, row, grad_weight, weight, to_x, to_x_row, rows, soon
            )
            if out and not whole:
                copy_rows(one, size, near, row, out, inputs, rows, inputs)

    return backward


_stamp = stamp_of(products, tile, functions, scans, vectors, rational_tanh)
forward = _compile_forward(_stamp)
backward = _compile_backward(_stamp)
