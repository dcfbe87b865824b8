"""A layer of minimal GRU in one operator: product of the gates, recurrence, and their gradients."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.ops.linear_recurrence import min_gru
from auricle.ops.min_gru.reference import min_gru_layer_reference
from auricle.ops.tiles.choice import check_layer, chosen

LayerBackend = Literal["auto", "reference", "fused", "plain"]

__all__ = ["LayerBackend", "min_gru_layer", "min_gru_layer_reference"]


def min_gru_layer(
    x: Float[Tensor, "batch frames input"],
    weight: Float[Tensor, "two_hidden columns"],
    bias: Float[Tensor, " two_hidden"],
    h: Float[Tensor, "memories hidden"],
    *,
    backend: LayerBackend = "auto",
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """Every h_t of a layer, and the last; equation as in `min_gru_layer_reference`.

    Args:
        x: any strides; what it costs least with is neighbouring columns.
        weight: rows of z, then of c.
        bias: likewise.
        h: the memory before the first frame.
        backend: ``fused`` is compiled for the processor and shares the batch among torch's
            threads (the same number of threads gives the same bits); ``plain`` is torch's product
            and `auricle.ops.linear_recurrence.min_gru`, on any device; ``reference`` is the loop;
            ``auto`` takes ``fused`` where it can run, but ``plain`` for up to 128 frames without
            gradients.
    Raises:
        ShapeError: ``weight`` does not fit ``x`` or ``h``.
        StateError: ``h`` is of another batch size or dtype.
        ConfigError: ``fused`` was asked for and cannot run on these tensors.
    """
    check_layer(x, weight, h, gates=2)
    form = chosen(backend, x, weight, bias)
    if form == "reference":
        return min_gru_layer_reference(x, weight, bias, h)
    if form == "plain":
        return min_gru(torch.nn.functional.linear(x, weight, bias), h)
    from auricle.ops.min_gru.fused import run_fused

    return run_fused(x, weight, bias, h)
