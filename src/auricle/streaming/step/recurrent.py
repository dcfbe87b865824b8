"""One frame through the recurrent layers and the head, for several streams at once."""

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn
from torch.nn import functional

from auricle.heads import ClassifyHead, DetectHead
from auricle.heads.classify import LEAST_WEIGHT
from auricle.layers import CellState, MinGru
from auricle.streaming.step.compiled import kernels_for
from auricle.streaming.step.product import Product
from auricle.trunks.recurrent import RecurrentBlock

_COLUMNS = 16  # products of so many columns, or a multiple, take a third of the time of fewer
_ONE, _HALF = np.float32(1), np.float32(0.5)


def after_norm(norm: nn.LayerNorm, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """W (g * u + b) + c as W' u + c': a normalisation's scale and shift within the next layer.

    Returns:
        W' and c' in double precision.
    """
    weight = weight.detach().double()
    shift = bias.detach().double() + weight @ norm.bias.detach().double()
    return weight * norm.weight.detach().double(), shift


class BlockPlan:
    """A `RecurrentBlock` of the minimal GRU: all its gates in one product, halves folded in.

    With a, g, c = halves of update and output gate before their functions, and the candidate:
        h <- h + (1 + tanh(a)) / 2 * (c - h)       since sigmoid(2 a) = (1 + tanh(a)) / 2
        x <- x + W_o (g * (1 + tanh(g)) * h) + b   since silu(2 g) = g * (1 + tanh(g))
    """

    def __init__(self, block: RecurrentBlock) -> None:
        assert isinstance(block.cell, MinGru)
        gates = block.cell.gates
        hidden = self.hidden = block.cell.hidden_size
        weight = torch.cat(
            [gates.weight[:hidden] / 2, block.gate.weight / 2, gates.weight[hidden:]]
        )
        bias = torch.cat([gates.bias[:hidden] / 2, block.gate.bias / 2, gates.bias[hidden:]])
        self.gates = Product(*after_norm(block.norm, weight, bias))
        self.out = Product(block.out.weight, block.out.bias)
        self.eps = block.norm.eps


class BlockStep:
    """What `BlockPlan` needs of several streams: their memories, and room to work in."""

    def __init__(self, plan: BlockPlan, memory: CellState) -> None:
        self.plan = plan
        self._h = memory.h.numpy().copy()
        batch, hidden = self._h.shape
        self._width = (hidden,)
        self._gates = torch.zeros(batch, 3 * hidden)
        gates = self._gates.numpy()
        self._halves = gates[:, : 2 * hidden]
        self._gate, self._candidate = gates[:, hidden : 2 * hidden], gates[:, 2 * hidden :]
        self._tanh = np.zeros((batch, 2 * hidden), dtype=np.float32)
        self._opened, self._shown = self._tanh[:, :hidden], self._tanh[:, hidden:]
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
        kernels, tanh = self._kernels, self._tanh
        if kernels is None:
            u = functional.layer_norm(x, self._width, eps=self.plan.eps)
        else:
            u = self._u
            kernels.normalise(x_np, self._eps, self._u_np)
        self.plan.gates.into(u, self._gates)
        np.tanh(self._halves, out=tanh)
        if kernels is None:
            self._update(x_np)
        else:
            h, product = self._h, self._product_np
            kernels.update(self._gates_np, tanh, h, product, x_np, self._out_bias)
        x.addmm_(self._product, self.plan.out.weight)

    def _update(self, x_np: Float32[np.ndarray, "streams hidden"]) -> None:
        """What the kernel `update` does, by numpy."""
        h, candidate = self._h, self._candidate
        np.add(self._tanh, _ONE, out=self._tanh)
        np.subtract(candidate, h, out=candidate)
        np.multiply(candidate, self._opened, out=candidate)
        np.multiply(candidate, _HALF, out=candidate)
        np.add(h, candidate, out=h)
        np.multiply(self._gate, self._shown, out=self._gate)
        np.multiply(self._gate, h, out=self._product_np)
        np.add(x_np, self._out_bias, out=x_np)

    def state(self) -> CellState:
        """As `MinGru` holds it."""
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
