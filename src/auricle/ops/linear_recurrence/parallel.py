"""The minimal GRU's recurrence in plain torch, in a number of passes logarithmic in the frames."""

import torch
from jaxtyping import Float
from torch import Tensor


def min_gru_parallel(
    gates: Float[Tensor, "batch frames two_hidden"], h: Float[Tensor, "batch hidden"]
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """The same map as `min_gru_reference`, for any device that torch knows.

    h_t = a_t h_(t-1) + b_t composes associatively: applying (a, b) and then (a', b') is
    (a' a, a' b + b'). Doubling the reach in each pass gives every prefix.

    Reference:
        Hillis and Steele, "Data parallel algorithms", CACM 29(12), 1986.
        Blelloch, "Prefix sums and their applications", CMU-CS-90-190, 1990.
    """
    frames = gates.shape[1]
    if frames == 0:
        return gates.new_empty(gates.shape[0], 0, h.shape[1]), h
    z_pre, c = gates.chunk(2, dim=-1)
    z = torch.sigmoid(z_pre)
    a, b = 1 - z, z * c
    reach = 1
    while reach < frames:
        b = torch.cat([b[:, :reach], b[:, reach:] + a[:, reach:] * b[:, :-reach]], dim=1)
        a = torch.cat([a[:, :reach], a[:, reach:] * a[:, :-reach]], dim=1)
        reach *= 2
    out = b + a * h[:, None]
    return out, out[:, -1]
