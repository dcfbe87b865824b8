"""The minimal GRU."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from auricle.layers.cells import CellState
from auricle.layers.parallel_cell import ParallelCell, spread
from auricle.ops.linear_recurrence import Backend, min_gru
from auricle.ops.min_gru import min_gru_layer


class MinGru(ParallelCell):
    """Minimal GRU: gates look at the input alone, so that training is parallel in time.

    z_t = sigmoid(W_z x_t + b_z),  c_t = W_c x_t + b_c,  h_t = (1 - z_t) h_(t-1) + z_t c_t

    Gate order in the weight: z, c. The bias of z goes from -5 to 1, so that memories last at first.
    Arguments as in `ParallelCell`; the backend ``auto`` computes product and recurrence in one
    operator where lengths are not given.

    Reference:
        Feng et al., "Were RNNs All We Needed?", arXiv:2410.01201, 2024.
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
            num_gates=2,
            learn_initial_state=learn_initial_state,
            backend=backend,
        )
        with torch.no_grad():
            self.gates.bias[:hidden_size] = spread(hidden_size)
            self.gates.bias[hidden_size:] = 0.0

    def forward(
        self,
        x: Float[Tensor, "batch frames input"],
        state: CellState,
        *,
        lengths: Int64[Tensor, " batch"] | None = None,
    ) -> tuple[Float[Tensor, "batch frames hidden"], CellState]:
        """h_t of every frame (0 from a clip's length on), and the last memory."""
        self._check(x, state)
        if self.backend == "auto" and lengths is None:
            y, h = min_gru_layer(x, self.gates.weight, self.gates.bias, state.h)
        else:
            y, h = min_gru(self._gates(x), state.h, lengths=lengths, backend=self.backend)
        return y, CellState(h)
