"""One frame through the recurrent layers and the head, for several streams at once."""

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn
from torch.nn import functional

from auricle.heads import ClassifyHead, DetectHead
from auricle.heads.classify import LEAST_WEIGHT
from auricle.layers import CellState, MinGru, RgLru
from auricle.streaming.step.compiled import kernels_for
from auricle.streaming.step.product import Product
from auricle.trunks.recurrent import RecurrentBlock

_COLUMNS = 16  # products of so many columns, or a multiple, take a third of the time of fewer
_ONE, _TWO, _HALF = np.float32(1), np.float32(2), np.float32(0.5)


def after_norm(norm: nn.LayerNorm, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """W (g * u + b) + c as W' u + c': a normalisation's scale and shift within the next layer.

    Returns:
        W' and c' in double precision.
    """
    weight = weight.detach().double()
    shift = bias.detach().double() + weight @ norm.bias.detach().double()
    return weight * norm.weight.detach().double(), shift


class BlockPlan:
    """A `RecurrentBlock`: all its gates in one product, halves folded in.

    With a, g, c = halves of update and output gate before their functions, and the candidate:
        h <- h + (1 + tanh(a)) / 2 * (c - h)       since sigmoid(2 a) = (1 + tanh(a)) / 2
        x <- x + W_o (g * (1 + tanh(g)) * h) + b   since silu(2 g) = g * (1 + tanh(g))
    Of the RG-LRU, with halves r, i of its gates and v of its input:
        e = expm1(-rate * (1 + tanh(r))),  h <- (1 + e) * h + sqrt(-e (2 + e)) * (1 + tanh(i)) * v
    """

    def __init__(self, block: RecurrentBlock) -> None:
        cell = block.cell
        assert isinstance(cell, MinGru | RgLru)
        hidden = self.hidden = cell.hidden_size
        cut = len(cell.gates.weight) - hidden  # before it the gates, from it on what they let in
        share = 0.5 if isinstance(cell, RgLru) else 1.0
        weight, bias = (
            torch.cat([own[:cut] / 2, block_gate / 2, share * own[cut:]])
            for own, block_gate in (
                (cell.gates.weight, block.gate.weight),
                (cell.gates.bias, block.gate.bias),
            )
        )
        self.num_halves = cut // hidden + 1
        self.rate = rates(cell) if isinstance(cell, RgLru) else None
        self.gates = Product(*after_norm(block.norm, weight, bias))
        self.out = Product(block.out.weight, block.out.bias)
        self.eps = block.norm.eps


def rates(cell: RgLru) -> Float32[np.ndarray, " hidden"]:
    """-rate of `BlockPlan`: half the logarithm of a_t at r = 1."""
    decay = cell.decay.detach().double()
    halves: Float32[np.ndarray, " hidden"] = (
        (-cell.c / 2 * functional.softplus(decay)).float().numpy()
    )
    return halves


class BlockStep:
    """What `BlockPlan` needs of several streams: their memories, and room to work in."""

    def __init__(self, plan: BlockPlan, memory: CellState) -> None:
        self.plan = plan
        self._h = memory.h.numpy().copy()
        batch, hidden = self._h.shape
        self._width = (hidden,)
        self._gates = torch.zeros(batch, (plan.num_halves + 1) * hidden)
        gates = self._gates.numpy()
        self._halves = gates[:, :-hidden]
        self._gate, self._candidate = gates[:, -2 * hidden : -hidden], gates[:, -hidden:]
        self._tanh = np.zeros((batch, plan.num_halves * hidden), dtype=np.float32)
        self._opened, self._shown = self._tanh[:, :hidden], self._tanh[:, -hidden:]
        self._let_in = self._tanh[:, hidden : 2 * hidden]
        self._faded, self._room = (np.zeros((batch, hidden), dtype=np.float32) for _ in range(2))
        self._product = torch.zeros(batch, hidden)
        self._product_np = self._product.numpy()
        self._out_bias = plan.out.bias.numpy()
        self._kernels, self._gates_np = kernels_for(batch), gates
        self._u = torch.zeros(batch, hidden)
        self._u_np, self._eps = self._u.numpy(), np.float32(plan.eps)

    def step(
        self, x: Float[Tensor, "streams hidden"], x_np: Float32[np.ndarray, "streams hidden"]
    ) -> None:
        """Add this block's answer to ``x``; ``x_np`` is the same memory."""
        if self._kernels is None:
            u = functional.layer_norm(x, self._width, eps=self.plan.eps)
        else:
            u = self._u
            self._kernels.normalise(x_np, self._eps, self._u_np)
        self.plan.gates.into(u, self._gates)
        np.tanh(self._halves, out=self._tanh)
        if self.plan.rate is None:
            self._update(x_np)
        else:
            self._update_rg_lru(self.plan.rate, x_np)
        self.plan.out.add_to(x, self._product)

    def _update(self, x_np: Float32[np.ndarray, "streams hidden"]) -> None:
        """The minimal GRU and the output gate."""
        h, candidate = self._h, self._candidate
        if self._kernels is not None:
            arrays = (self._gates_np, self._tanh, h, self._product_np, x_np, self._out_bias)
            self._kernels.update(*arrays)
            return
        np.add(self._tanh, _ONE, out=self._tanh)
        np.subtract(candidate, h, out=candidate)
        np.multiply(candidate, self._opened, out=candidate)
        np.multiply(candidate, _HALF, out=candidate)
        np.add(h, candidate, out=h)
        self._show(x_np)

    def _update_rg_lru(
        self, rate: Float32[np.ndarray, " hidden"], x_np: Float32[np.ndarray, "streams hidden"]
    ) -> None:
        """The RG-LRU and the output gate. exp and expm1 are numpy's, which compute in vectors."""
        h, v, e, room = self._h, self._candidate, self._faded, self._room
        np.add(self._opened, _ONE, out=e)
        np.multiply(e, rate, out=e)
        np.expm1(e, out=e)
        if self._kernels is not None:
            arrays = (self._gates_np, self._tanh, e, h, self._product_np, x_np, self._out_bias)
            self._kernels.update_rg_lru(*arrays)
            return
        np.add(self._tanh, _ONE, out=self._tanh)
        np.add(e, _TWO, out=room)
        np.multiply(room, e, out=room)
        np.negative(room, out=room)
        np.sqrt(room, out=room)
        np.multiply(room, self._let_in, out=room)
        np.multiply(room, v, out=room)
        np.multiply(e, h, out=e)
        np.add(h, e, out=h)
        np.add(h, room, out=h)
        self._show(x_np)

    def _show(self, x_np: Float32[np.ndarray, "streams hidden"]) -> None:
        """What the output gate shows of the memory; to ``x`` the bias of the last product."""
        np.multiply(self._gate, self._shown, out=self._gate)
        np.multiply(self._gate, self._h, out=self._product_np)
        np.add(x_np, self._out_bias, out=x_np)

    def state(self) -> CellState:
        """As the cell holds it."""
        return CellState(torch.from_numpy(self._h.copy()))


class HeadPlan:
    """The last normalisation, the classifier over its temperature, and the step's weight."""

    def __init__(self, norm: nn.LayerNorm, head: ClassifyHead | DetectHead) -> None:
        self.eps, self.width = norm.eps, tuple(norm.normalized_shape)
        weight, bias = after_norm(norm, head.classify.weight, head.classify.bias)
        temperature = head.temperature.detach().double()
        weight, bias = weight / temperature, bias / temperature
        self.num_logits, self.attends = weight.shape[0], head.attend is not None
        detects = isinstance(head, DetectHead)
        self.answers = head.answers if isinstance(head, DetectHead) else 1
        self.single = not (isinstance(head, DetectHead) and head.config.labels == "multi")
        self.shape = (self.answers, -1) if detects else (-1,)  # of a stream's log-posteriors
        if head.attend is not None:
            attend = after_norm(norm, head.attend.weight, head.attend.bias)
            weight, bias = torch.cat([weight, attend[0]]), torch.cat([bias, attend[1]])
        empty = -len(weight) % _COLUMNS
        weight = functional.pad(weight, (0, 0, 0, empty))
        self.scores = Product(weight, functional.pad(bias, (0, empty)))

    def step(
        self, x: Float[Tensor, "streams hidden"]
    ) -> tuple[
        Float32[np.ndarray, "streams *answers classes"], Float32[np.ndarray, "streams *answers"]
    ]:
        """Log-posteriors and weights, as the head gives them; a detector's of several hops."""
        y = functional.layer_norm(x, self.width, eps=self.eps)
        scores = torch.addmm(self.scores.bias, y, self.scores.weight)
        logits = scores[:, : self.num_logits].reshape(len(scores), *self.shape)
        log_probs = logits.log_softmax(dim=-1) if self.single else functional.logsigmoid(logits)
        if not self.attends:
            return log_probs.numpy(), np.ones(log_probs.shape[:-1], dtype=np.float32)
        weights = scores[:, self.num_logits : self.num_logits + self.answers]
        weights = weights.sigmoid().clamp_(min=LEAST_WEIGHT).reshape(log_probs.shape[:-1])
        return log_probs.numpy(), weights.numpy()
