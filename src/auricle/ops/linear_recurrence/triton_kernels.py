"""Every gated linear recurrence for CUDA: one kernel forward and one backward, gates compiled in.

A program runs one clip and a block of channels through the frames, its memory in registers. What
numba's form does by type, this one does by the constant CELL. Checked in triton's interpreter
against the loop, forward and gradients; not yet run on a GPU by us.

Imported only where ``backend="triton"`` asks for it: triton comes with torch's CUDA builds.
"""

from typing import Any, no_type_check

import torch
import triton
import triton.language as tl
from torch import Tensor

_NAMES = ("linear", "min_gru", "min_lstm", "qrnn", "rg_lru", "lru")
_LINEAR, _MIN_GRU, _MIN_LSTM, _QRNN, _RG_LRU, _LRU = (tl.constexpr(i) for i in range(6))
_WIDTHS = {"linear": 1, "min_gru": 2, "min_lstm": 3, "qrnn": 3, "rg_lru": 3, "lru": 2}
_BLOCK = 64


@triton.jit
@no_type_check
def _tanh(x):
    return 2 * tl.sigmoid(2 * x) - 1


@triton.jit
@no_type_check
def _normalised(f_pre, i_pre):
    """f / (f + i) and i / (f + i); the ratio's exponent is held where float32 can hold it."""
    gap = tl.maximum(-f_pre, 0.0) - tl.maximum(-i_pre, 0.0)
    gap = tl.minimum(tl.maximum(gap, -80.0), 80.0)
    ratio = tl.exp(gap) * (1 + tl.exp(-tl.abs(f_pre))) / (1 + tl.exp(-tl.abs(i_pre)))
    return 1 / (1 + ratio), ratio / (1 + ratio)


@triton.jit
@no_type_check
def _decay(rate, r_pre):
    """x = rate * sigmoid(r_pre), a = exp(-x) and sqrt(1 - a^2), by its series where x is small."""
    x = rate * tl.sigmoid(r_pre)
    a = tl.exp(-x)
    series = 2 * x * (1 - x * (1 - x * (2.0 / 3 - x * (1.0 / 3 - x * (2.0 / 15)))))
    square = tl.where(x < 0.05, series, 1 - a * a)
    return x, a, tl.sqrt(tl.maximum(square, 1e-30))


