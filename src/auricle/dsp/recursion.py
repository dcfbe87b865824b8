"""Recursive filters, sample after sample in double precision: any cut gives the same numbers.

The kernels are compiled, or read from the cache, when this module is imported; so it is imported
by the functions that need it. Arrays are C-contiguous.
"""

from typing import no_type_check

import numpy as np
from numba import njit

_FLAGS = {"cache": True, "nogil": True, "error_model": "numpy"}


@njit("float64[:, ::1](float64[:, ::1], float64[::1], float64)", **_FLAGS)
@no_type_check  # numba compiles these bodies: no checker may wrap them
def run_one_pole(x, level, update):
    """level_t = level_(t-1) + update * (x_t - level_(t-1)) along rows; ``level`` moves on."""
    y = np.empty_like(x)
    for row in range(x.shape[0]):
        held = level[row]
        for t in range(x.shape[1]):
            held += update * (x[row, t] - held)
            y[row, t] = held
        level[row] = held
    return y


@njit("float64[:, ::1](float64[:, ::1], float64[:, :, ::1], float64[:, ::1])", **_FLAGS)
@no_type_check
def run_biquads(x, memory, sections):
    """Second-order sections one after the other along rows; ``memory`` moves on.

    y_t = b0 x_t + m1;  m1 = b1 x_t - a1 y_t + m2;  m2 = b2 x_t - a2 y_t
    (transposed direct form II); a section is b0, b1, b2, a1, a2.
    """
    y = x.copy()
    for row in range(x.shape[0]):
        for s in range(sections.shape[0]):
            b0, b1, b2 = sections[s, 0], sections[s, 1], sections[s, 2]
            a1, a2 = sections[s, 3], sections[s, 4]
            m1, m2 = memory[row, s, 0], memory[row, s, 1]
            for t in range(x.shape[1]):
                value = y[row, t]
                out = b0 * value + m1
                m1 = b1 * value - a1 * out + m2
                m2 = b2 * value - a2 * out
                y[row, t] = out
            memory[row, s, 0] = m1
            memory[row, s, 1] = m2
    return y
