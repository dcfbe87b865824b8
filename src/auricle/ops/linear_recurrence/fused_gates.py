"""What the compiled kernels of `fused.py` compute at each frame and channel, cell by cell.

A cell is a named tuple of two arrays; its type chooses a row of `GATES`, `GRADIENTS`, `OUTPUTS` and
`OUTPUT_GRADIENTS`. Equations as in `reference.py`. Everything here is compiled into the kernels'
loops over channels, so it has no branch and calls nothing that is not compiled in with it.
"""

from typing import NamedTuple, no_type_check

import numpy as np
from numba import njit
from numba.extending import overload

from auricle.ops.rational_tanh import LIMIT, P0, P1, P2, P3, P4, P5, P6, Q0, Q1, Q2, Q3

# Exact in float32 and float64 alike, so that they never widen what they are multiplied with.
_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
_TINY = np.float32(1e-30)
# A part of a kernel: a call in the loop over channels would end vectors.
part = njit(forceinline=True, fastmath={"contract", "nsz"}, error_model="numpy")


class Linear(NamedTuple):
    """b_t in ``x`` and a_t in ``p``, both [batch, frames, hidden], real or complex."""

    x: np.ndarray
    p: np.ndarray


class MinGru(NamedTuple):
    """z before its sigmoid, then c, in ``x`` [batch, frames, 2 * hidden]; ``p`` is empty."""

    x: np.ndarray
    p: np.ndarray


class MinLstm(NamedTuple):
    """f and i before their sigmoids, then c, in ``x`` [batch, frames, 3 * hidden]."""

    x: np.ndarray
    p: np.ndarray


class Qrnn(NamedTuple):
    """f, z, o before their sigmoid, tanh, sigmoid, in ``x`` [batch, frames, 3 * hidden]."""

    x: np.ndarray
    p: np.ndarray


class RgLru(NamedTuple):
    """r and i before their sigmoids, then v, in ``x``; the rate in ``p`` [1, 1, hidden]."""

    x: np.ndarray
    p: np.ndarray


class Lru(NamedTuple):
    """Input in ``x`` [batch, frames, 2 * hidden]; eigenvalue and scale in ``p`` [1, 3, hidden].

    Complex numbers are pairs: ``x`` and the memories hold all real parts, then all imaginary ones;
    ``p`` holds real part, imaginary part and scale.
    """

    x: np.ndarray
    p: np.ndarray


CELLS = {
    "linear": Linear,
    "min_gru": MinGru,
    "min_lstm": MinLstm,
    "qrnn": Qrnn,
    "rg_lru": RgLru,
    "lru": Lru,
}


@no_type_check
def _tanh(x):
    return np.tanh(x)


@overload(_tanh, inline="always")
@no_type_check
def _tanh_by_type(x):
    if x.bitwidth == 32:

        def rational(x):
            y = min(max(x, -LIMIT), LIMIT)
            s = y * y
            p = ((((((P6 * s + P5) * s + P4) * s + P3) * s + P2) * s + P1) * s + P0) * y
            q = ((Q3 * s + Q2) * s + Q1) * s + Q0
            return p / q

        return rational

    def exact(x):
        return np.tanh(x)

    return exact


@part
@no_type_check
def _sigmoid(x):
    return _HALF + _HALF * _tanh(x * _HALF)


# --- gates: (cell's rows of one frame, channel) -> a_t, b_t ---------------------------------------


@part
@no_type_check
def _linear(rows, k):
    return rows[1][k], rows[0][k]


@part
@no_type_check
def _min_gru(rows, k):
    z = _sigmoid(rows[0][k])
    return _ONE - z, z * rows[1][k]


@part
@no_type_check
def _normalised(f_pre, i_pre):
    """f / (f + i), i / (f + i), sigmoid(-f_pre) and sigmoid(-i_pre), for gates of any size.

    i / f = q * exp(d), q = (1 + exp(-|f_pre|)) / (1 + exp(-|i_pre|)),
    d = relu(-f_pre) - relu(-i_pre);
    exponentials are (1 + tanh) / (1 - tanh) of half, and both divisions are left to the end.
    """
    tf, ti = _tanh(abs(f_pre) * _HALF), _tanh(abs(i_pre) * _HALF)
    u = _tanh((max(-f_pre, _ZERO) - max(-i_pre, _ZERO)) * _HALF)
    keep = (_ONE + tf) * (_ONE - u)
    take = (_ONE + ti) * (_ONE + u)
    share = _ONE / (keep + take)
    not_f = _HALF - _HALF * (tf if f_pre > _ZERO else -tf)
    not_i = _HALF - _HALF * (ti if i_pre > _ZERO else -ti)
    return keep * share, take * share, not_f, not_i


