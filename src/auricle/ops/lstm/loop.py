"""An LSTM with peepholes: a loop over frames for what is recurrent, and its gradients."""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from auricle.ops.precision import without_autocast


def peephole_lstm(
    x_gates: Float[Tensor, "batch frames four_hidden"],
    state: tuple[Float[Tensor, "batch output"], Float[Tensor, "batch hidden"]],
    *,
    weight_hh: Float[Tensor, "four_hidden output"],
    peepholes: Float[Tensor, "3 hidden"],
    projection: Float[Tensor, "output hidden"] | None = None,
) -> tuple[
    Float[Tensor, "batch frames output"],
    tuple[Float[Tensor, "batch output"], Float[Tensor, "batch hidden"]],
]:
    """The map of `lstm_reference`, from W x_t + b of all frames on; gate order i, f, g, o.

    Its gradients are those of back-propagation through time, with one product for the gradient of
    each weight over all frames; they cannot be differentiated again.
    """
    h, c = state
    if x_gates.shape[1] == 0:
        return x_gates.new_empty(x_gates.shape[0], 0, h.shape[1]), state
    dtype = weight_hh.dtype
    x_gates, h, c = x_gates.to(dtype), h.to(dtype), c.to(dtype)  # they differ under autocast
    inputs = (x_gates.transpose(0, 1), h, c, weight_hh, peepholes, projection)
    if torch.is_grad_enabled():
        y, c = _PeepholeLstm.apply(*inputs)  # type: ignore[no-untyped-call]
    else:
        y, cells, _ = _forward(*inputs)
        c = cells[-1]
    return y.transpose(0, 1), (y[-1], c)


@without_autocast
def _forward(
    x_gates: Tensor,
    h: Tensor,
    c: Tensor,
    weight_hh: Tensor,
    peepholes: Tensor,
    projection: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """h, c and the gates of every frame; frames come first."""
    p_i_f, p_o, recurrent = peepholes[:2], peepholes[2], weight_hh.T
    outputs, cells, gates = [], [], []
    for x_t in x_gates:
        a = torch.addmm(x_t, h, recurrent).view(len(h), 4, -1)
        i_f = torch.sigmoid(torch.addcmul(a[:, :2], p_i_f, c[:, None]))
        i, f = i_f.unbind(dim=1)
        g = torch.tanh(a[:, 2])
        c = torch.addcmul(i * g, f, c)
        o = torch.sigmoid(torch.addcmul(a[:, 3], p_o, c))
        h = o * torch.tanh(c)
        if projection is not None:
            h = h @ projection.T
        outputs.append(h)
        cells.append(c)
        gates.append(torch.stack([i, f, g, o], dim=1))
    return torch.stack(outputs), torch.stack(cells), torch.stack(gates)


class _PeepholeLstm(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x_gates: Tensor,
        h: Tensor,
        c: Tensor,
        weight_hh: Tensor,
        peepholes: Tensor,
        projection: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        y, cells, gates = _forward(x_gates, h, c, weight_hh, peepholes, projection)
        ctx.save_for_backward(y, cells, gates, h, c, weight_hh, peepholes, projection)
        return y, cells[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_y: Tensor, grad_c: Tensor) -> tuple[Tensor | None, ...]:
        y, cells, gates, h, c, weight_hh, peepholes, projection = ctx.saved_tensors
        before = torch.cat([c[None], cells[:-1]])
        slopes = _slopes(gates, cells, before, peepholes)
        grads, grad_h, grad_c, totals = _backward_loop(
            grad_y, grad_c, slopes, (weight_hh, projection)
        )
        grad_peepholes = torch.stack(
            [
                (grads[:, :, 0] * before).sum((0, 1)),
                (grads[:, :, 1] * before).sum((0, 1)),
                (grads[:, :, 3] * cells).sum((0, 1)),
            ]
        )
        grad_projection = None
        if projection is not None:
            unprojected = gates[:, :, 3] * torch.tanh(cells)
            grad_projection = totals.flatten(0, 1).T @ unprojected.flatten(0, 1)
        earlier = torch.cat([h[None], y[:-1]]).flatten(0, 1)
        grad_gates = grads.flatten(2)
        grad_weight = grad_gates.flatten(0, 1).T @ earlier
        return grad_gates, grad_h, grad_c, grad_weight, grad_peepholes, grad_projection


class _Slopes(NamedTuple):
    """All that the way back multiplies by, for every frame at once.

    Attributes:
        o: from m = o tanh(c) to the output gate before its sigmoid.
        c: from m to c, past the output gate and through its peephole.
        i_f_g: from c to the other gates before their activations.
        before: from c to the memory before, past the forget gate and through two peepholes.
    """

    o: Tensor
    c: Tensor
    i_f_g: Tensor
    before: Tensor


def _slopes(gates: Tensor, cells: Tensor, before: Tensor, peepholes: Tensor) -> _Slopes:
    i, f, g, o = gates.unbind(dim=2)
    p_i, p_f, p_o = peepholes
    squashed = torch.tanh(cells)
    of_o = squashed * o * (1 - o)
    of_i, of_f, of_g = g * i * (1 - i), before * f * (1 - f), i * (1 - g * g)
    return _Slopes(
        of_o,
        o * (1 - squashed * squashed) + of_o * p_o,
        torch.stack([of_i, of_f, of_g], dim=2),
        f + of_i * p_i + of_f * p_f,
    )


def _backward_loop(
    grad_y: Tensor, grad_c: Tensor, slopes: _Slopes, weights: tuple[Tensor, Tensor | None]
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Gradients of the gates before their activations, of the first h and c, and of every h_t."""
    weight_hh, projection = weights
    frames, batch, hidden = slopes.o.shape
    grads = grad_y.new_empty(frames, batch, 4, hidden)
    totals = torch.empty_like(grad_y)
    grad_h = torch.zeros_like(grad_y[0])
    for t in range(frames - 1, -1, -1):
        grad_h = torch.add(grad_h, grad_y[t], out=totals[t])
        grad_m = grad_h if projection is None else grad_h @ projection
        torch.mul(grad_m, slopes.o[t], out=grads[t, :, 3])
        grad_c = torch.addcmul(grad_c, grad_m, slopes.c[t])
        torch.mul(grad_c[:, None], slopes.i_f_g[t], out=grads[t, :, :3])
        grad_c = grad_c * slopes.before[t]
        grad_h = grads[t].flatten(1) @ weight_hh
    return grads, grad_h, grad_c, totals
