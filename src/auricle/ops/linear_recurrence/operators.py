"""The compiled form as torch sees it: an operator with gradients, shapes and an eager short cut."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from auricle.ops.eager import is_eager
from auricle.ops.linear_recurrence.blocks import Block, run_blocks

_Optional = Tensor | None


def run_fused(
    cell: str, x: Tensor, p: _Optional, h: Tensor, lengths: _Optional
) -> tuple[Tensor, Tensor]:
    """y and the last memory; eager tensors skip the operator's cost of 30 us a training step."""
    if not is_eager(*(tensor for tensor in (x, p, h, lengths) if tensor is not None)):
        y, last, _ = torch.ops.auricle.gated_recurrence(cell, x, p, h, lengths)
        return y, last
    if torch.is_grad_enabled():
        done: tuple[Tensor, Tensor] = _Recurrence.apply(cell, x, p, h, lengths)  # type: ignore[no-untyped-call]
        return done
    y, last, _ = _forward(cell, x, p, h, lengths)
    return y, last


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, cell: str, x: Tensor, p: _Optional, h: Tensor, lengths: _Optional
    ) -> tuple[Tensor, Tensor]:
        y, last, memories = _forward(cell, x, p, h, lengths)
        ctx.cell = cell
        ctx.save_for_backward(x, p, h, lengths, memories if memories.numel() else y)
        return y, last

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, Tensor, _Optional, Tensor, None]:
        grad_x, grad_p, grad_h = _backward(ctx.cell, *ctx.saved_tensors, *grads)
        return None, grad_x, grad_p if ctx.needs_input_grad[2] else None, grad_h, None


@torch.library.custom_op("auricle::gated_recurrence", mutates_args=(), device_types="cpu")
def gated_recurrence(
    cell: str, x: Tensor, p: _Optional, h: Tensor, lengths: _Optional
) -> tuple[Tensor, Tensor, Tensor]:
    """y, the last memory, and all memories where y is not the memory (else nothing)."""
    return _forward(cell, x, p, h, lengths)


@gated_recurrence.register_fake
def _(
    cell: str, x: Tensor, p: _Optional, h: Tensor, lengths: _Optional
) -> tuple[Tensor, Tensor, Tensor]:
    y = x.new_empty(x.shape[0], x.shape[1], h.shape[1])
    memories = torch.empty_like(y) if cell == "qrnn" else x.new_empty(0)
    return y, torch.empty_like(h, memory_format=torch.contiguous_format), memories


