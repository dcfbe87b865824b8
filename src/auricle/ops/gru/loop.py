"""The original GRU: a loop over frames for what is recurrent, and its gradients."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from auricle.ops.precision import without_autocast


def gru_reset_before(
    x_gates: Float[Tensor, "batch frames three_hidden"],
    h: Float[Tensor, "batch hidden"],
    *,
    weight_hh: Float[Tensor, "three_hidden hidden"],
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """The map of `gru_reference` with reset="before", from W x_t + b + d of all frames on.

    Its gradients are those of back-propagation through time, with one product for the gradient of
    each weight over all frames; they cannot be differentiated again.
    """
    if x_gates.shape[1] == 0:
        return x_gates.new_empty(x_gates.shape[0], 0, h.shape[1]), h
    x_gates, h = x_gates.to(weight_hh.dtype), h.to(weight_hh.dtype)  # they differ under autocast
    inputs = (x_gates.transpose(0, 1), h, weight_hh)
    if torch.is_grad_enabled():
        y: Tensor = _GruResetBefore.apply(*inputs)  # type: ignore[no-untyped-call]
    else:
        y, _ = _forward(*inputs)
    return y.transpose(0, 1), y[-1]


@without_autocast
def _forward(x_gates: Tensor, h: Tensor, weight_hh: Tensor) -> tuple[Tensor, Tensor]:
    """h and the gates r, z, n of every frame; frames come first."""
    hidden = h.shape[1]
    gating, candidate = weight_hh[: 2 * hidden].T, weight_hh[2 * hidden :].T
    outputs, gates = [], []
    for x_t in x_gates:
        r_z = torch.sigmoid(torch.addmm(x_t[:, : 2 * hidden], h, gating))
        r, z = r_z.chunk(2, dim=1)
        n = torch.tanh(torch.addmm(x_t[:, 2 * hidden :], r * h, candidate))
        h = n + z * (h - n)
        outputs.append(h)
        gates.append(torch.cat([r_z, n], dim=1))
    return torch.stack(outputs), torch.stack(gates)


class _GruResetBefore(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_gates: Tensor, h: Tensor, weight_hh: Tensor) -> Tensor:
        y, gates = _forward(x_gates, h, weight_hh)
        ctx.save_for_backward(y, gates, h, weight_hh)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        y, gates, h, weight_hh = ctx.saved_tensors
        hidden = h.shape[1]
        before = torch.cat([h[None], y[:-1]])
        r, z, n = gates.chunk(3, dim=2)
        grads, grad_h = _backward_loop(grad_y, (r, z, n), before, weight_hh)
        rows = grads.flatten(0, 1).T
        of_gating = rows[: 2 * hidden] @ before.flatten(0, 1)
        of_candidate = rows[2 * hidden :] @ (r * before).flatten(0, 1)
        return grads, grad_h, torch.cat([of_gating, of_candidate])


def _backward_loop(
    grad_y: Tensor, gates: tuple[Tensor, Tensor, Tensor], before: Tensor, weight_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """Gradients of the gates before their activations, and of the first h."""
    r, z, n = gates
    hidden = z.shape[2]
    gating, candidate = weight_hh[: 2 * hidden], weight_hh[2 * hidden :]
    of_r, of_z = before * r * (1 - r), (before - n) * z * (1 - z)  # of every frame at once
    of_n = (1 - z) * (1 - n * n)
    grads = z.new_empty(*z.shape[:2], 3 * hidden)
    grad_h = torch.zeros_like(before[0])
    for t in range(len(z) - 1, -1, -1):
        grad_h = grad_h + grad_y[t]
        grad_n = torch.mul(grad_h, of_n[t], out=grads[t, :, 2 * hidden :])
        torch.mul(grad_h, of_z[t], out=grads[t, :, hidden : 2 * hidden])
        grad_rh = grad_n @ candidate
        torch.mul(grad_rh, of_r[t], out=grads[t, :, :hidden])
        grad_h = torch.addcmul(grad_h * z[t], grad_rh, r[t])
        grad_h = torch.addmm(grad_h, grads[t, :, : 2 * hidden], gating)
    return grads, grad_h
