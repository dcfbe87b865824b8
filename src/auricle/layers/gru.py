"""The gated recurrent unit, in both conventions."""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear

from auricle.layers.memory import check_call, check_sizes, first_memory, learnt_memory
from auricle.layers.torch_weights import recurrent_weight, weights_of
from auricle.ops.gru import Reset, gru_reset_before


class GruState(NamedTuple):
    """The memory h_t."""

    h: Float[Tensor, "batch hidden"]


class Gru(nn.Module):
    """GRU; equation in `gru_reference`; gate order r, z, n, and h = (1 - z) n + z h.

    The weights are those of `torch.nn.GRU`, in ``rnn``, for both conventions.

    Args:
        reset: "after", the reset gate acts after the product with U_n, as in torch, cuDNN and
            Keras's ``reset_after=True``: torch's kernel runs it. "before", as in the original
            paper and Keras's ``reset_after=False``: the frames are a loop in Python.
        learn_initial_state: h_0 is a parameter instead of zeros.
    Reference:
        Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014.
    """

    causal = True

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        reset: Reset = "after",
        learn_initial_state: bool = False,
    ) -> None:
        super().__init__()
        check_sizes(input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size, self.output_size = input_size, hidden_size, hidden_size
        self.reset: Reset = reset
        self.rnn = nn.GRU(input_size, hidden_size, batch_first=True)
        self.initial_h = learnt_memory(hidden_size, learn=learn_initial_state)

    def initial_state(self, batch: int) -> GruState:
        """Zero memory, or the learnt one."""
        like, width = recurrent_weight(self.rnn), self.hidden_size
        return GruState(first_memory(self.initial_h, like=like, batch=batch, width=width))

    def forward(
        self, x: Float[Tensor, "batch frames input"], state: GruState
    ) -> tuple[Float[Tensor, "batch frames hidden"], GruState]:
        """h_t of every frame, and the last memory.

        Raises:
            ShapeError: ``x`` of another width or dtype.
            StateError: a state of another cell, batch size or dtype.
        """
        rnn = self.rnn
        check_call(
            x,
            state,
            kind=GruState,
            widths=(self.hidden_size,),
            weight=recurrent_weight(rnn),
            features=self.input_size,
        )
        if x.shape[1] == 0:
            return x.new_zeros(x.shape[0], 0, self.hidden_size), state
        if self.reset == "after":
            y, h = rnn(x, state.h[None])
            return y, GruState(h[0])
        weights = weights_of(rnn)
        x_gates = linear(x, weights.weight_ih, weights.bias_ih + weights.bias_hh)
        y, h = gru_reset_before(x_gates, state.h, weight_hh=weights.weight_hh)
        return y, GruState(h)
