"""A sigmoid Elman network written as a tanh one, so that torch's kernel can run it."""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor


class TanhWeights(NamedTuple):
    """Weights of a tanh recurrence whose output is 2 h - 1."""

    weight_xh: Float[Tensor, "hidden input"]
    weight_hh: Float[Tensor, "hidden hidden"]
    bias_h: Float[Tensor, " hidden"]


def tanh_weights_of_sigmoid(
    weight_xh: Float[Tensor, "hidden input"],
    weight_hh: Float[Tensor, "hidden hidden"],
    *,
    bias_h: Float[Tensor, " hidden"],
) -> TanhWeights:
    """Weights with which g_t = 2 h_t - 1 obeys a tanh recurrence, where h_t obeys a sigmoid one.

    sigmoid(a) = (1 + tanh(a / 2)) / 2 and h = (1 + g) / 2, so
    g_t = tanh(W_hh g_(t-1) / 4 + W_xh x_t / 2 + (b_h + W_hh 1 / 2) / 2)
    """
    return TanhWeights(weight_xh / 2, weight_hh / 4, bias_h / 2 + weight_hh.sum(dim=1) / 4)
