"""The real-gated linear recurrent unit."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from auricle.errors import ConfigError, message
from auricle.layers.cells import CellState
from auricle.layers.parallel_cell import ParallelCell
from auricle.ops.linear_recurrence import Backend, rg_lru
from auricle.ops.rg_lru import rg_lru_layer


class RgLru(ParallelCell):
    """Real-gated linear recurrent unit of Griffin: a gated decay, and input scaled to match it.

    r_t = sigmoid(W_r x_t + b_r),  i_t = sigmoid(W_i x_t + b_i),  v_t = W_v x_t + b_v
    a_t = exp(-8 softplus(decay) r_t),  h_t = a_t h_(t-1) + sqrt(1 - a_t^2) i_t v_t

    Gate order in the weight: r, i, v. Griffin computes r and i from v; both are affine in x, so
    that one product yields all three. ``decay`` starts so that a_t at r = 1 is evenly spread from
    ``fastest`` to ``slowest``. Other arguments as in `ParallelCell`.

    Args:
        fastest, slowest: a_t at r = 1 of the two ends, 0 < fastest <= slowest < 1. The paper's
            0.9 and 0.999 are for tokens; frames of sound need about the same.
    Reference:
        De et al., "Griffin: mixing gated linear recurrences with local attention for efficient
        language models", arXiv:2402.19427, 2024.
    """

    c = 8.0

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        fastest: float = 0.9,
        slowest: float = 0.999,
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
        if not 0 < fastest <= slowest < 1:
            raise ConfigError(
                message(
                    "fastest, slowest",
                    expected="0 < fastest <= slowest < 1",
                    got=f"{fastest}, {slowest}",
                    remedy="Use the defaults.",
                )
            )
        with torch.no_grad():
            self.gates.bias.zero_()
        a = torch.linspace(fastest, slowest, hidden_size, dtype=torch.float64)
        self.decay = nn.Parameter(torch.log(torch.expm1(-torch.log(a) / self.c)).float())

    def forward(
        self,
        x: Float[Tensor, "batch frames input"],
        state: CellState,
        *,
        lengths: Int64[Tensor, " batch"] | None = None,
    ) -> tuple[Float[Tensor, "batch frames hidden"], CellState]:
        """h_t of every frame (0 from a clip's length on), and the last memory."""
        self._check(x, state)
        decay, c, backend = self.decay, self.c, self.backend
        if backend == "auto" and lengths is None:
            weights = self.gates.weight, self.gates.bias
            y, h = rg_lru_layer(x, *weights, state.h, decay=decay, c=c)
        else:
            gates = self._gates(x)
            y, h = rg_lru(gates, state.h, decay=decay, c=c, lengths=lengths, backend=backend)
        return y, CellState(h)
