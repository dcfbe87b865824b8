"""Recurrent cells: each a causal map `forward(x, state) -> (y, state)`, equal for any cut."""

from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.ops.min_gru import min_gru_layer


class CellState(NamedTuple):
    """The memory h_t of a cell that has one."""

    h: Float[Tensor, "batch hidden"]


class LstmState(NamedTuple):
    """The output h_t and the memory c_t of an LSTM."""

    h: Float[Tensor, "batch hidden"]
    c: Float[Tensor, "batch hidden"]


class MinGru(nn.Module):
    """Minimal GRU: gates look at the input alone, so that training is parallel in time.

    z_t = sigmoid(W_z x_t + b_z),  c_t = W_c x_t + b_c,  h_t = (1 - z_t) h_(t-1) + z_t c_t

    Gate order in the weight: z, c. The bias of z starts at -1, so that memories last at first.

    Reference:
        Feng et al., "Were RNNs All We Needed?", arXiv:2410.01201, 2024.
    """

    causal = True

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.gates = nn.Linear(input_size, 2 * hidden_size)
        with torch.no_grad():
            self.gates.bias[:hidden_size] = torch.linspace(-3.0, 1.0, hidden_size)
            self.gates.bias[hidden_size:] = 0.0

    def initial_state(self, batch: int) -> CellState:
        """Zero memory."""
        return CellState(self.gates.weight.new_zeros(batch, self.hidden_size))

    def forward(
        self, x: Float[Tensor, "batch frames input"], state: CellState
    ) -> tuple[Float[Tensor, "batch frames hidden"], CellState]:
        """h_t of every frame, and the last memory."""
        y, h = min_gru_layer(x, self.gates.weight, self.gates.bias, state.h)
        return y, CellState(h)


class TorchCell(nn.Module):
    """Elman (tanh) or GRU over torch's kernels; gate order r, z, n, h = (1 - z) n + z h.

    Reference:
        Elman, "Finding structure in time", Cognitive Science 14, 1990.
        Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014.
    """

    causal = True

    def __init__(self, kind: Literal["elman", "gru"], input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        make = nn.GRU if kind == "gru" else nn.RNN
        self.rnn = make(input_size, hidden_size, batch_first=True)

    def initial_state(self, batch: int) -> CellState:
        """Zero memory."""
        return CellState(_zeros(self.rnn, batch))

    def forward(
        self, x: Float[Tensor, "batch frames input"], state: CellState
    ) -> tuple[Float[Tensor, "batch frames hidden"], CellState]:
        """h_t of every frame, and the last memory."""
        if x.shape[1] == 0:
            return x.new_zeros(x.shape[0], 0, self.hidden_size), state
        y, h = self.rnn(x, state.h[None])
        return y, CellState(h[0])


class Lstm(nn.Module):
    """LSTM over torch's kernel; gate order i, f, g, o.

    Reference:
        Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997.
    """

    causal = True

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.rnn = nn.LSTM(input_size, hidden_size, batch_first=True)

    def initial_state(self, batch: int) -> LstmState:
        """Zero memory and output."""
        zeros = _zeros(self.rnn, batch)
        return LstmState(zeros, zeros)

    def forward(
        self, x: Float[Tensor, "batch frames input"], state: LstmState
    ) -> tuple[Float[Tensor, "batch frames hidden"], LstmState]:
        """h_t of every frame, and the last output and memory."""
        if x.shape[1] == 0:
            return x.new_zeros(x.shape[0], 0, self.hidden_size), state
        y, (h, c) = self.rnn(x, (state.h[None], state.c[None]))
        return y, LstmState(h[0], c[0])


def _zeros(rnn: nn.RNNBase, batch: int) -> Float[Tensor, "batch hidden"]:
    """Zero memory where, and of what type, the weights are."""
    return next(rnn.parameters()).new_zeros(batch, rnn.hidden_size)
