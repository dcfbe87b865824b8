"""The light GRU: a loop over frames for what is recurrent, and its gradients."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from auricle.ops.precision import without_autocast


def light_gru(
    x_gates: Float[Tensor, "batch frames two_hidden"],
    h: Float[Tensor, "batch hidden"],
    *,
    weight_hh: Float[Tensor, "two_hidden hidden"],
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """The map of `light_gru_reference`, from the normalised input part of all frames on.

    Its gradients are those of back-propagation through time, with one product for the gradient of
    the weight over all frames; they cannot be differentiated again.
    """
    if x_gates.shape[1] == 0:
        return x_gates.new_empty(x_gates.shape[0], 0, h.shape[1]), h
    x_gates, h = x_gates.to(weight_hh.dtype), h.to(weight_hh.dtype)  # they differ under autocast
    inputs = (x_gates.transpose(0, 1), h, weight_hh)
    if torch.is_grad_enabled():
        y: Tensor = _LightGru.apply(*inputs)  # type: ignore[no-untyped-call]
    else:
        y, _ = _forward(*inputs)
    return y.transpose(0, 1), y[-1]


@without_autocast
def _forward(x_gates: Tensor, h: Tensor, weight_hh: Tensor) -> tuple[Tensor, Tensor]:
    """h and the gates z, n of every frame; frames come first."""
    recurrent, outputs, gates = weight_hh.T, [], []
    for x_t in x_gates:
        a_z, a_n = torch.addmm(x_t, h, recurrent).chunk(2, dim=1)
        z, n = torch.sigmoid(a_z), torch.relu(a_n)
        h = n + z * (h - n)
        outputs.append(h)
        gates.append(torch.cat([z, n], dim=1))
    return torch.stack(outputs), torch.stack(gates)


class _LightGru(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_gates: Tensor, h: Tensor, weight_hh: Tensor) -> Tensor:
        y, gates = _forward(x_gates, h, weight_hh)
        ctx.save_for_backward(y, gates, h, weight_hh)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        y, gates, h, weight_hh = ctx.saved_tensors
        before = torch.cat([h[None], y[:-1]])
        z, n = gates.chunk(2, dim=2)
        of_z, of_n = (before - n) * z * (1 - z), (1 - z) * (n > 0)
        slopes = torch.stack([of_z, of_n], dim=2)  # of every frame at once
        grads, grad_h = torch.empty_like(slopes), torch.zeros_like(h)
        for t in range(len(z) - 1, -1, -1):
            grad_h = grad_h + grad_y[t]
            torch.mul(grad_h[:, None], slopes[t], out=grads[t])
            grad_h = torch.addmm(grad_h * z[t], grads[t].flatten(1), weight_hh)
        grad_gates = grads.flatten(2)
        return grad_gates, grad_h, grad_gates.flatten(0, 1).T @ before.flatten(0, 1)
