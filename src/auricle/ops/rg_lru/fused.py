"""The compiled layer on tensors, with its gradients; `operators.py` makes it an operator."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from auricle.ops.buffers import empty
from auricle.ops.eager import is_eager
from auricle.ops.tiles.tensors import Part, flatten, incoming, shares_of
from auricle.ops.workers import run_parts


class Gradients(NamedTuple):
    """Of the layer's inputs; x's is empty where nobody wants it."""

    x: Tensor
    weight: Tensor
    bias: Tensor
    log_rate: Tensor
    h: Tensor


def run_fused(
    x: Tensor, weight: Tensor, bias: Tensor, log_rate: Tensor, h: Tensor
) -> tuple[Tensor, Tensor]:
    """y and the last memory; ``log_rate`` is log(-log(a)) at r = 1."""
    if not is_eager(x, weight, bias, log_rate, h):
        from auricle.ops.rg_lru.operators import layer

        y, last, _, _ = layer(x, weight, bias, log_rate, h)
        return y, last
    if torch.is_grad_enabled():
        done: tuple[Tensor, Tensor] = _Layer.apply(x, weight, bias, log_rate, h)  # type: ignore[no-untyped-call]
        return done
    y, last, _, _ = layer_forward(x, weight, bias, log_rate, h)
    return y, last


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, log_rate: Tensor, h: Tensor
    ) -> tuple[Tensor, Tensor]:
        y, last, r, i = layer_forward(x, weight, bias, log_rate, h)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, weight, log_rate, h, y, r, i)
        return y, last

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        return differentiate(ctx, *grads, by=layer_backward)


def layer_forward(
    x: Tensor, weight: Tensor, bias: Tensor, log_rate: Tensor, h: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """h_t of every frame, the last of them, and both gates of every frame."""
    from auricle.ops.rg_lru import kernels
    from auricle.ops.tiles.packing import packed

    y, r, i = (empty((*x.shape[:2], h.shape[1]), like=x) for _ in range(3))
    x, flat = flatten(x)
    columns = packed(weight.detach().t().contiguous().numpy())
    arrays = [t.detach().contiguous().numpy() for t in (bias, log_rate.exp(), h, y, r, i)]

    def work(part: Part) -> None:
        kernels.forward(flat, x.stride(0), x.stride(1), columns, *arrays, *part[1:])

    run_parts(work, shares_of(x, weight))
    last = y[:, -1].clone() if x.shape[1] else h.clone()
    return y, last, r, i


def layer_backward(
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
    """Gradients of the layer's inputs."""
    from auricle.ops.rg_lru import kernels
    from auricle.ops.tiles.packing import packed
    from auricle.ops.tiles.tile import padded

    grad_x = empty(x.shape if wants_x else (0, *x.shape[1:]), like=x)
    grad_h = grad_last.contiguous().clone()
    parts, gates = shares_of(x, weight), weight.shape[0]
    columns = padded.py_func(x.shape[2], x.element_size())
    kind = y.detach().numpy().dtype
    widths = (gates * columns, gates, log_rate.shape[0])  # of the weight, the bias and the rate
    sums = [np.zeros((len(parts), width), dtype=kind) for width in widths]
    sums[0] = sums[0].reshape(len(parts), gates, columns)
    x, flat = flatten(x)
    grad_y, flat_grad = flatten(grad_y)
    rows = packed(weight.detach().contiguous().numpy())
    arrays = (t.detach().contiguous().numpy() for t in (log_rate.exp(), h, y, r, i, grad_h, grad_x))
    *kept, to_h, to_x = arrays

    def work(part: Part) -> None:
        number, start, stop = part
        own = (total[number] for total in sums)
        kernels.backward(
            flat, x.stride(0), x.stride(1), x.shape[2], rows, *kept,
            flat_grad, grad_y.stride(0), grad_y.stride(1), to_h, to_x, *own, start, stop,
        )  # fmt: skip

    run_parts(work, parts)
    whole = np.ascontiguousarray(sums[0].sum(axis=0)[:, : x.shape[2]])
    of_bias, of_log_rate = (torch.from_numpy(total.sum(axis=0)) for total in sums[1:])
    return Gradients(grad_x, torch.from_numpy(whole), of_bias, of_log_rate, grad_h)


def differentiate(
    ctx: Any, grad_y: Tensor | None, grad_last: Tensor | None, *, by: Callable[..., Gradients]
) -> tuple[Tensor | None, ...]:
    """Gradients of the layer's inputs from what its context saved; ``by`` is `layer_backward`."""
    x, weight, log_rate, h, y, r, i = ctx.saved_tensors
    to_y, to_last = incoming(grad_y, grad_last, y=y, h=h)
    wants_x = bool(ctx.needs_input_grad[0])
    grad_x, *others = by(x, weight, log_rate, h, y, r, i, to_y, to_last, wants_x)
    return grad_x if wants_x else None, *others
