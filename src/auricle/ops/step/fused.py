"""Each part in one pass over memory; numpy takes four to seven for the same.

Arrays are C-contiguous and float32. The kernels are compiled, or read from the cache, when this
module is imported: a second or two, which only pays for many streams. They are serial and release
the interpreter's lock.
"""

from typing import no_type_check

import numpy as np
from numba import njit

_FLAGS = {
    "nogil": True,
    "cache": True,
    "fastmath": {"contract", "nsz", "reassoc"},
    "error_model": "numpy",
}
_HALF, _ONE, _TWO = np.float32(0.5), np.float32(1), np.float32(2)
_ROWS = "float32[:, ::1]"


@njit(f"void({_ROWS}, {_ROWS})", **_FLAGS)
@no_type_check  # numba compiles these bodies: no checker may wrap them
def power_of(parts, power):
    """power = re^2 + im^2, where ``parts`` holds re, im of one bin after the other."""
    rows, bins = power.shape
    for row in range(rows):
        part, out = parts[row], power[row]
        for k in range(bins):
            re, im = part[2 * k], part[2 * k + 1]
            out[k] = re * re + im * im


@njit(f"void({_ROWS}, float32, {_ROWS})", **_FLAGS)
@no_type_check
def normalise(x, eps, u):
    """u = (x - mean(x)) / sqrt(var(x) + eps) of each row."""
    rows, width = x.shape
    for row in range(rows):
        values, out = x[row], u[row]
        total = np.float32(0)
        for k in range(width):
            total += values[k]
        mean = total / np.float32(width)
        squares = np.float32(0)
        for k in range(width):
            off = values[k] - mean
            squares += off * off
        scale = _ONE / np.sqrt(squares / np.float32(width) + eps)
        for k in range(width):
            out[k] = (values[k] - mean) * scale


@njit(nogil=True, fastmath=_FLAGS["fastmath"], error_model="numpy", inline="always")
@no_type_check
def _show(gate, shown, memory, product, x, bias):
    """product = g * (1 + tanh(g)) * h,  x <- x + bias, of one stream."""
    for k in range(len(memory)):
        product[k] = gate[k] * (_ONE + shown[k]) * memory[k]
    for k in range(len(memory)):
        x[k] += bias[k]


@njit(f"void({_ROWS}, {_ROWS}, {_ROWS}, {_ROWS}, {_ROWS}, float32[::1])", **_FLAGS)
@no_type_check
def update(gates, tanh, h, product, x, bias):
    """A block of the minimal GRU after its first product and its tanh; see `BlockPlan`.

    gates holds a, g, c side by side, and tanh those of a and g:
        h <- h + (1 + tanh(a)) / 2 * (c - h),  product = g * (1 + tanh(g)) * h,  x <- x + bias
    """
    rows, hidden = h.shape
    for row in range(rows):
        memory, opened, candidate = h[row], tanh[row, :hidden], gates[row, 2 * hidden :]
        for k in range(hidden):
            memory[k] += _HALF * (_ONE + opened[k]) * (candidate[k] - memory[k])
        gate, shown = gates[row, hidden : 2 * hidden], tanh[row, hidden:]
        _show(gate, shown, memory, product[row], x[row], bias)


@njit(f"void({_ROWS}, {_ROWS}, {_ROWS}, {_ROWS}, {_ROWS}, {_ROWS}, float32[::1])", **_FLAGS)
@no_type_check
def update_rg_lru(gates, tanh, e, h, product, x, bias):
    """A block of the RG-LRU after its first product, its tanh and its expm1; see `BlockPlan`.

    gates holds r, i, g, v side by side, and tanh those of r, i and g:
        h <- (1 + e) h + sqrt(-e (2 + e)) (1 + tanh(i)) v,  the rest as in `update`
    """
    rows, hidden = h.shape
    for row in range(rows):
        memory, let_in, v, faded = h[row], tanh[row, hidden : 2 * hidden], gates[row], e[row]
        for k in range(hidden):
            scale = np.sqrt(-faded[k] * (_TWO + faded[k]))
            new = scale * (_ONE + let_in[k]) * v[3 * hidden + k]
            memory[k] = memory[k] + faded[k] * memory[k] + new
        gate, shown = gates[row, 2 * hidden : 3 * hidden], tanh[row, 2 * hidden :]
        _show(gate, shown, memory, product[row], x[row], bias)
