"""The Elman network's recurrence as a loop that reads beside its equation."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

Activation = Literal["tanh", "relu", "sigmoid"]


def elman_reference(
    x: Float[Tensor, "batch frames input"],
    h: Float[Tensor, "batch hidden"],
    *,
    weight_xh: Float[Tensor, "hidden input"],
    weight_hh: Float[Tensor, "hidden hidden"],
    bias_h: Float[Tensor, " hidden"],
    activation: Activation = "tanh",
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """Run the Elman recurrence, one frame after the other.

    h_t = f(W_hh h_(t-1) + W_xh x_t + b_h)

    Args:
        x: any real.
        h: the memory before the first frame.
        activation: f.
    Returns:
        h_t of every frame, and the last of them (``h`` itself when there is no frame).
    Reference:
        Elman, "Finding structure in time", Cognitive Science 14, 1990.
    """
    f = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}[activation]
    outputs = []
    for x_t in x.unbind(dim=1):
        h = f(h @ weight_hh.T + x_t @ weight_xh.T + bias_h)
        outputs.append(h)
    if not outputs:
        return x.new_empty(x.shape[0], 0, h.shape[1]), h
    return torch.stack(outputs, dim=1), h