@triton.jit
@no_type_check
def _forward(
    x, p, h, lengths, memories, y, last, frames, hidden,
    CELL: tl.constexpr, WIDTH: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    i = tl.program_id(0).to(tl.int64)
    k = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = k < hidden
    pairs: tl.constexpr = 2 if CELL == _LRU else 1
    state = tl.load(h + i * pairs * hidden + k, mask=inside, other=0.0)
    other = state
    if CELL == _LRU:
        other = tl.load(h + i * 2 * hidden + hidden + k, mask=inside, other=0.0)
    for t in range(tl.load(lengths + i)):
        row = i * frames + t
        gates = x + row * WIDTH * hidden + k
        out = row * pairs * hidden + k
        first = tl.load(gates, mask=inside, other=0.0)
        if CELL == _LINEAR:
            state = tl.load(p + row * hidden + k, mask=inside, other=0.0) * state + first
        else:
            second = tl.load(gates + hidden, mask=inside, other=0.0)
        if CELL == _MIN_GRU:
            state = state + tl.sigmoid(first) * (second - state)
        if CELL == _MIN_LSTM:
            keep, take = _normalised(first, second)
            state = keep * state + take * tl.load(gates + 2 * hidden, mask=inside, other=0.0)
        if CELL == _QRNN:
            f = tl.sigmoid(first)
            state = f * state + (1 - f) * _tanh(second)
            o = tl.sigmoid(tl.load(gates + 2 * hidden, mask=inside, other=0.0))
            tl.store(y + out, o * state, mask=inside)
        if CELL == _RG_LRU:
            _, a, scale = _decay(tl.load(p + k, mask=inside, other=0.0), first)
            v = tl.load(gates + 2 * hidden, mask=inside, other=0.0)
            state = a * state + scale * tl.sigmoid(second) * v
        if CELL == _LRU:
            re = tl.load(p + k, mask=inside, other=0.0)
            im = tl.load(p + hidden + k, mask=inside, other=0.0)
            scale = tl.load(p + 2 * hidden + k, mask=inside, other=0.0)
            after = re * state - im * other + scale * first
            other = re * other + im * state + scale * second
            state = after
            tl.store(memories + out + hidden, other, mask=inside)
        tl.store(memories + out, state, mask=inside)
    tl.store(last + i * pairs * hidden + k, state, mask=inside)
    if CELL == _LRU:
        tl.store(last + i * 2 * hidden + hidden + k, other, mask=inside)


@triton.jit
@no_type_check
def _backward(
    x, p, h, lengths, memories, grad_y, grad_last, grad_x, grad_p, grad_h, frames, hidden,
    CELL: tl.constexpr, WIDTH: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    i = tl.program_id(0).to(tl.int64)
    k = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = k < hidden
    pairs: tl.constexpr = 2 if CELL == _LRU else 1
    carry = tl.load(grad_last + i * pairs * hidden + k, mask=inside, other=0.0)
    carry_im = carry
    if CELL == _LRU:
        carry_im = tl.load(grad_last + i * 2 * hidden + hidden + k, mask=inside, other=0.0)
    sum_0 = tl.zeros([BLOCK], tl.float32)
    sum_1 = tl.zeros([BLOCK], tl.float32)
    sum_2 = tl.zeros([BLOCK], tl.float32)
    length = tl.load(lengths + i)
    for back in range(length):
        t = length - 1 - back
        row = i * frames + t
        gates = x + row * WIDTH * hidden + k
        to = grad_x + row * WIDTH * hidden + k
        out = row * pairs * hidden + k
        # The memory before the frame is that of the frame before, or the first one where t is 0.
        later = k + t * hidden >= hidden
        before = tl.load(memories + out - pairs * hidden, mask=inside & later, other=0.0)
        before += tl.load(h + i * pairs * hidden + k, mask=inside & ~later, other=0.0)
        first = tl.load(gates, mask=inside, other=0.0)
        g = tl.load(grad_y + out, mask=inside, other=0.0)
        if CELL == _QRNN:
            o = tl.sigmoid(tl.load(gates + 2 * hidden, mask=inside, other=0.0))
            now = tl.load(memories + out, mask=inside, other=0.0)
            tl.store(to + 2 * hidden, g * now * o * (1 - o), mask=inside)
            g = g * o
        g = g + carry
        if CELL == _LINEAR:
            tl.store(to, g, mask=inside)
            tl.store(grad_p + row * hidden + k, g * before, mask=inside)
            carry = g * tl.load(p + row * hidden + k, mask=inside, other=0.0)
        else:
            second = tl.load(gates + hidden, mask=inside, other=0.0)
        if CELL == _MIN_GRU:
            z = tl.sigmoid(first)
            tl.store(to, g * (second - before) * z * (1 - z), mask=inside)
            tl.store(to + hidden, g * z, mask=inside)
            carry = g * (1 - z)
        if CELL == _MIN_LSTM:
            keep, take = _normalised(first, second)
            c = tl.load(gates + 2 * hidden, mask=inside, other=0.0)
            bent = g * (c - before) * keep * take
            tl.store(to, -bent * tl.sigmoid(-first), mask=inside)
            tl.store(to + hidden, bent * tl.sigmoid(-second), mask=inside)
            tl.store(to + 2 * hidden, g * take, mask=inside)
            carry = g * keep
        if CELL == _QRNN:
            f, z = tl.sigmoid(first), _tanh(second)
            tl.store(to, g * (before - z) * f * (1 - f), mask=inside)
            tl.store(to + hidden, g * (1 - f) * (1 - z * z), mask=inside)
            carry = g * f
        if CELL == _RG_LRU:
            decay, a, scale = _decay(tl.load(p + k, mask=inside, other=0.0), first)
            r, gate = tl.sigmoid(first), tl.sigmoid(second)
            v = tl.load(gates + 2 * hidden, mask=inside, other=0.0)
            # The scale's derivative is a^2 / scale, and decay / scale goes to 0 with decay.
            bent = g * (a * a * (decay / scale) * gate * v - a * decay * before)
            tl.store(to, bent * (1 - r), mask=inside)
            tl.store(to + hidden, g * scale * v * gate * (1 - gate), mask=inside)
            tl.store(to + 2 * hidden, g * scale * gate, mask=inside)
            sum_0 += bent
            carry = g * a
        if CELL == _LRU:
            before_im = tl.load(memories + out - hidden, mask=inside & later, other=0.0)
            before_im += tl.load(h + i * 2 * hidden + hidden + k, mask=inside & ~later, other=0.0)
            g_im = tl.load(grad_y + out + hidden, mask=inside, other=0.0) + carry_im
            re = tl.load(p + k, mask=inside, other=0.0)
            im = tl.load(p + hidden + k, mask=inside, other=0.0)
            scale = tl.load(p + 2 * hidden + k, mask=inside, other=0.0)
            tl.store(to, g * scale, mask=inside)
            tl.store(to + hidden, g_im * scale, mask=inside)
            sum_0 += g * before + g_im * before_im
            sum_1 += g_im * before - g * before_im
            sum_2 += g * first + g_im * second
            carry = re * g + im * g_im
            carry_im = re * g_im - im * g
    tl.store(grad_h + i * pairs * hidden + k, carry, mask=inside)
    if CELL == _RG_LRU:
        tl.store(grad_p + i * hidden + k, sum_0, mask=inside)
    if CELL == _LRU:
        tl.store(grad_h + i * 2 * hidden + hidden + k, carry_im, mask=inside)
        tl.store(grad_p + i * 3 * hidden + k, sum_0, mask=inside)
        tl.store(grad_p + i * 3 * hidden + hidden + k, sum_1, mask=inside)
        tl.store(grad_p + i * 3 * hidden + 2 * hidden + k, sum_2, mask=inside)


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, cell: str, x: Tensor, p: Tensor | None, h: Tensor, lengths: Tensor
    ) -> tuple[Tensor, Tensor]:
        x, h = x.contiguous(), h.contiguous()
        extra = x if p is None else (p.exp() if cell == "rg_lru" else p).contiguous()
        y = x.new_zeros(x.shape[0], x.shape[1], h.shape[1])
        memories = torch.empty_like(y) if cell == "qrnn" else y
        last = torch.empty_like(h)
        _launch(_forward, cell, h, x, extra, h, lengths, memories, y, last, x.shape[1])
        ctx.cell, ctx.has_p = cell, p is not None
        ctx.save_for_backward(x, extra, h, lengths, memories)
        return y, last

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, Tensor, Tensor | None, Tensor, None]:
        x, extra, h, lengths, memories = ctx.saved_tensors
        grad_y, grad_last = (grad.contiguous() for grad in grads)
        grad_x, grad_h = torch.zeros_like(x), torch.empty_like(h)
        linear = ctx.cell == "linear"
        grad_p = x.new_zeros(extra.shape if linear else (x.shape[0], *extra.shape))
        if not ctx.has_p:
            grad_p = x.new_zeros(0)
        given = (x, extra, h, lengths, memories, grad_y, grad_last, grad_x, grad_p, grad_h)
        _launch(_backward, ctx.cell, h, *given, x.shape[1])
        if not linear:
            grad_p = grad_p.sum(dim=0)
        return None, grad_x, grad_p if ctx.has_p else None, grad_h, None


def _launch(kernel: Any, cell: str, h: Tensor, *given: Any) -> None:
    """One program for each clip and block of channels; nothing where there is no clip."""
    hidden = h.shape[1] // 2 if cell == "lru" else h.shape[1]
    grid = (h.shape[0], triton.cdiv(hidden, _BLOCK))
    if grid[0] and grid[1]:
        kernel[grid](
            *given, hidden, CELL=_NAMES.index(cell), WIDTH=_WIDTHS[cell], BLOCK=_BLOCK, num_warps=2
        )


def run_triton(
    cell: str, x: Tensor, p: Tensor | None, h: Tensor, lengths: Tensor | None
) -> tuple[Tensor, Tensor]:
    """y and the last memory, float32; what stands beyond a clip's length is not read."""
    if lengths is None:
        lengths = torch.full((x.shape[0],), x.shape[1], device=x.device)
    done: tuple[Tensor, Tensor] = _Recurrence.apply(cell, x, p, h, lengths)  # type: ignore[no-untyped-call]
    return done
