"""The recurrence of the minimal GRU over a few frames, forward and back, and copies of rows.

Everything here works on addresses and on strides that count elements, and is compiled into
`kernels.py`.
"""

from typing import no_type_check

import numpy as np
from numba import njit
from numba.extending import overload

from auricle.ops.min_gru.products import FLAGS
from auricle.ops.min_gru.vectors import (
    VECTOR_BYTES,
    exponential,
    larger,
    load,
    smaller,
    splat,
    store,
)
from auricle.ops.rational_tanh import LIMIT, P0, P1, P2, P3, P4, P5, P6, Q0, Q1, Q2, Q3

_HALF = np.float32(0.5)


def sigmoid(x, one):  # type: ignore[no-untyped-def]
    """1 / (1 + exp(-x)) of a vector; in float32 half of a rational tanh, to 2e-7."""
    raise NotImplementedError("compiled code only")


@overload(sigmoid)
@no_type_check
def _sigmoid_by_type(x, one):
    def rational(x, one):
        half, limit = splat(one * _HALF), one * LIMIT
        y = smaller(larger(x * half, splat(-limit)), splat(limit))
        s = y * y
        p = splat(one * P6) * s + splat(one * P5)
        p = ((p * s + splat(one * P4)) * s + splat(one * P3)) * s + splat(one * P2)
        p = ((p * s + splat(one * P1)) * s + splat(one * P0)) * y
        q = (splat(one * Q3) * s + splat(one * Q2)) * s + splat(one * Q1)
        return half + half * (p / (q * s + splat(one * Q0)))

    def exact(x, one):
        return splat(one) / (splat(one) + exponential(splat(-one) * x))

    return rational if x.bits == 32 else exact


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


@njit(**FLAGS)
@no_type_check
def copy_rows(one, size, source, source_row, target, target_row, rows, columns):
    """Rows of a matrix from one address to another."""
    lanes = VECTOR_BYTES // size
    for row in range(rows):
        from_, to = source + row * source_row * size, target + row * target_row * size
        for k in range(0, columns, lanes):
            store(load(one, from_ + k * size, columns - k), to + k * size, columns - k)
