"""A layer of RG-LRU in one operator: product of the gates, recurrence, and their gradients."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.errors import ConfigError, ShapeError, message
from auricle.ops.linear_recurrence import rg_lru
from auricle.ops.linear_recurrence.recurrences import log_softplus
from auricle.ops.min_gru import LayerBackend
from auricle.ops.rg_lru.reference import rg_lru_layer_reference
from auricle.ops.tiles.choice import check_layer, chosen

__all__ = ["rg_lru_layer", "rg_lru_layer_reference"]


def rg_lru_layer(
    x: Float[Tensor, "batch frames input"],
    weight: Float[Tensor, "three_hidden columns"],
    bias: Float[Tensor, " three_hidden"],
    h: Float[Tensor, "memories hidden"],
    *,
    decay: Float[Tensor, " hidden_decay"],
    c: float = 8.0,
    backend: LayerBackend = "auto",
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """Every h_t of a layer, and the last; equation as in `rg_lru_layer_reference`.

    Args:
        x: any strides; what it costs least with is neighbouring columns.
        weight: rows of r, then of i, then of v.
        bias: likewise.
        h: the memory before the first frame.
        decay: learned, any real; smaller is slower.
        c: how fast the fastest channel forgets, > 0.
        backend: as in `auricle.ops.min_gru.min_gru_layer`.
    The gradients are rebuilt from h_t - a_t h_(t-1), which float32 holds well for memories of up
    to a hundred thousand frames.

    Raises:
        ShapeError: ``weight`` does not fit ``x`` or ``h``, or ``decay`` does not fit ``h``.
        StateError: ``h`` is of another batch size or dtype.
        ConfigError: ``fused`` was asked for and cannot run on these tensors, or ``c`` is not > 0.
    """
    check_layer(x, weight, h, gates=3)
    if decay.shape != h.shape[1:]:
        rule, remedy = f"[hidden = {h.shape[1]}]", "Match the sizes of cell and memory."
        raise ShapeError(message("decay", expected=rule, got=list(decay.shape), remedy=remedy))
    if not c > 0:
        raise ConfigError(message("c", expected="c > 0", got=c, remedy="The paper takes 8."))
    form = chosen(backend, x, weight, bias, decay)
    if form == "reference":
        return rg_lru_layer_reference(x, weight, bias, h, decay=decay, c=c)
    if form == "plain":
        return rg_lru(torch.nn.functional.linear(x, weight, bias), h, decay=decay, c=c)
    from auricle.ops.rg_lru.fused import run_fused

    log_rate = log_softplus(decay) + math.log(c)
    return run_fused(x, weight, bias, log_rate, h)
