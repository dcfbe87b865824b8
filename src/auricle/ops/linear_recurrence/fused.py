"""The minimal GRU's recurrence compiled for the processor, gate and gradients in one pass.

The loops run over channels innermost, over contiguous memory, and hold only multiplications,
additions and one division a channel, so that the compiler turns them into vector instructions.
They are serial and release the interpreter's lock: a forked worker cannot abort them.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float
from numba import njit
from numba.extending import overload

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
_FLAGS = {"nogil": True, "cache": True, "fastmath": {"contract", "nsz"}, "error_model": "numpy"}


def _sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


@overload(_sigmoid, inline="always")
@no_type_check  # numba compiles these bodies: no checker may wrap them
def _sigmoid_by_type(x):
    if x.bitwidth == 32:

        def rational(x):
            y = min(max(x * _HALF, -_LIMIT), _LIMIT)
            s = y * y
            p = ((((((_P6 * s + _P5) * s + _P4) * s + _P3) * s + _P2) * s + _P1) * s + _P0) * y
            q = ((_Q3 * s + _Q2) * s + _Q1) * s + _Q0
            return _HALF + _HALF * (p / q)

        return rational

    def exact(x):
        return 1 / (1 + np.exp(-x))

    return exact


@njit(**_FLAGS)
@no_type_check
def _forward(gates, h_first, out):
    batch, frames, hidden = out.shape
    for i in range(batch):
        h = h_first[i].copy()
        for t in range(frames):
            z_pre, c, out_t = gates[i, t, :hidden], gates[i, t, hidden:], out[i, t]
            for k in range(hidden):
                z = _sigmoid(z_pre[k])
                value = h[k] + z * (c[k] - h[k])
                h[k] = value
                out_t[k] = value


@njit(**_FLAGS)
@no_type_check
def _backward(gates, h_first, out, grad_out, grad_last, grad_gates):
    batch, frames, hidden = out.shape
    for i in range(batch):
        grad_h = grad_last[i]
        for t in range(frames - 1, -1, -1):
            z_pre, c = gates[i, t, :hidden], gates[i, t, hidden:]
            before = out[i, t - 1] if t > 0 else h_first[i]
            grad_z, grad_c = grad_gates[i, t, :hidden], grad_gates[i, t, hidden:]
            grad_t = grad_out[i, t]
            for k in range(hidden):
                z = _sigmoid(z_pre[k])
                g = grad_h[k] + grad_t[k]
                grad_c[k] = g * z
                grad_z[k] = g * (c[k] - before[k]) * z * (1 - z)
                grad_h[k] = g * (1 - z)


def min_gru_forward(
    gates: Float[np.ndarray, "batch frames two_hidden"], h: Float[np.ndarray, "batch hidden"]
) -> Float[np.ndarray, "batch frames hidden"]:
    """Every h_t of `min_gru_reference`; arrays are C-contiguous, of one dtype."""
    out = np.empty((gates.shape[0], gates.shape[1], h.shape[1]), dtype=gates.dtype)
    _forward(gates, h, out)
    return out


def min_gru_backward(
    gates: Float[np.ndarray, "batch frames two_hidden"],
    h: Float[np.ndarray, "batch hidden"],
    out: Float[np.ndarray, "batch frames hidden"],
    grad_out: Float[np.ndarray, "batch frames hidden"],
) -> tuple[Float[np.ndarray, "batch frames two_hidden"], Float[np.ndarray, "batch hidden"]]:
    """Gradients of the loss with respect to ``gates`` and to the first memory ``h``.

    With g_t = dL/dh_t summed over every path that leaves h_t:
        g_t = grad_out_t + (1 - z_(t+1)) * g_(t+1)
        dL/dc_t = g_t * z_t
        dL/dz_pre_t = g_t * (c_t - h_(t-1)) * z_t * (1 - z_t)
    """
    grad_gates = np.empty_like(gates)
    grad_h = np.zeros_like(h)
    _backward(gates, h, out, grad_out, grad_h, grad_gates)
    return grad_gates, grad_h
