"""The layer of the minimal GRU as its two equations: a product, then the loop."""

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.ops.linear_recurrence import min_gru_reference


def min_gru_layer_reference(
    x: Float[Tensor, "batch frames input"],
    weight: Float[Tensor, "two_hidden input"],
    bias: Float[Tensor, " two_hidden"],
    h: Float[Tensor, "memories hidden"],
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """z_t, c_t = W x_t + b; h_t = (1 - sigmoid(z_t)) h_(t-1) + sigmoid(z_t) c_t.

    Reference:
        Feng et al., "Were RNNs All We Needed?", arXiv:2410.01201, 2024, section 3.1.
    """
    return min_gru_reference(torch.nn.functional.linear(x, weight, bias), h)
