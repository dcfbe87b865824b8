"""Matrix products for the inside of a compiled kernel, small enough to stay in the cache.

A tile of the result is held in vector registers while the depth is walked through. The tile is
written in LLVM's own language, since a loop that the compiler vectorises by itself does not keep
the sums in registers. Everything here works on addresses and strides, counted in elements.
"""

from typing import Any, no_type_check

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from auricle.ops.tiles.vectors import VECTOR_BYTES, WIDE, prefetch_code, splat_code

# Rows of a tile: 24 (or 12) sums of two vectors a row fill the registers. The others end a matrix.
STRIP, _HALF, _FEW = (12, 8, 4) if WIDE else (6, 4, 2)
LINE = 64  # bytes that the cache takes at once
FLAGS = {"nogil": True, "fastmath": {"contract", "nsz"}, "error_model": "numpy"}


def _make_tile(rows: int, vectors: int) -> Any:
    """An intrinsic: C[:rows, :vectors] (+)= sum over k of A[:rows, k] * B[k, :vectors].

    On its way it asks for the memory at ``far``, and ``far_k`` bytes on for every k.
    """

    @intrinsic
    @no_type_check
    def tile(typing, one, a, a_row, a_k, b, b_k, c, c_row, depth, add, far, far_k):
        def generate(context, builder, signature, values):
            element = context.get_value_type(signature.args[0])
            size = signature.args[0].bitwidth // 8
            _emit_tile(builder, element, size, rows, vectors, values[1:])
            return context.get_dummy_value()

        words = (types.intp,) * 8
        return types.void(one, *words, types.boolean, types.intp, types.intp), generate

    return tile


@no_type_check
def _emit_tile(builder, element, size, rows, vectors, values):
    a, a_row, a_k, b, b_k, c, c_row, depth, add, far, far_k = values
    word, lanes = a.type, VECTOR_BYTES // size
    vector = ir.VectorType(element, lanes)
    kind, name = ir.FunctionType(vector, [vector] * 3), f"llvm.fma.v{lanes}f{8 * size}"
    fma = cgutils.get_or_insert_function(builder.module, kind, name)
    bytes_of = ir.Constant(word, size)
    a_row, a_k, b_k, c_row = (builder.mul(stride, bytes_of) for stride in (a_row, a_k, b_k, c_row))
    offsets = [builder.mul(a_row, ir.Constant(word, row)) for row in range(rows)]
    zero = ir.Constant(vector, [0.0] * lanes)

    def at(address, offset):
        return builder.inttoptr(builder.add(address, offset), ir.PointerType())

    def vector_at(address, v):
        return at(address, ir.Constant(word, v * VECTOR_BYTES))

    before = builder.block
    body, after = (builder.append_basic_block(part) for part in ("tile", "tile_end"))
    any_depth = builder.icmp_signed(">", depth, ir.Constant(word, 0))
    builder.cbranch(any_depth, body, after)
    builder.position_at_end(body)
    k, a_now, b_now, far_now = (builder.phi(word) for _ in range(4))
    sums = [[builder.phi(vector) for _ in range(vectors)] for _ in range(rows)]
    b_vectors = [builder.load(vector_at(b_now, v), align=size, typ=vector) for v in range(vectors)]
    new = []
    for row in range(rows):
        scalar = builder.load(at(a_now, offsets[row]), align=size, typ=element)
        splat = splat_code(builder, scalar, lanes)
        new.append([builder.call(fma, [splat, b_vectors[v], sums[row][v]]) for v in range(vectors)])
    prefetch_code(builder, far_now)
    k_next, far_next = builder.add(k, ir.Constant(word, 1)), builder.add(far_now, far_k)
    a_next, b_next = builder.add(a_now, a_k), builder.add(b_now, b_k)
    builder.cbranch(builder.icmp_signed("<", k_next, depth), body, after)
    for phi, start, step in (
        (k, ir.Constant(word, 0), k_next),
        (a_now, a, a_next),
        (b_now, b, b_next),
        (far_now, far, far_next),
    ):
        phi.add_incoming(start, before)
        phi.add_incoming(step, body)
    _come_in(sums, zero, before, new, body)
    builder.position_at_end(after)
    done = [[builder.phi(vector) for _ in range(vectors)] for _ in range(rows)]
    _come_in(done, zero, before, new, body)
    _emit_end(builder, done, c, c_row, add, size)


@no_type_check
def _come_in(sums, zero, before, new, body):
    """Each sum is zero where ``before`` leads here, and its new value where ``body`` does."""
    for line, values in zip(sums, new, strict=True):
        for phi, value in zip(line, values, strict=True):
            phi.add_incoming(zero, before)
            phi.add_incoming(value, body)


