"""The minimal GRU's layer compiled for the processor: products and recurrence tile by tile.

Gates live in a block of a few frames, in the first level of the cache, between the product that
makes them and the recurrence that uses them up; gradients of the gates live in a tile of the second
level between the recurrence and the two products that need them. Of all frames only z and h are
kept. Functions run over items ``first`` to ``last`` of the batch, serially, without the
interpreter's lock; inputs are flat arrays with strides counted in elements.
"""

from typing import no_type_check

import numpy as np
from numba import njit
from numba.extending import overload

from auricle.ops.min_gru.products import FLAGS, STRIP, multiply, pack
from auricle.ops.min_gru.vectors import (
    VECTOR_BYTES,
    exponential,
    larger,
    load,
    smaller,
    splat,
    store,
)

# Rational approximation of tanh on [-7.905, 7.905]: odd numerator, even denominator, highest
# power first; sigmoid(x) = 1/2 + tanh(x/2) / 2. Largest error of the sigmoid in float32: 2e-7.
# The coefficients are those of Eigen's `generic_fast_tanh_float` (MPL 2.0 lists them as data).
_P6, _P5, _P4, _P3, _P2, _P1, _P0 = (
    np.float32(value)
    for value in (
        -2.76076847742355e-16,
        2.00018790482477e-13,
        -8.60467152213735e-11,
        5.12229709037114e-08,
        1.48572235717979e-05,
        6.37261928875436e-04,
        4.89352455891786e-03,
    )
)
_Q3, _Q2, _Q1, _Q0 = (
    np.float32(value)
    for value in (
        1.19825839466702e-06,
        1.18534705686654e-04,
        2.26843463243900e-03,
        4.89352518554385e-03,
    )
)
_LIMIT, _HALF = np.float32(7.90531110763549805), np.float32(0.5)
TILE = 8 * STRIP  # frames of gate gradients that wait for their products
_APART = 16  # elements between rows, so that columns do not fall into one set of the cache


