"""Each cell's gates in plain torch, over all frames at once: what the parallel form runs on."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional


class Gated(NamedTuple):
    """A recurrence h_t = a_t * h_(t-1) + b_t, and the gate of its output where it has one."""

    a: Tensor
    b: Tensor
    o: Tensor | None = None


def gate(cell: str, x: Tensor, p: Tensor | None) -> Gated:
    """a_t and b_t of every frame; equations as in `reference.py`.

    For ``lru`` complex numbers are pairs, and a_t is the same for all frames.
    """
    match cell, p:
        case "linear", Tensor():
            return Gated(p, x)
        case "min_gru", None:
            z_pre, c = x.chunk(2, dim=-1)
            z = torch.sigmoid(z_pre)
            return Gated(1 - z, z * c)
        case "min_lstm", None:
            f_pre, i_pre, c = x.chunk(3, dim=-1)
            ratio = functional.logsigmoid(i_pre) - functional.logsigmoid(f_pre)
            return Gated(torch.sigmoid(-ratio), torch.sigmoid(ratio) * c)
        case "qrnn", None:
            f_pre, z_pre, o_pre = x.chunk(3, dim=-1)
            f = torch.sigmoid(f_pre)
            return Gated(f, (1 - f) * torch.tanh(z_pre), torch.sigmoid(o_pre))
        case "rg_lru", Tensor():
            r_pre, i_pre, v = x.chunk(3, dim=-1)
            decay = torch.exp(p) * torch.sigmoid(r_pre)
            scale = torch.sqrt((-torch.expm1(-2 * decay)).clamp(min=1e-30))
            return Gated(torch.exp(-decay), scale * torch.sigmoid(i_pre) * v)
        case "lru", Tensor():
            eigenvalue = p[:2].reshape(-1).expand_as(x)
            return Gated(eigenvalue, x * torch.cat([p[2], p[2]]))
    raise AssertionError(f"no gates are written for {cell}")