@torch.library.custom_op("auricle::gated_recurrence_backward", mutates_args=(), device_types="cpu")
def gated_recurrence_backward(
    cell: str,
    x: Tensor,
    p: _Optional,
    h: Tensor,
    lengths: _Optional,
    memories: Tensor,
    grad_y: Tensor,
    grad_last: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients with respect to ``x``, ``p`` (nothing where there is none) and ``h``."""
    grad_x, grad_p, grad_h = _backward(cell, x, p, h, lengths, memories, grad_y, grad_last)
    return grad_x, x.new_empty(0) if grad_p is None else grad_p, grad_h


@gated_recurrence_backward.register_fake
def _(
    cell: str,
    x: Tensor,
    p: _Optional,
    h: Tensor,
    lengths: _Optional,
    memories: Tensor,
    grad_y: Tensor,
    grad_last: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    contiguous = torch.contiguous_format
    grad_p = x.new_empty(0) if p is None else torch.empty_like(p, memory_format=contiguous)
    return (
        torch.empty_like(x, memory_format=contiguous),
        grad_p,
        torch.empty_like(h, memory_format=contiguous),
    )


def _save(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor, Tensor]) -> None:
    ctx.cell, x, p, h, lengths = inputs
    y, _, memories = output
    ctx.save_for_backward(x, p, h, lengths, memories if ctx.cell == "qrnn" else y)


def _gradients(
    ctx: Any, grad_y: Tensor, grad_last: Tensor, _: _Optional
) -> tuple[None, Tensor, _Optional, Tensor, None]:
    saved = ctx.saved_tensors
    done = torch.ops.auricle.gated_recurrence_backward(ctx.cell, *saved, grad_y, grad_last)
    grad_x, grad_p, grad_h = done
    return None, grad_x, None if saved[1] is None else grad_p, grad_h, None


gated_recurrence.register_autograd(_gradients, setup_context=_save)


def _arrays(
    cell: str, x: Tensor, p: _Optional, lengths: _Optional
) -> tuple[Any, np.ndarray[Any, np.dtype[np.int64]]]:
    """The cell that chooses the kernel's gates, and how many frames each clip has."""
    from auricle.ops.linear_recurrence.fused_gates import CELLS

    if lengths is None:
        frames = np.full(x.shape[0], x.shape[1])
    else:
        frames = lengths.contiguous().numpy()
    values = x.detach().contiguous().numpy()
    if p is None:
        extra = np.empty((1, 0, 0), dtype=values.dtype)
    elif cell == "linear":
        extra = p.detach().contiguous().numpy()
    else:
        extra = (p.detach().exp() if cell == "rg_lru" else p.detach()).contiguous().numpy()
        extra = extra.reshape(1, -1, extra.shape[-1])
    return CELLS[cell](values, extra), frames


def _channels(cell: str, h: Tensor) -> int:
    return h.shape[1] // 2 if cell == "lru" else h.shape[1]


def _clear_past(tensor: Tensor, lengths: _Optional) -> None:
    """Set to 0 what the kernel leaves out: the frames from each clip's length on."""
    if lengths is not None:
        for row, length in zip(tensor, lengths.tolist(), strict=True):
            row[length:].zero_()


def _forward(
    cell: str, x: Tensor, p: _Optional, h: Tensor, lengths: _Optional
) -> tuple[Tensor, Tensor, Tensor]:
    from auricle.ops.linear_recurrence.fused import forward

    arrays, frames = _arrays(cell, x, p, lengths)
    y = x.new_empty(x.shape[0], x.shape[1], h.shape[1])
    last = h.detach().clone(memory_format=torch.contiguous_format)
    memories = torch.empty_like(y) if cell == "qrnn" else y
    into = (frames, last.numpy(), memories.numpy(), y.numpy())

    def kernel(block: Block) -> None:
        forward(arrays, *into, block)

    run_blocks(kernel, frames, hidden=_channels(cell, h))
    _clear_past(y, lengths)
    if cell != "qrnn":
        return y, last, x.new_empty(0)
    _clear_past(memories, lengths)
    return y, last, memories


def _backward(
    cell: str,
    x: Tensor,
    p: _Optional,
    h: Tensor,
    lengths: _Optional,
    memories: Tensor,
    grad_y: Tensor,
    grad_last: Tensor,
) -> tuple[Tensor, _Optional, Tensor]:
    from auricle.ops.linear_recurrence.fused import backward

    arrays, frames = _arrays(cell, x, p, lengths)
    grad_x = torch.empty_like(x, memory_format=torch.contiguous_format)
    grad_h = grad_last.detach().clone(memory_format=torch.contiguous_format)
    if cell == "linear":
        grad_p = torch.empty_like(grad_x)
    else:
        grad_p = torch.zeros(x.shape[0], *arrays.p.shape[1:], dtype=x.dtype)
    grads = type(arrays)(grad_x.numpy(), grad_p.numpy())
    first = h.detach().contiguous().numpy()
    given = grad_y.detach().contiguous().numpy()
    into = (frames, first, memories.detach().contiguous().numpy(), given, grad_h.numpy())

    def kernel(block: Block) -> None:
        backward(arrays, grads, *into, block)

    run_blocks(kernel, frames, hidden=_channels(cell, h))
    _clear_past(grad_x, lengths)
    if cell == "linear":
        _clear_past(grad_p, lengths)
        return grad_x, grad_p, grad_h
    return grad_x, None if p is None else grad_p.sum(dim=0).reshape(p.shape), grad_h