@part
@no_type_check
def _min_lstm(rows, k):
    keep, take, _, _ = _normalised(rows[0][k], rows[1][k])
    return keep, take * rows[2][k]


@part
@no_type_check
def _qrnn(rows, k):
    f = _sigmoid(rows[0][k])
    return f, (_ONE - f) * _tanh(rows[1][k])


@part
@no_type_check
def _rg_lru(rows, k):
    u = _tanh(_HALF * rows[3][k] * _sigmoid(rows[0][k]))
    part = _ONE / (_ONE + u)
    scale = _TWO * np.sqrt(u) * part
    return (_ONE - u) * part, scale * _sigmoid(rows[1][k]) * rows[2][k]


@part
@no_type_check
def _lru(rows, k):
    scale = rows[4][k]
    return complex(rows[2][k], rows[3][k]), complex(rows[0][k] * scale, rows[1][k] * scale)


GATES = {
    Linear: _linear,
    MinGru: _min_gru,
    MinLstm: _min_lstm,
    Qrnn: _qrnn,
    RgLru: _rg_lru,
    Lru: _lru,
}

# --- gradients: with g = dL/dh_t over every path, write those of the frame and return a_t ---------


@part
@no_type_check
def _linear_gradient(rows, grads, k, before, g):
    grads[0][k] = g
    grads[1][k] = g * np.conj(before)
    return rows[1][k]


@part
@no_type_check
def _min_gru_gradient(rows, grads, k, before, g):
    z = _sigmoid(rows[0][k])
    grads[0][k] = g * (rows[1][k] - before) * z * (_ONE - z)
    grads[1][k] = g * z
    return _ONE - z


@part
@no_type_check
def _min_lstm_gradient(rows, grads, k, before, g):
    keep, take, not_f, not_i = _normalised(rows[0][k], rows[1][k])
    to_log_ratio = g * (rows[2][k] - before) * keep * take
    grads[0][k] = -to_log_ratio * not_f
    grads[1][k] = to_log_ratio * not_i
    grads[2][k] = g * take
    return keep


@part
@no_type_check
def _qrnn_gradient(rows, grads, k, before, g):
    f, z = _sigmoid(rows[0][k]), _tanh(rows[1][k])
    grads[0][k] = g * (before - z) * f * (_ONE - f)
    grads[1][k] = g * (_ONE - f) * (_ONE - z * z)
    return f


@part
@no_type_check
def _rg_lru_gradient(rows, grads, k, before, g):
    r, i, v, rate = _sigmoid(rows[0][k]), _sigmoid(rows[1][k]), rows[2][k], rows[3][k]
    x = rate * r
    u = _tanh(_HALF * x)
    part = _ONE / (_ONE + u)
    a, root = (_ONE - u) * part, np.sqrt(u)
    scale = _TWO * root * part
    # a' = -a and scale' = a * a / scale; x * scale' goes to 0 with x, as sqrt(x / 2).
    bent = x * (_ONE + u) / (_TWO * max(root, _TINY))
    to_log_x = g * (a * a * bent * i * v - a * x * before)
    grads[0][k] = to_log_x * (_ONE - r)
    grads[1][k] = g * scale * v * i * (_ONE - i)
    grads[2][k] = g * scale * i
    grads[3][k] += to_log_x
    return a


@part
@no_type_check
def _lru_gradient(rows, grads, k, before, g):
    scale = rows[4][k]
    grads[0][k] = g.real * scale
    grads[1][k] = g.imag * scale
    to_a = g * np.conj(before)
    grads[2][k] += to_a.real
    grads[3][k] += to_a.imag
    grads[4][k] += g.real * rows[0][k] + g.imag * rows[1][k]
    return complex(rows[2][k], rows[3][k])


GRADIENTS = {
    Linear: _linear_gradient,
    MinGru: _min_gru_gradient,
    MinLstm: _min_lstm_gradient,
    Qrnn: _qrnn_gradient,
    RgLru: _rg_lru_gradient,
    Lru: _lru_gradient,
}

# --- an output gate: write y_t; from dL/dy_t, write the gate's gradient and return dL/dh_t ------


@part
@no_type_check
def _output_gate(rows, parts, k, value):
    parts[0][k] = _sigmoid(rows[2][k]) * value


@part
@no_type_check
def _output_gate_gradient(rows, grads, parts, k, grad):
    o = _sigmoid(rows[2][k])
    grads[2][k] = grad * parts[0][k] * o * (_ONE - o)
    return grad * o


@part
@no_type_check
def no_output(rows, parts, k, value):
    pass


@part
@no_type_check
def no_output_gradient(rows, grads, parts, k, grad):
    return grad


OUTPUTS = {Qrnn: _output_gate}
OUTPUT_GRADIENTS = {Qrnn: _output_gate_gradient}
