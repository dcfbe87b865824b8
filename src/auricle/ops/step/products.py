"""One matrix product of many rows with a weight that was laid out for it."""

from typing import no_type_check

import numpy as np
from numba import njit

from auricle.ops.tiles import products, vectors
from auricle.ops.tiles.packing import stamp_of
from auricle.ops.tiles.products import FLAGS, multiply
from auricle.ops.tiles.vectors import VECTOR_BYTES

LANES = VECTOR_BYTES // 4  # the columns of a result must be a multiple of it


@no_type_check
def _compile(stamp):
    """``stamp`` as in `stamp_of`."""

    @njit(cache=True, **FLAGS)
    @no_type_check
    def add_product(x, weight, out):
        """out += x weight; ``weight`` is `packing.packed`, ``out`` of whole vectors in a row."""
        _ = stamp
        rows, depth = x.shape
        columns, soon = out.shape[1], np.empty((0, 2), np.intp)
        multiply(
            np.float32(1), 4, x.ctypes.data, depth, 1, weight.ctypes.data, depth, 2 * LANES, LANES,
            out.ctypes.data, columns, rows, columns, depth, True, soon,
        )  # fmt: skip

    return add_product


add_product = _compile(stamp_of(products, vectors))
