"""The parts of a compiled layer that know no cell: its two products, and memory asked for ahead."""

from typing import no_type_check

from numba import njit

from auricle.ops.tiles.products import FLAGS, STRIP, multiply
from auricle.ops.tiles.vectors import VECTOR_BYTES, load, store

TILE = 8 * STRIP  # the most frames of gate gradients that wait for their products
APART = 16  # elements between rows, so that columns do not fall into one set of the cache


@njit(**FLAGS)
@no_type_check
def padded(columns, size):
    """``columns`` filled up to whole vectors; from Python, call ``padded.py_func``."""
    lanes = VECTOR_BYTES // size
    return -(-columns // lanes) * lanes


@njit(**FLAGS)
@no_type_check
def ask(soon, number, address, size_in_bytes):
    """Have the next product bring in this memory, see ``soon`` of `multiply`."""
    soon[number, 0], soon[number, 1] = address, address + size_in_bytes


@njit(**FLAGS)
@no_type_check
def multiply_gates(one, size, x, x_frame, weight, inputs, block, rows, soon):
    """Gates [rows, width of the block] of some frames; ``weight`` is `packed`."""
    lanes, width = VECTOR_BYTES // size, block.shape[1]
    multiply(
        one, size, x, x_frame, 1, weight.ctypes.data, inputs, 2 * lanes, lanes,
        block.ctypes.data, width, rows, width, inputs, False, soon,
    )  # fmt: skip


@njit(**FLAGS)
@no_type_check
def multiply_gradients(
    one, size, tile, x, x_row, grad_weight, weight, to_x, to_x_row, rows, soon
):  # fmt: skip
    """Add tile^T x to grad_weight; write tile weight to ``to_x``, an address, unless it is 0."""
    lanes, columns, width = VECTOR_BYTES // size, grad_weight.shape[1], tile.shape[1]
    gates = len(grad_weight)
    multiply(
        one, size, tile.ctypes.data, 1, width, x, 1, x_row, x_row,
        grad_weight.ctypes.data, columns, gates, columns, rows, True, soon,
    )  # fmt: skip
    if to_x:
        multiply(
            one, size, tile.ctypes.data, width, 1, weight.ctypes.data, gates, 2 * lanes, lanes,
            to_x, to_x_row, rows, columns, gates, False, soon,
        )  # fmt: skip


@njit(**FLAGS)
@no_type_check
def copy_rows(one, size, source, source_row, target, target_row, rows, columns):
    """Rows of a matrix from one address to another."""
    lanes = VECTOR_BYTES // size
    for row in range(rows):
        from_, to = source + row * source_row * size, target + row * target_row * size
        for k in range(0, columns, lanes):
            store(load(one, from_ + k * size, columns - k), to + k * size, columns - k)