@njit(**FLAGS)
@no_type_check
def padded(columns, size):
    """``columns`` filled up to whole vectors."""
    lanes = VECTOR_BYTES // size
    return -(-columns // lanes) * lanes


@njit(**FLAGS)
@no_type_check
def packed(matrix):
    """`pack` into new memory."""
    depth, columns = matrix.shape
    out = np.empty(depth * padded(columns, matrix.itemsize), dtype=matrix.dtype)
    pack(matrix, out)
    return out


def sigmoid(x, one):  # type: ignore[no-untyped-def]
    """1 / (1 + exp(-x)) of a vector; in float32 half of a rational tanh, to 2e-7."""
    raise NotImplementedError("compiled code only")


@overload(sigmoid)
@no_type_check
def _sigmoid_by_type(x, one):
    def rational(x, one):
        half, limit = splat(one * _HALF), one * _LIMIT
        y = smaller(larger(x * half, splat(-limit)), splat(limit))
        s = y * y
        p = splat(one * _P6) * s + splat(one * _P5)
        p = ((p * s + splat(one * _P4)) * s + splat(one * _P3)) * s + splat(one * _P2)
        p = ((p * s + splat(one * _P1)) * s + splat(one * _P0)) * y
        q = (splat(one * _Q3) * s + splat(one * _Q2)) * s + splat(one * _Q1)
        return half + half * (p / (q * s + splat(one * _Q0)))

    def exact(x, one):
        return splat(one) / (splat(one) + exponential(splat(-one) * x))

    return rational if x.bits == 32 else exact


@njit(**FLAGS)
@no_type_check
def _scan(one, size, gates, width, bias, before, y, z, rows, hidden):
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
def forward(x, x_batch, x_frame, weight, bias, h_first, y, z, first, last):
    """Fill y and z [batch, frames, hidden]; ``weight`` is `packed` [inputs, 2 * hidden]."""
    frames, hidden = y.shape[1], y.shape[2]
    size = y.itemsize
    lanes, width = VECTOR_BYTES // size, padded(2 * hidden, size)
    inputs = len(weight) // width
    one, block = h_first.dtype.type(1), np.empty((STRIP, width), dtype=y.dtype)
    for i in range(first, last):
        before = h_first[i].ctypes.data
        for start in range(0, frames, STRIP):
            rows = min(STRIP, frames - start)
            at = x.ctypes.data + (i * x_batch + start * x_frame) * size
            multiply(
                one, size, at, x_frame, 1, weight.ctypes.data, inputs, 2 * lanes, lanes,
                block.ctypes.data, width, rows, width, inputs, False,
            )  # fmt: skip
            _scan(
                one, size, block.ctypes.data, width, bias.ctypes.data, before,
                y[i, start].ctypes.data, z[i, start].ctypes.data, rows, hidden,
            )  # fmt: skip
            before = y[i, start + rows - 1].ctypes.data


@njit(**FLAGS)
@no_type_check
def _scan_back(
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
def _copy(one, size, source, source_row, target, target_row, rows, columns):
    """Rows of a matrix from one address to another."""
    lanes = VECTOR_BYTES // size
    for row in range(rows):
        from_, to = source + row * source_row * size, target + row * target_row * size
        for k in range(0, columns, lanes):
            store(load(one, from_ + k * size, columns - k), to + k * size, columns - k)


@njit(**FLAGS)
@no_type_check
def backward(
    x, x_batch, x_frame, inputs, weight, h_first, y, z, grad_y, grad_batch, grad_frame,
    grad_h, grad_x, grad_weight, grad_bias, first, last,
):  # fmt: skip
    """Fill grad_x and grad_h, add to grad_weight [2 * hidden, padded inputs] and grad_bias.

    ``grad_h`` holds dL/dh_last before and dL/dh_first after; ``weight`` is `packed`
    [2 * hidden, inputs]; no grad_x where it has no items.
    """
    frames, hidden = y.shape[1], y.shape[2]
    size = y.itemsize
    lanes, columns = VECTOR_BYTES // size, padded(inputs, size)
    apart, width = columns + _APART, padded(2 * hidden, size) + _APART
    one, tile = h_first.dtype.type(1), np.empty((TILE, width), dtype=y.dtype)
    spare = np.zeros((TILE, apart), dtype=y.dtype)
    tiles = -(-frames // TILE)
    for i in range(first, last):
        for number in range(tiles - 1, -1, -1):
            start = number * TILE
            rows = min(TILE, frames - start)
            for begin in range((rows - 1) // STRIP * STRIP, -1, -STRIP):
                t, count = start + begin, min(STRIP, rows - begin)
                before = y[i, t - 1] if t > 0 else h_first[i]
                from_y = grad_y.ctypes.data + (i * grad_batch + t * grad_frame) * size
                _scan_back(
                    one, size, from_y, grad_frame, grad_h[i].ctypes.data, y[i, t].ctypes.data,
                    before.ctypes.data, z[i, t].ctypes.data, tile[begin].ctypes.data, width,
                    grad_bias.ctypes.data, count, hidden,
                )  # fmt: skip
            at = x.ctypes.data + (i * x_batch + start * x_frame) * size
            _copy(one, size, at, x_frame, spare.ctypes.data, apart, rows, inputs)
            multiply(
                one, size, tile.ctypes.data, 1, width, spare.ctypes.data, 1, apart, apart,
                grad_weight.ctypes.data, columns, 2 * hidden, columns, rows, True,
            )  # fmt: skip
            if len(grad_x):
                out = grad_x[i, start].ctypes.data
                c, c_row = (out, inputs) if columns == inputs else (spare.ctypes.data, apart)
                multiply(
                    one, size, tile.ctypes.data, width, 1, weight.ctypes.data, 2 * hidden,
                    2 * lanes, lanes, c, c_row, rows, columns, 2 * hidden, False,
                )  # fmt: skip
                if columns != inputs:
                    _copy(one, size, c, c_row, out, inputs, rows, inputs)
