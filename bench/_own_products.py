"""The products of a step of minimal GRU layers by auricle's own kernel, and nothing else."""

import time
from collections.abc import Callable, Sequence
from typing import Any

Product = tuple[int, int, bool]  # columns, gates, and whether the input needs a gradient


def own_products(
    layers: Sequence[Product], *, batch: int, frames: int, whole: bool
) -> Callable[[], float]:
    """A function that computes them once and returns its seconds.

    Args:
        whole: inputs and results are arrays of all frames, read and written once, with the memory
            of the next tile asked for ahead as in the layer's kernel. Else one tile stands for all:
            it stays in the cache, so that nothing but arithmetic is left, and no product is
            computed that a layer could use.
    """
    import torch

    from auricle.ops.tiles.tensors import Part, shares
    from auricle.ops.workers import run_parts

    product = _compiled()
    parts = shares(batch, 2 * torch.get_num_threads())
    made = [_Layer(layer, parts, frames=frames, whole=whole) for layer in layers]

    def run(layer: "_Layer", backward: bool) -> None:
        def work(part: Part) -> None:
            number, first, last = part
            arrays, count = layer.room[number], frames * (last - first)
            product(*arrays, *layer.packed, *layer.sizes, count, whole, backward, layer.wants_x)

        run_parts(work, parts)

    def step() -> float:
        started = time.perf_counter()
        for backward in (False, True):
            for layer in made:
                run(layer, backward)
        return time.perf_counter() - started

    step()
    return step


class _Layer:
    """A layer's weight laid out both ways, and room for its inputs, gates and gradients."""

    def __init__(self, layer: Product, parts: Sequence[Any], *, frames: int, whole: bool) -> None:
        import numpy as np

        from auricle.ops.tiles.packing import packed
        from auricle.ops.tiles.tile import APART, TILE, padded

        columns, gates, self.wants_x = layer
        self.sizes = columns, gates
        weight = np.random.default_rng(0).standard_normal((gates, columns)).astype(np.float32)
        self.packed = packed(np.ascontiguousarray(weight.T)), packed(weight)
        narrow, wide = (padded.py_func(count, 4) for count in (columns, gates))
        apart = 0 if whole else APART
        self.room = []
        for _, first, last in parts:
            rows = frames * (last - first) if whole else TILE
            x, g, to_x = (
                np.ones((rows, width + apart), np.float32) for width in (narrow, wide, narrow)
            )
            self.room.append((x, g, to_x, np.zeros((gates, narrow), np.float32)))


def _compiled() -> Any:
    import numpy as np
    from numba import njit

    from auricle.ops.tiles.products import multiply
    from auricle.ops.tiles.tile import TILE, padded
    from auricle.ops.tiles.vectors import VECTOR_BYTES

    one, lanes = np.float32(1), VECTOR_BYTES // 4

    @njit(nogil=True)
    def product(
        x, g, to_x, grad_w, forward, back, columns, gates, frames, whole, backward, wants_x
    ):  # fmt: skip
        soon = np.zeros((3, 2), np.intp)
        wide, narrow, x_row, g_row = padded(gates, 4), padded(columns, 4), x.shape[1], g.shape[1]
        for start in range(0, frames, TILE):
            rows, at = min(TILE, frames - start), start if whole else 0
            from_x, from_g = x.ctypes.data + at * x_row * 4, g.ctypes.data + at * g_row * 4
            out = to_x.ctypes.data + at * x_row * 4
            if whole:
                ahead = min(TILE, frames - start - rows)
                soon[0, 0] = from_x + rows * x_row * 4
                soon[0, 1] = soon[0, 0] + ahead * x_row * 4
                soon[1, 0] = from_g + (rows * g_row * 4 if backward else 0)
                soon[1, 1] = soon[1, 0] + (ahead if backward else rows) * g_row * 4
                soon[2, 0] = out
                soon[2, 1] = out + (rows * x_row * 4 if backward and wants_x else 0)
            if not backward:
                multiply(
                    one, 4, from_x, x_row, 1, forward.ctypes.data, columns, 2 * lanes, lanes,
                    from_g, g_row, rows, wide, columns, False, soon,
                )  # fmt: skip
                continue
            multiply(
                one, 4, from_g, 1, g_row, from_x, 1, x_row, x_row,
                grad_w.ctypes.data, narrow, gates, narrow, rows, True, soon,
            )  # fmt: skip
            if wants_x:
                multiply(
                    one, 4, from_g, g_row, 1, back.ctypes.data, gates, 2 * lanes, lanes,
                    out, x_row, rows, narrow, gates, False, soon,
                )  # fmt: skip

    return product
