"""The minimal LSTM."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from auricle.layers.cells import CellState
from auricle.layers.parallel_cell import ParallelCell, spread
from auricle.ops.linear_recurrence import Backend, min_lstm


class MinLstm(ParallelCell):
    """Minimal LSTM: two gates of the input alone, normalised to sum to one.

    f_t = sigmoid(W_f x_t + b_f),  i_t = sigmoid(W_i x_t + b_i),  c_t = W_c x_t + b_c
    h_t = f_t / (f_t + i_t) h_(t-1) + i_t / (f_t + i_t) c_t

    Gate order in the weight: f, i, c. The biases of f and i are opposite, so that the memory starts
    with the time constants of `MinGru`. Arguments as in `ParallelCell`.

    Reference:
        Feng et al., "Were RNNs All We Needed?", arXiv:2410.01201, 2024, section 3.2.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        learn_initial_state: bool = False,
        backend: Backend = "auto",
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_gates=3,
            learn_initial_state=learn_initial_state,
            backend=backend,
        )
        with torch.no_grad():
            bias = spread(hidden_size)
            self.gates.bias.copy_(torch.cat([-bias, bias, torch.zeros(hidden_size)]))

    def forward(
        self,
        x: Float[Tensor, "batch frames input"],
        state: CellState,
        *,
        lengths: Int64[Tensor, " batch"] | None = None,
    ) -> tuple[Float[Tensor, "batch frames hidden"], CellState]:
        """h_t of every frame (0 from a clip's length on), and the last memory."""
        self._check(x, state)
        y, h = min_lstm(self._gates(x), state.h, lengths=lengths, backend=self.backend)
        return y, CellState(h)
