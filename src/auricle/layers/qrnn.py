"""The quasi-recurrent network with fo-pooling."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from auricle.layers.cells import CellState
from auricle.layers.parallel_cell import ParallelCell, spread
from auricle.ops.linear_recurrence import Backend, qrnn


class Qrnn(ParallelCell):
    """Quasi-recurrent network, window of one frame: a bounded candidate and an output gate.

    f_t = sigmoid(W_f x_t + b_f),  z_t = tanh(W_z x_t + b_z),  o_t = sigmoid(W_o x_t + b_o)
    c_t = f_t c_(t-1) + (1 - f_t) z_t,  y_t = o_t c_t

    Gate order in the weight: f, z, o. The bias of f starts so that memories last; the state's ``h``
    is c. With a window of one frame this is the simple recurrent unit (SRU) without its highway.
    Arguments as in `ParallelCell`.

    Reference:
        Bradbury et al., "Quasi-recurrent neural networks", ICLR 2017.
        Lei et al., "Simple recurrent units for highly parallelizable recurrence", EMNLP 2018.
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
            self.gates.bias.zero_()
            self.gates.bias[:hidden_size] = -spread(hidden_size)

    def forward(
        self,
        x: Float[Tensor, "batch frames input"],
        state: CellState,
        *,
        lengths: Int64[Tensor, " batch"] | None = None,
    ) -> tuple[Float[Tensor, "batch frames hidden"], CellState]:
        """y_t of every frame (0 from a clip's length on), and the last c."""
        self._check(x, state)
        y, c = qrnn(self._gates(x), state.h, lengths=lengths, backend=self.backend)
        return y, CellState(c)
