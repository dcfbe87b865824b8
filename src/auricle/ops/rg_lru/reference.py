"""The layer of the RG-LRU as its equations: a product, then the loop."""

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.ops.linear_recurrence import rg_lru


def rg_lru_layer_reference(
    x: Float[Tensor, "batch frames input"],
    weight: Float[Tensor, "three_hidden input"],
    bias: Float[Tensor, " three_hidden"],
    h: Float[Tensor, "memories hidden"],
    *,
    decay: Float[Tensor, " hidden"],
    c: float = 8.0,
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """r_t, i_t, v_t = W x_t + b;  a_t = exp(-c softplus(decay) sigmoid(r_t));
    h_t = a_t h_(t-1) + sqrt(1 - a_t^2) sigmoid(i_t) v_t.

    Reference:
        De et al., "Griffin: mixing gated linear recurrences with local attention for efficient
        language models", arXiv:2402.19427, 2024, section 2.4.
    """
    gates = torch.nn.functional.linear(x, weight, bias)
    return rg_lru(gates, h, decay=decay, c=c, backend="reference")
