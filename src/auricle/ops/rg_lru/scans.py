"""The recurrence of the RG-LRU over a few frames, forward and back.

With u = tanh(x / 2) and x = rate r, a = exp(-x) = (1 - u) / (1 + u) and sqrt(1 - a^2) = 2 sqrt(u) /
(1 + u), which stay exact where x is small. Everything here works on addresses and on strides that
count elements, and is compiled into `kernels.py`.
"""

from typing import no_type_check

import numpy as np
from numba import njit

from auricle.ops.tiles.functions import sigmoid, tanh
from auricle.ops.tiles.products import FLAGS
from auricle.ops.tiles.vectors import VECTOR_BYTES, larger, load, splat, square_root, store

_HALF, _TWO, _TINY = np.float32(0.5), np.float32(2), np.float32(1e-30)


@njit(**FLAGS)
@no_type_check
def scan(one, size, gates, width, bias, rate, before, y, r, i, rows, hidden):
    """h of a block of frames from their gates; all but the numbers are addresses."""
    lanes, ones, twos = VECTOR_BYTES // size, splat(one), splat(one * _TWO)
    halves, wide = splat(one * _HALF), hidden * size
    for k in range(0, hidden, lanes):
        at, count = k * size, hidden - k
        h, half_rate = load(one, before + at, count), halves * load(one, rate + at, count)
        bias_r = load(one, bias + at, count)
        bias_i = load(one, bias + wide + at, count)
        bias_v = load(one, bias + 2 * wide + at, count)
        for row in range(rows):
            here, there = gates + row * width * size + at, row * wide + at
            open_r = sigmoid(load(one, here, count) + bias_r, one)
            open_i = sigmoid(load(one, here + wide, count) + bias_i, one)
            v = load(one, here + 2 * wide, count) + bias_v
            u = tanh(half_rate * open_r, one)
            part = ones / (ones + u)
            scale = twos * square_root(u) * part
            h = (ones - u) * part * h + scale * open_i * v
            store(h, y + there, count)
            store(open_r, r + there, count)
            store(open_i, i + there, count)


@njit(**FLAGS)
@no_type_check
def scan_back(
    one, size, grad_y, grad_frame, grad_h, y, before, r, i, rate, tile, width, grad_bias,
    grad_rate, rows, hidden,
):  # fmt: skip
    """Gradients of the gates of a tile, the last frame first; all but the numbers are addresses.

    With g = dL/dh_t and w = h_t - a h_(t-1) = scale i v, which needs neither v nor another product:
        dL/dv = g scale i,  dL/di_pre = g w (1 - i),
        dL/dlog(x) = g x (a^2 w / scale^2 - a h_(t-1)),  dL/dr_pre = dL/dlog(x) (1 - r)
    """
    lanes, ones, zeros = VECTOR_BYTES // size, splat(one), splat(one - one)
    halves, twos, tiny = splat(one * _HALF), splat(one * _TWO), splat(one * _TINY)
    wide = hidden * size
    for k in range(0, hidden, lanes):
        at, count = k * size, hidden - k
        g, to_rate = load(one, grad_h + at, count), zeros
        half_rate = halves * load(one, rate + at, count)
        bias_r, bias_i, bias_v = zeros, zeros, zeros
        h = load(one, y + (rows - 1) * wide + at, count)
        for row in range(rows - 1, -1, -1):
            earlier = y + (row - 1) * wide if row > 0 else before
            there = row * wide + at
            h_before = load(one, earlier + at, count)
            open_r, open_i = load(one, r + there, count), load(one, i + there, count)
            half_x = half_rate * open_r
            u = tanh(half_x, one)
            part = ones / (ones + u)
            a, root = (ones - u) * part, square_root(u)
            scale = twos * root * part
            faded = a * h_before
            w = h - faded
            g = g + load(one, grad_y + row * grad_frame * size + at, count)
            grad_v = g * scale * open_i
            grad_i = g * w * (ones - open_i)
            bent = (half_x * (ones + u) * (ones + u)) / (twos * larger(u, tiny))
            to_log_x = g * (a * a * bent * w - twos * half_x * faded)
            grad_r = to_log_x * (ones - open_r)
            g = g * a
            here = tile + row * width * size + at
            store(grad_r, here, count)
            store(grad_i, here + wide, count)
            store(grad_v, here + 2 * wide, count)
            bias_r, bias_i, bias_v = bias_r + grad_r, bias_i + grad_i, bias_v + grad_v
            to_rate, h = to_rate + to_log_x, h_before
        store(g, grad_h + at, count)
        add(one, grad_rate + at, to_rate, count)
        add(one, grad_bias + at, bias_r, count)
        add(one, grad_bias + wide + at, bias_i, count)
        add(one, grad_bias + 2 * wide + at, bias_v, count)


@njit(**FLAGS)
@no_type_check
def add(one, address, vector, count):
    """To what is at an address."""
    store(load(one, address, count) + vector, address, count)
