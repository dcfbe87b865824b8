"""The compiled layer as an operator of torch, for programs that trace, export or compile."""

from typing import Any

import torch
from torch import Tensor

from auricle.ops.rg_lru.fused import Gradients, differentiate, layer_backward, layer_forward

_Four = tuple[Tensor, Tensor, Tensor, Tensor]


@torch.library.custom_op("auricle::rg_lru_layer", mutates_args=())
def layer(
    x: Tensor, weight: Tensor, bias: Tensor, log_rate: Tensor, h: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """h_t of every frame, the last of them, and both gates of every frame."""
    return layer_forward(x, weight, bias, log_rate, h)


@layer.register_fake
def _(x: Tensor, weight: Tensor, bias: Tensor, log_rate: Tensor, h: Tensor) -> _Four:
    y = x.new_empty(x.shape[0], x.shape[1], h.shape[1])
    last = h.new_empty(x.shape[0], h.shape[1])
    return y, last, torch.empty_like(y), torch.empty_like(y)


@torch.library.custom_op("auricle::rg_lru_layer_backward", mutates_args=())
def backward(
    x: Tensor,
    weight: Tensor,
    log_rate: Tensor,
    h: Tensor,
    y: Tensor,
    r: Tensor,
    i: Tensor,
    grad_y: Tensor,
    grad_last: Tensor,
    wants_x: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Gradients of x (empty if not wanted), weight, bias, log_rate and h."""
    done = layer_backward(x, weight, log_rate, h, y, r, i, grad_y, grad_last, wants_x)
    return done.x, done.weight, done.bias, done.log_rate, done.h


@backward.register_fake
def _(
    x: Tensor,
    weight: Tensor,
    log_rate: Tensor,
    h: Tensor,
    y: Tensor,
    r: Tensor,
    i: Tensor,
    grad_y: Tensor,
    grad_last: Tensor,
    wants_x: bool,
) -> Gradients:
    return Gradients(
        x.new_empty(x.shape if wants_x else (0, *x.shape[1:])),
        weight.new_empty(weight.shape),
        weight.new_empty(weight.shape[0]),
        log_rate.new_empty(log_rate.shape),
        torch.empty_like(h),
    )


def _remember(ctx: Any, inputs: tuple[Tensor, ...], output: tuple[Tensor, ...]) -> None:
    x, weight, _, log_rate, h = inputs
    y, _, r, i = output
    ctx.mark_non_differentiable(r, i)
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(x, weight, log_rate, h, y, r, i)


def _gradients(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
    return differentiate(ctx, grads[0], grads[1], by=_by_operator)


def _by_operator(*values: Any) -> Gradients:
    return Gradients(*backward(*values))


layer.register_autograd(_gradients, setup_context=_remember)
