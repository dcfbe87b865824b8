"""Functions of a vector's lanes that gates are made of."""

from typing import no_type_check

import numpy as np
from numba.extending import overload

from auricle.ops.rational_tanh import LIMIT, P0, P1, P2, P3, P4, P5, P6, Q0, Q1, Q2, Q3
from auricle.ops.tiles.vectors import exponential, hyperbolic_tangent, larger, smaller, splat

_HALF = np.float32(0.5)


def tanh(x, one):  # type: ignore[no-untyped-def]
    """tanh of a vector; in float32 a quotient of polynomials, to 2e-7."""
    raise NotImplementedError("compiled code only")


@overload(tanh)
@no_type_check
def _tanh_by_type(x, one):
    def rational(x, one):
        limit = one * LIMIT
        y = smaller(larger(x, splat(-limit)), splat(limit))
        s = y * y
        p = splat(one * P6) * s + splat(one * P5)
        p = ((p * s + splat(one * P4)) * s + splat(one * P3)) * s + splat(one * P2)
        p = ((p * s + splat(one * P1)) * s + splat(one * P0)) * y
        q = (splat(one * Q3) * s + splat(one * Q2)) * s + splat(one * Q1)
        return p / (q * s + splat(one * Q0))

    return rational if x.bits == 32 else lambda x, one: hyperbolic_tangent(x)


def sigmoid(x, one):  # type: ignore[no-untyped-def]
    """1 / (1 + exp(-x)) of a vector; in float32 half of the tanh of a half, to 2e-7."""
    raise NotImplementedError("compiled code only")


@overload(sigmoid)
@no_type_check
def _sigmoid_by_type(x, one):
    def rational(x, one):
        half = splat(one * _HALF)
        return half + half * tanh(x * half, one)

    def exact(x, one):
        return splat(one) / (splat(one) + exponential(splat(-one) * x))

    return rational if x.bits == 32 else exact
