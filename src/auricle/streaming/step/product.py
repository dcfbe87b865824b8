"""One matrix product with its bias, laid out once."""

import torch
from jaxtyping import Float
from torch import Tensor


class Product:
    """x @ weight + bias.

    By torch's BLAS, so that `torch.set_num_threads` alone says how many threads a step takes.
    oneDNN was tried for many rows: a third sooner alone, but 1 to 4 % over a whole step.
    """

    def __init__(self, weight: Float[Tensor, "outputs inputs"], bias: Float[Tensor, " outputs"]):
        """Take them in any precision, to compute in float32."""
        self.weight = weight.detach().t().float().contiguous()
        self.bias = bias.detach().float().contiguous()

    def into(self, x: Float[Tensor, "rows inputs"], out: Float[Tensor, "rows outputs"]) -> None:
        """Write the product of ``x`` to ``out``."""
        torch.addmm(self.bias, x, self.weight, out=out)
