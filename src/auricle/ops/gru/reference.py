"""The GRU's recurrence, in both conventions, as a loop that reads beside its equation."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, sigmoid, tanh
from torch.nn.functional import linear

Reset = Literal["after", "before"]


def gru_reference(
    x: Float[Tensor, "batch frames input"],
    h: Float[Tensor, "batch hidden"],
    *,
    weight_ih: Float[Tensor, "three_hidden input"],
    weight_hh: Float[Tensor, "three_hidden hidden"],
    bias_ih: Float[Tensor, " three_hidden"],
    bias_hh: Float[Tensor, " three_hidden"],
    reset: Reset = "after",
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """Run the GRU's recurrence, one frame after the other.

    r_t = sigmoid(W_r x_t + b_r + U_r h_(t-1) + d_r)
    z_t = sigmoid(W_z x_t + b_z + U_z h_(t-1) + d_z)
    n_t = tanh(W_n x_t + b_n + r_t * (U_n h_(t-1) + d_n))       reset="after": torch, cuDNN
    n_t = tanh(W_n x_t + b_n + U_n (r_t * h_(t-1)) + d_n)       reset="before": the original
    h_t = (1 - z_t) * n_t + z_t * h_(t-1)

    Gate order in W, U, b and d: r, z, n. z = 1 keeps the memory.

    Args:
        x: any real.
        h: the memory before the first frame.
        reset: whether the reset gate acts after or before the product with U_n.
    Returns:
        h_t of every frame, and the last of them (``h`` itself when there is no frame).
    Reference:
        Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
        machine translation", EMNLP 2014 (arXiv:1406.1078v3 has the original, v1 the other).
    """
    U_n, d_n = weight_hh.chunk(3)[2], bias_hh.chunk(3)[2]
    outputs = []
    for x_t in x.unbind(dim=1):
        x_r, x_z, x_n = linear(x_t, weight_ih, bias_ih).chunk(3, dim=-1)
        h_r, h_z, h_n = linear(h, weight_hh, bias_hh).chunk(3, dim=-1)
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        n = tanh(x_n + (r * h_n if reset == "after" else linear(r * h, U_n, d_n)))
        h = (1 - z) * n + z * h
        outputs.append(h)
    if not outputs:
        return x.new_empty(x.shape[0], 0, h.shape[1]), h
    return torch.stack(outputs, dim=1), h
