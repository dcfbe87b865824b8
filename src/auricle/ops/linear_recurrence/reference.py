"""The minimal GRU's recurrence as a loop that reads beside its equation."""

import torch
from jaxtyping import Float
from torch import Tensor


def min_gru_reference(
    gates: Float[Tensor, "batch frames two_hidden"], h: Float[Tensor, "batch hidden"]
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """Run the minimal GRU's recurrence, one frame after the other.

    z_t = sigmoid(gates[:, t, :hidden])
    c_t = gates[:, t, hidden:]
    h_t = (1 - z_t) * h_(t-1) + z_t * c_t

    Args:
        gates: update gate before its sigmoid, then candidate; any real.
        h: the memory before the first frame.
    Returns:
        h_t of every frame, and the last of them (``h`` itself when there is no frame).
    Reference:
        Feng et al., "Were RNNs All We Needed?", arXiv:2410.01201, 2024, section 3.1.
    """
    outputs = []
    for gates_t in gates.unbind(dim=1):
        z_pre, c = gates_t.chunk(2, dim=-1)
        z = torch.sigmoid(z_pre)
        h = (1 - z) * h + z * c
        outputs.append(h)
    if not outputs:
        return gates.new_empty(gates.shape[0], 0, h.shape[1]), h
    return torch.stack(outputs, dim=1), h