@no_type_check
def _emit_end(builder, sums, c, c_row, add, size):
    """Write the sums of a tile, or add them to what is there."""
    vector = sums[0][0].type
    with builder.if_else(add) as branches:
        for branch, adds in zip(branches, (True, False), strict=True):
            with branch:
                for row, line in enumerate(sums):
                    start = builder.add(c, builder.mul(c_row, ir.Constant(c.type, row)))
                    for v, value in enumerate(line):
                        offset = ir.Constant(c.type, v * VECTOR_BYTES)
                        place = builder.inttoptr(builder.add(start, offset), ir.PointerType())
                        if adds:
                            old = builder.load(place, align=size, typ=vector)
                            value = builder.fadd(old, value)
                        builder.store(value, place, align=size)


_strip_2, _strip_1 = _make_tile(STRIP, 2), _make_tile(STRIP, 1)
_half_2, _half_1 = _make_tile(_HALF, 2), _make_tile(_HALF, 1)
_few_2, _few_1 = _make_tile(_FEW, 2), _make_tile(_FEW, 1)
_row_2, _row_1 = _make_tile(1, 2), _make_tile(1, 1)


@njit(**FLAGS)
@no_type_check
def multiply(
    one, size, a, a_row, a_k, b, b_column, b_k2, b_k1, c, c_row, rows, columns, depth, add, soon
):
    """C[rows, columns] (+)= A[rows, depth] B[depth, columns].

    Args:
        one, size: a number of the element type, and its bytes.
        a, b, c: addresses; a_row, a_k, c_row: strides in elements; C's columns are neighbours.
        b_column: from one column of B to the next, at the start of pairs of vectors.
        b_k2, b_k1: stride of depth in B, for pairs of vectors and for a single one at the end.
        columns: a multiple of the vector.
        add: to what is there, or in its place.
        soon: [ranges, 2] addresses from and to; memory that will be needed next, and is brought
            into the cache at a pace that hides its way. What was asked for is taken out.
    """
    lanes = VECTOR_BYTES // size
    n, at = 0, 0
    while n < columns:
        b_n, c_n, m = b + n * b_column * size, c + n * size, 0
        pair = n + 2 * lanes <= columns
        while m < rows:
            left, a_m, c_m = rows - m, a + m * a_row * size, c_n + m * c_row * size
            while at < len(soon) and soon[at, 0] >= soon[at, 1]:
                at += 1
            far, far_k = (soon[at, 0], LINE) if at < len(soon) else (c_m, 0)
            if far_k:
                soon[at, 0] += depth * LINE
            if pair:
                if left >= STRIP:
                    _strip_2(one, a_m, a_row, a_k, b_n, b_k2, c_m, c_row, depth, add, far, far_k)
                elif left >= _HALF:
                    _half_2(one, a_m, a_row, a_k, b_n, b_k2, c_m, c_row, depth, add, far, far_k)
                elif left >= _FEW:
                    _few_2(one, a_m, a_row, a_k, b_n, b_k2, c_m, c_row, depth, add, far, far_k)
                else:
                    _row_2(one, a_m, a_row, a_k, b_n, b_k2, c_m, c_row, depth, add, far, far_k)
            else:
                if left >= STRIP:
                    _strip_1(one, a_m, a_row, a_k, b_n, b_k1, c_m, c_row, depth, add, far, far_k)
                elif left >= _HALF:
                    _half_1(one, a_m, a_row, a_k, b_n, b_k1, c_m, c_row, depth, add, far, far_k)
                elif left >= _FEW:
                    _few_1(one, a_m, a_row, a_k, b_n, b_k1, c_m, c_row, depth, add, far, far_k)
                else:
                    _row_1(one, a_m, a_row, a_k, b_n, b_k1, c_m, c_row, depth, add, far, far_k)
            m += STRIP if left >= STRIP else _HALF if left >= _HALF else _FEW if left >= _FEW else 1
        n += 2 * lanes if pair else lanes


@njit(**FLAGS)
@no_type_check
def pack(matrix, packed):
    """Columns of ``matrix`` [depth, columns], a pair of vectors after the other; zeros fill up."""
    depth, columns = matrix.shape
    lanes = VECTOR_BYTES // packed.itemsize
    padded = -(-columns // lanes) * lanes
    n = 0
    while n < padded:
        width = 2 * lanes if n + 2 * lanes <= padded else lanes
        for k in range(depth):
            for j in range(width):
                column = n + j
                packed[n * depth + k * width + j] = matrix[k, column] if column < columns else 0
        n += width
