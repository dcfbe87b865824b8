"""Weights as the compiled products read them, and what shows numba a change elsewhere."""

import hashlib
from pathlib import Path
from types import ModuleType
from typing import no_type_check

import numpy as np
from numba import njit

from auricle.ops.tiles import products, vectors
from auricle.ops.tiles.products import FLAGS, pack
from auricle.ops.tiles.tile import padded


def stamp_of(*modules: ModuleType) -> str:
    """A digest of their sources. Numba's cache looks at the file of a compiled function alone, and
    at what that function encloses: a stamp that it encloses shows it a change of the others.
    """
    sources = (Path(str(module.__file__)).read_bytes() for module in modules)
    return hashlib.sha256(b"".join(sources)).hexdigest()


@no_type_check
def _compile(stamp):
    @njit(cache=True, **FLAGS)
    @no_type_check
    def packed(matrix):
        """`pack` into new memory."""
        _ = stamp
        depth, columns = matrix.shape
        out = np.empty(depth * padded(columns, matrix.itemsize), dtype=matrix.dtype)
        pack(matrix, out)
        return out

    return packed


packed = _compile(stamp_of(products, vectors))
