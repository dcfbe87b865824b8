"""The recurrence of the minimal GRU over a few frames, forward and back.

Everything here works on addresses and on strides that count elements, and is compiled into
`kernels.py`.
"""

from typing import no_type_check

from numba import njit

from auricle.ops.tiles.functions import sigmoid
from auricle.ops.tiles.products import FLAGS
from auricle.ops.tiles.vectors import VECTOR_BYTES, load, splat, store


@njit(**FLAGS)
@no_type_check
def scan(one, size, gates, width, bias, before, y, z, rows, hidden):
    """h of a block of frames from their gates; all but the numbers are addresses."""
    lanes, ones = VECTOR_BYTES // size, splat(one)
    for k in range(0, hidden, lanes):
        at, count = k * size, hidden - k
        h = load(one, before + at, count)
        bias_z = load(one, bias + at, count)
        bias_c = load(one, bias + hidden * size + at, count)
        for row in range(rows):
            here = gates + row * width * size + at
            now = sigmoid(load(one, here, count) + bias_z, one)
            c = load(one, here + hidden * size, count) + bias_c
            h = (ones - now) * h + now * c
            there = row * hidden * size + at
            store(h, y + there, count)
            store(now, z + there, count)


@njit(**FLAGS)
@no_type_check
def scan_back(
    one, size, grad_y, grad_frame, grad_h, y, before, z, tile, width, grad_bias, rows, hidden
):  # fmt: skip
    """Gradients of the gates of a tile, the last frame first; all but the numbers are addresses."""
    lanes, ones, zeros = VECTOR_BYTES // size, splat(one), splat(one - one)
    for k in range(0, hidden, lanes):
        at, count = k * size, hidden - k
        g = load(one, grad_h + at, count)
        bias_z, bias_c = zeros, zeros
        h = load(one, y + (rows - 1) * hidden * size + at, count)
        for row in range(rows - 1, -1, -1):
            earlier = y + (row - 1) * hidden * size if row > 0 else before
            h_before = load(one, earlier + at, count)
            z_t = load(one, z + row * hidden * size + at, count)
            from_y = load(one, grad_y + row * grad_frame * size + at, count)
            keep = ones - z_t
            grad_c = (g + from_y) * z_t
            g = g * keep + from_y * keep
            grad_z = g * (h - h_before)
            here = tile + row * width * size + at
            store(grad_z, here, count)
            store(grad_c, here + hidden * size, count)
            bias_z, bias_c, h = bias_z + grad_z, bias_c + grad_c, h_before
        store(g, grad_h + at, count)
        there = grad_bias + at
        store(load(one, there, count) + bias_z, there, count)
        store(load(one, there + hidden * size, count) + bias_c, there + hidden * size, count)
