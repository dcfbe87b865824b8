"""Gated linear recurrences compiled for the processor: gates, update and gradients in one pass.

One kernel forward and one backward serve all cells; the cell's type chooses the gates that are
compiled into them (`fused_gates.py`):

    h_t = a_t * h_(t-1) + b_t,   (a_t, b_t) = gates(frame t);   y_t = output(frame t, h_t)

The loops run over channels innermost, over contiguous memory, without a branch, so that the
compiler turns them into vector instructions. They are serial and release the interpreter's lock:
`blocks.py` splits the work, and a forked worker cannot abort them.
"""

import hashlib
from pathlib import Path
from typing import no_type_check

import numpy as np
from numba import njit
from numba.extending import overload

from auricle.ops import rational_tanh
from auricle.ops.linear_recurrence import fused_gates as gates
from auricle.ops.linear_recurrence.fused_gates import (
    Linear,
    Lru,
    MinGru,
    MinLstm,
    Qrnn,
    RgLru,
    part,
)

# --- what a number's place is: rows of one frame, real and imaginary parts ------------------------


@part
@no_type_check
def _rows_of_two(cell, i, t, lo, hi):
    x = cell.x[i, t]
    hidden = x.shape[0] // 2
    return x[lo:hi], x[hidden + lo : hidden + hi]


@part
@no_type_check
def _rows_of_three(cell, i, t, lo, hi):
    x = cell.x[i, t]
    hidden = x.shape[0] // 3
    return x[lo:hi], x[hidden + lo : hidden + hi], x[2 * hidden + lo : 2 * hidden + hi]


@part
@no_type_check
def _rows_of_linear(cell, i, t, lo, hi):
    return cell.x[i, t, lo:hi], cell.p[i, t, lo:hi]


@part
@no_type_check
def _rows_of_rg_lru(cell, i, t, lo, hi):
    p = cell.p[i % cell.p.shape[0]]  # one row for all clips; in gradients, one for each
    return _rows_of_three(cell, i, t, lo, hi) + (p[0, lo:hi],)


@part
@no_type_check
def _rows_of_lru(cell, i, t, lo, hi):
    p = cell.p[i % cell.p.shape[0]]
    return _rows_of_two(cell, i, t, lo, hi) + (p[0, lo:hi], p[1, lo:hi], p[2, lo:hi])


_ROWS = {
    Linear: _rows_of_linear,
    MinGru: _rows_of_two,
    MinLstm: _rows_of_three,
    Qrnn: _rows_of_three,
    RgLru: _rows_of_rg_lru,
    Lru: _rows_of_lru,
}


@part
@no_type_check
def _whole(row, lo, hi):
    return (row[lo:hi],)


@part
@no_type_check
def _pair(row, lo, hi):
    hidden = row.shape[0] // 2
    return row[lo:hi], row[hidden + lo : hidden + hi]


@part
@no_type_check
def _load_whole(parts, k):
    return parts[0][k]


@part
@no_type_check
def _load_pair(parts, k):
    return complex(parts[0][k], parts[1][k])


@part
@no_type_check
def _store_whole(parts, k, value):
    parts[0][k] = value


@part
@no_type_check
def _store_pair(parts, k, value):
    parts[0][k] = value.real
    parts[1][k] = value.imag


# --- dispatch: the type of the first argument, a cell, chooses what is compiled in --------------


@no_type_check
def _by_cell(table, other=None):
    """A function for the kernels: what the table, or else ``other``, has for the cell's type."""

    def choose(cell, *rest): ...

    @overload(choose)
    def implementation(cell, *rest):
        chosen = table.get(cell.instance_class, other)
        return lambda cell, *rest: chosen(*rest)

    return choose


_gate, _gradient = _by_cell(gates.GATES), _by_cell(gates.GRADIENTS)
_rows = _by_cell(_ROWS)
_parts = _by_cell({Lru: _pair}, _whole)
_load = _by_cell({Lru: _load_pair}, _load_whole)
_store = _by_cell({Lru: _store_pair}, _store_whole)
_output = _by_cell(gates.OUTPUTS, gates.no_output)
_output_gradient = _by_cell(gates.OUTPUT_GRADIENTS, gates.no_output_gradient)


# --- the kernel -----------------------------------------------------------------------------------


@no_type_check
def _compile(stamp):
    """The two kernels. Numba's cache looks at this file alone, and at what its functions enclose:
    ``stamp`` shows it a change of the gates.
    """

    @njit(nogil=True, cache=True, fastmath={"contract", "nsz"}, error_model="numpy")
    @no_type_check
    def forward(cell, lengths, h, memories, y, block):
        """Fill ``memories`` and ``y`` for clips and channels: block is (first, end, first, end).

        ``h`` [batch, hidden] holds the first memory and then the last one. ``y`` is used by cells
        with an output gate alone. Frames from a clip's length on are not touched.
        """
        _ = stamp
        first, end, lo, hi = block
        for i in range(first, end):
            state = _parts(cell, h[i], lo, hi)
            for t in range(lengths[i]):
                rows = _rows(cell, cell, i, t, lo, hi)
                memory = _parts(cell, memories[i, t], lo, hi)
                shown = _parts(cell, y[i, t], lo, hi)
                for k in range(hi - lo):
                    a, b = _gate(cell, rows, k)
                    value = a * _load(cell, state, k) + b
                    _store(cell, state, k, value)
                    _store(cell, memory, k, value)
                    _output(cell, rows, shown, k, value)

    @njit(nogil=True, cache=True, fastmath={"contract", "nsz"}, error_model="numpy")
    @no_type_check
    def backward(cell, grads, lengths, h, memories, grad_y, grad_h, block):
        """Fill ``grads`` for the same block; ``grad_h`` holds dL/d(last memory), then dL/dh.

        g_t = dL/dy_t * dy_t/dh_t + conj(a_(t+1)) * g_(t+1): every path that leaves h_t.
        """
        _ = stamp
        first, end, lo, hi = block
        for i in range(first, end):
            carry = _parts(cell, grad_h[i], lo, hi)
            for t in range(lengths[i] - 1, -1, -1):
                rows, to = _rows(cell, cell, i, t, lo, hi), _rows(cell, grads, i, t, lo, hi)
                now = _parts(cell, memories[i, t], lo, hi)
                before = _parts(cell, memories[i, t - 1] if t > 0 else h[i], lo, hi)
                given = _parts(cell, grad_y[i, t], lo, hi)
                for k in range(hi - lo):
                    to_h = _output_gradient(cell, rows, to, now, k, _load(cell, given, k))
                    g = _load(cell, carry, k) + to_h
                    a = _gradient(cell, rows, to, k, _load(cell, before, k), g)
                    _store(cell, carry, k, np.conj(a) * g)

    return forward, backward


_sources = (Path(str(module.__file__)).read_bytes() for module in (gates, rational_tanh))
forward, backward = _compile(hashlib.sha256(b"".join(_sources)).hexdigest())
