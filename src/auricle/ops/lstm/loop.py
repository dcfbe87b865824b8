"""An LSTM with peepholes: a loop over frames for what is recurrent, and its gradients."""

from typing import Any

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
    inputs = (x_gates.to(h.dtype).transpose(0, 1), h, c, weight_hh, peepholes, projection)
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
    (p_i, p_f, p_o), recurrent = peepholes, weight_hh.T
    outputs, cells, gates = [], [], []
    for x_t in x_gates:
        a_i, a_f, a_g, a_o = torch.addmm(x_t, h, recurrent).chunk(4, dim=1)
        i, f = torch.sigmoid(a_i + p_i * c), torch.sigmoid(a_f + p_f * c)
        g = torch.tanh(a_g)
        c = f * c + i * g
        o = torch.sigmoid(a_o + p_o * c)
        h = o * torch.tanh(c)
        if projection is not None:
            h = h @ projection.T
        outputs.append(h)
        cells.append(c)
        gates.append(torch.cat([i, f, g, o], dim=1))
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
        grad_gates, grad_h, grad_c, grad_outputs = _backward_loop(
            grad_y, grad_c, (gates, cells, before), (weight_hh, peepholes, projection)
        )
        i, f, _, o = grad_gates.chunk(4, dim=2)
        grad_peepholes = torch.stack(
            [(i * before).sum((0, 1)), (f * before).sum((0, 1)), (o * cells).sum((0, 1))]
        )
        grad_projection = None
        if projection is not None:
            unprojected = gates.chunk(4, dim=2)[3] * torch.tanh(cells)
            grad_projection = grad_outputs.flatten(0, 1).T @ unprojected.flatten(0, 1)
        earlier = torch.cat([h[None], y[:-1]]).flatten(0, 1)
        grad_weight = grad_gates.flatten(0, 1).T @ earlier
        return grad_gates, grad_h, grad_c, grad_weight, grad_peepholes, grad_projection


def _backward_loop(
    grad_y: Tensor,
    grad_c: Tensor,
    memories: tuple[Tensor, Tensor, Tensor],
    weights: tuple[Tensor, Tensor, Tensor | None],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Gradients of the gates before their activations, of the first h and c, and of every h_t."""
    weight_hh, (p_i, p_f, p_o), projection = weights
    grad_gates, totals = [], []
    grad_h = torch.zeros_like(grad_y[0])
    frames = zip(grad_y.flip(0), *(part.flip(0) for part in memories), strict=True)
    for grad_t, gates, c, before in frames:
        i, f, g, o = gates.chunk(4, dim=1)
        grad_h = grad_h + grad_t
        totals.append(grad_h)
        grad_m = grad_h if projection is None else grad_h @ projection
        squashed = torch.tanh(c)
        grad_o = grad_m * squashed * o * (1 - o)
        grad_c = grad_c + grad_m * o * (1 - squashed * squashed) + grad_o * p_o
        grad_i = grad_c * g * i * (1 - i)
        grad_f = grad_c * before * f * (1 - f)
        grad_g = grad_c * i * (1 - g * g)
        grad_c = grad_c * f + grad_i * p_i + grad_f * p_f
        grad_a = torch.cat([grad_i, grad_f, grad_g, grad_o], dim=1)
        grad_h = grad_a @ weight_hh
        grad_gates.append(grad_a)
    return torch.stack(grad_gates[::-1]), grad_h, grad_c, torch.stack(totals[::-1])
