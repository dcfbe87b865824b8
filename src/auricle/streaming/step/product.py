"""One matrix product with its bias, laid out once, for few rows or many."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from auricle.ops.workers import num_threads, run_parts
from auricle.streaming.step.compiled import kernels_for

_ROWS_A_THREAD = 64


class Product:
    """x @ weight + bias, by as many threads as `torch.set_num_threads` says.

    Products of many rows go through our own kernel, which uses the widest vectors of every
    processor; torch's BLAS does not on some: 256 rows of 128 to 384 took 240 us by BLAS, 153
    by oneDNN with its copies, and 103 by the kernel, on a processor of that kind.
    """

    def __init__(self, weight: Float[Tensor, "outputs inputs"], bias: Float[Tensor, " outputs"]):
        """Take them in any precision, to compute in float32."""
        weight, self.bias = weight.detach().float(), bias.detach().float().contiguous()
        self.weight = weight.t().contiguous()
        self._packed: np.ndarray | None = None

    def into(self, x: Float[Tensor, "rows inputs"], out: Float[Tensor, "rows outputs"]) -> None:
        """Write the product of ``x``, with the bias, to ``out``."""
        kernels = self._kernels(x, out)
        if kernels is None:
            torch.addmm(self.bias, x, self.weight, out=out)
            return
        out.copy_(self.bias)
        self._add(kernels, x.numpy(), out.numpy())

    def add_to(self, out: Float[Tensor, "rows outputs"], x: Float[Tensor, "rows inputs"]) -> None:
        """Add the product of ``x``, without the bias, to ``out``."""
        kernels = self._kernels(x, out)
        if kernels is None:
            out.addmm_(x, self.weight)
            return
        self._add(kernels, x.numpy(), out.numpy())

    def _kernels(self, x: Tensor, out: Tensor) -> Any:
        """The compiled product, or None where it does not fit or is not worth its loading."""
        if kernels_for(len(x)) is None or not (x.is_contiguous() and out.is_contiguous()):
            return None
        from auricle.ops.step import products

        return products if out.shape[1] % products.LANES == 0 else None

    def _add(self, kernels: Any, x: np.ndarray, out: np.ndarray) -> None:
        if self._packed is None:
            from auricle.ops.tiles.packing import packed

            self._packed = packed(self.weight.numpy())
        parts = max(1, min(num_threads(), len(x) // _ROWS_A_THREAD))
        cuts = [len(x) * part // parts for part in range(parts + 1)]

        def work(part: int) -> None:
            rows = slice(cuts[part], cuts[part + 1])
            kernels.add_product(x[rows], self._packed, out[rows])

        run_parts(work, range(parts))
