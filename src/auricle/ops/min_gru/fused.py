"""The compiled layer on tensors, with its gradients; `operators.py` makes it an operator."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from auricle.ops.buffers import empty
from auricle.ops.eager import is_eager
from auricle.ops.tiles.tensors import Part, flatten, incoming, shares_of
from auricle.ops.workers import run_parts


def run_fused(x: Tensor, weight: Tensor, bias: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """y and the last memory; eager tensors skip the operator's cost of 70 us a call."""
    if not is_eager(x, weight, bias, h):
        from auricle.ops.min_gru.operators import layer

        y, last, _ = layer(x, weight, bias, h)
        return y, last
    if torch.is_grad_enabled():
        done: tuple[Tensor, Tensor] = _Layer.apply(x, weight, bias, h)  # type: ignore[no-untyped-call]
        return done
    y, last, _ = layer_forward(x, weight, bias, h)
    return y, last


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, h: Tensor
    ) -> tuple[Tensor, Tensor]:
        y, last, z = layer_forward(x, weight, bias, h)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, weight, h, y, z)
        return y, last

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        return differentiate(ctx, *grads, by=layer_backward)


def layer_forward(
    x: Tensor, weight: Tensor, bias: Tensor, h: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """h_t of every frame, the last of them, and z_t of every frame."""
    from auricle.ops.min_gru import kernels
    from auricle.ops.tiles.packing import packed

    y, z = (empty((*x.shape[:2], h.shape[1]), like=x) for _ in range(2))
    x, flat = flatten(x)
    matrix = packed(weight.detach().t().contiguous().numpy())
    b, first, out, gate = (t.detach().contiguous().numpy() for t in (bias, h, y, z))

    def work(part: Part) -> None:
        _, start, stop = part
        kernels.forward(flat, x.stride(0), x.stride(1), matrix, b, first, out, gate, start, stop)

    run_parts(work, shares_of(x, weight))
    last = y[:, -1].clone() if x.shape[1] else h.clone()
    return y, last, z


def layer_backward(
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
    from auricle.ops.min_gru import kernels
    from auricle.ops.tiles.packing import packed
    from auricle.ops.tiles.tile import padded

    grad_x = empty(x.shape if wants_x else (0, *x.shape[1:]), like=x)
    grad_h = grad_last.contiguous().clone()
    parts = shares_of(x, weight)
    columns = padded.py_func(x.shape[2], x.element_size())
    grad_weight = np.zeros((len(parts), weight.shape[0], columns), dtype=y.detach().numpy().dtype)
    grad_bias = np.zeros((len(parts), weight.shape[0]), dtype=grad_weight.dtype)
    x, flat = flatten(x)
    grad_y, flat_grad = flatten(grad_y)
    matrix = packed(weight.detach().contiguous().numpy())
    arrays = (t.detach().contiguous().numpy() for t in (h, y, z, grad_h, grad_x))
    first, out, gate, to_h, to_x = arrays

    def work(part: Part) -> None:
        number, start, stop = part
        kernels.backward(
            flat, x.stride(0), x.stride(1), x.shape[2], matrix, first, out, gate,
            flat_grad, grad_y.stride(0), grad_y.stride(1),
            to_h, to_x, grad_weight[number], grad_bias[number], start, stop,
        )  # fmt: skip

    run_parts(work, parts)
    whole = np.ascontiguousarray(grad_weight.sum(axis=0)[:, : x.shape[2]])
    return grad_x, torch.from_numpy(whole), torch.from_numpy(grad_bias.sum(axis=0)), grad_h


def differentiate(
    ctx: Any,
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    *,
    by: Callable[..., tuple[Tensor, Tensor, Tensor, Tensor]],
) -> tuple[Tensor | None, ...]:
    """Gradients of the layer's inputs from what its context saved; ``by`` is `layer_backward`."""
    x, weight, h, y, z = ctx.saved_tensors
    to_y, to_last = incoming(grad_y, grad_last, y=y, h=h)
    wants_x = bool(ctx.needs_input_grad[0])
    grad_x, grad_weight, grad_bias, grad_h = by(x, weight, h, y, z, to_y, to_last, wants_x)
    return grad_x if wants_x else None, grad_weight, grad_bias, grad_h
