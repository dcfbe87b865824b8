"""The light GRU's recurrence as a loop that reads beside its equation."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import layer_norm


def light_gru_reference(
    x: Float[Tensor, "batch frames input"],
    h: Float[Tensor, "batch hidden"],
    *,
    weight_ih: Float[Tensor, "two_hidden input"],
    weight_hh: Float[Tensor, "two_hidden hidden"],
    scale: Float[Tensor, " two_hidden"],
    shift: Float[Tensor, " two_hidden"],
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """Run the light GRU's recurrence, one frame after the other.

    z_t = sigmoid(s_z * N(W_z x_t) + b_z + U_z h_(t-1))
    n_t = relu(s_n * N(W_n x_t) + b_n + U_n h_(t-1))
    h_t = z_t * h_(t-1) + (1 - z_t) * n_t

    Gate order in W, U, s and b: z, n. z = 1 keeps the memory. N normalises a gate's units at one
    frame to mean 0 and variance 1 (layer normalisation). The paper normalises each unit over the
    batch instead, whose answer depends on what else is in the batch and on padding.

    Args:
        x: any real.
        h: the memory before the first frame.
    Returns:
        h_t of every frame, and the last of them (``h`` itself when there is no frame).
    Reference:
        Ravanelli, Brakel, Omologo and Bengio, "Light gated recurrent units for speech
        recognition", IEEE TETCI 2(2), 2018.
    """
    hidden = h.shape[1]
    s_z, s_n = scale.chunk(2)
    b_z, b_n = shift.chunk(2)
    outputs = []
    for x_t in x.unbind(dim=1):
        x_z, x_n = (x_t @ weight_ih.T).chunk(2, dim=-1)
        h_z, h_n = (h @ weight_hh.T).chunk(2, dim=-1)
        z = torch.sigmoid(s_z * layer_norm(x_z, (hidden,)) + b_z + h_z)
        n = torch.relu(s_n * layer_norm(x_n, (hidden,)) + b_n + h_n)
        h = z * h + (1 - z) * n
        outputs.append(h)
    if not outputs:
        return x.new_empty(x.shape[0], 0, hidden), h
    return torch.stack(outputs, dim=1), h
