"""One matrix product of many rows with a weight that was laid out for it."""

import hashlib
from pathlib import Path
from typing import no_type_check

import numpy as np
from numba import njit

from auricle.ops.tiles import products, vectors
from auricle.ops.tiles.products import FLAGS, multiply, pack
from auricle.ops.tiles.tile import padded
from auricle.ops.tiles.vectors import VECTOR_BYTES

LANES = VECTOR_BYTES // 4  # the columns of a result must be a multiple of it


@no_type_check
def _compile(stamp):
    """``stamp`` as in `auricle.ops.min_gru.kernels`."""

    @njit(cache=True, **FLAGS)
    @no_type_check
    def packed(matrix):
        """`pack` into new memory."""
        _ = stamp
        depth, columns = matrix.shape
        out = np.empty(depth * padded(columns, 4), dtype=np.float32)
        pack(matrix, out)
        return out

    @njit(cache=True, **FLAGS)
    @no_type_check
    def add_product(x, weight, out):
        """out += x weight; ``weight`` is `packed`, and ``out`` has whole vectors in a row."""
        _ = stamp
        rows, depth = x.shape
        columns, soon = out.shape[1], np.empty((0, 2), np.intp)
        multiply(
            np.float32(1), 4, x.ctypes.data, depth, 1, weight.ctypes.data, depth, 2 * LANES, LANES,
            out.ctypes.data, columns, rows, columns, depth, True, soon,
        )  # fmt: skip

    return packed, add_product


_sources = (Path(str(module.__file__)).read_bytes() for module in (products, vectors))
packed, add_product = _compile(hashlib.sha256(b"".join(_sources)).hexdigest())
