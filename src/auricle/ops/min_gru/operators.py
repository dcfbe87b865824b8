"""The compiled layer as an operator of torch, for programs that trace, export or compile."""

from typing import Any

import torch
from torch import Tensor

from auricle.ops.min_gru.fused import differentiate, layer_backward, layer_forward


@torch.library.custom_op("auricle::min_gru_layer", mutates_args=())
def layer(x: Tensor, weight: Tensor, bias: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """h_t of every frame, the last of them, and z_t of every frame."""
    return layer_forward(x, weight, bias, h)


@layer.register_fake
def _(x: Tensor, weight: Tensor, bias: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    y = x.new_empty(x.shape[0], x.shape[1], h.shape[1])
    return y, h.new_empty(x.shape[0], h.shape[1]), torch.empty_like(y)


@torch.library.custom_op("auricle::min_gru_layer_backward", mutates_args=())
def backward(
    x: Tensor,
    weight: Tensor,
    h: Tensor,
    y: Tensor,
    z: Tensor,
    grad_y: Tensor,
    grad_last: Tensor,
    wants_x: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Gradients of x (empty if not wanted), weight, bias and h."""
    return layer_backward(x, weight, h, y, z, grad_y, grad_last, wants_x)


@backward.register_fake
def _(
    x: Tensor,
    weight: Tensor,
    h: Tensor,
    y: Tensor,
    z: Tensor,
    grad_y: Tensor,
    grad_last: Tensor,
    wants_x: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    grad_x = x.new_empty(x.shape if wants_x else (0, *x.shape[1:]))
    return (
        grad_x,
        weight.new_empty(weight.shape),
        weight.new_empty(weight.shape[0]),
        torch.empty_like(h),
    )


def _remember(ctx: Any, inputs: tuple[Tensor, ...], output: tuple[Tensor, ...]) -> None:
    x, weight, _, h = inputs
    y, _, z = output
    ctx.mark_non_differentiable(z)
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(x, weight, h, y, z)


def _gradients(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
    return differentiate(ctx, grads[0], grads[1], by=backward)


layer.register_autograd(_gradients, setup_context=_remember)
