"""Recurrent cells: each a causal map `forward(x, state) -> (y, state)`, equal for any cut."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.ops.linear_recurrence import min_gru


class CellState(NamedTuple):
    """The memory h_t of a cell that has one."""

    h: Float[Tensor, "batch hidden"]


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
        y, h = min_gru(self.gates(x), state.h)
        return y, CellState(h)
