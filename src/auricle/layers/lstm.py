"""The long short-term memory, with peepholes and projection on request."""

import warnings
from functools import cache
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear

from auricle.errors import ConfigError, message
from auricle.layers.memory import check_call, check_sizes, first_memory, learnt_memory
from auricle.layers.torch_weights import recurrent_weight, weights_of
from auricle.ops.lstm import peephole_lstm


class LstmState(NamedTuple):
    """The output h_t, as wide as the projection if there is one, and the memory c_t."""

    h: Float[Tensor, "batch output"]
    c: Float[Tensor, "batch hidden"]


class Lstm(nn.Module):
    """LSTM over torch's kernel; equation in `lstm_reference`; gate order i, f, g, o.

    The weights are those of `torch.nn.LSTM`, in ``rnn``; W's and U's biases are added up.

    Args:
        peepholes: the gates also look at the memory c, by ``peepholes`` [i, f, o; hidden], zeros at
            first. torch has no kernel for it: the frames are a loop in Python, several times slower
            over many frames.
        projection_size: h_t = W_hr (o_t * tanh(c_t)) of this width, less than ``hidden_size``;
            None leaves the projection out.
        learn_initial_state: h_0 and c_0 are parameters instead of zeros.
    Reference:
        Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997.
    """

    causal = True

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        peepholes: bool = False,
        projection_size: int | None = None,
        learn_initial_state: bool = False,
    ) -> None:
        super().__init__()
        check_sizes(input_size=input_size, hidden_size=hidden_size)
        if projection_size is not None and not 0 < projection_size < hidden_size:
            raise ConfigError(
                message(
                    "projection_size",
                    expected=f"0 < projection_size < hidden_size = {hidden_size}",
                    got=projection_size,
                    remedy="A projection makes the output narrower; leave it out for none.",
                )
            )
        self.input_size, self.hidden_size = input_size, hidden_size
        self.output_size = projection_size or hidden_size
        self.rnn = nn.LSTM(
            input_size, hidden_size, proj_size=projection_size or 0, batch_first=True
        )
        self.peepholes = nn.Parameter(torch.zeros(3, hidden_size)) if peepholes else None
        self.initial_h = learnt_memory(self.output_size, learn=learn_initial_state)
        self.initial_c = learnt_memory(hidden_size, learn=learn_initial_state)
        if projection_size is not None:
            _hear_out_torch()

    def initial_state(self, batch: int) -> LstmState:
        """Zero memory and output, or the learnt ones."""
        like = recurrent_weight(self.rnn)
        return LstmState(
            first_memory(self.initial_h, like=like, batch=batch, width=self.output_size),
            first_memory(self.initial_c, like=like, batch=batch, width=self.hidden_size),
        )

    def forward(
        self, x: Float[Tensor, "batch frames input"], state: LstmState
    ) -> tuple[Float[Tensor, "batch frames output"], LstmState]:
        """h_t of every frame, and the last output and memory.

        Raises:
            ShapeError: ``x`` of another width or dtype.
            StateError: a state of another cell, batch size or dtype.
        """
        check_call(
            x,
            state,
            kind=LstmState,
            widths=(self.output_size, self.hidden_size),
            weight=recurrent_weight(self.rnn),
            features=self.input_size,
        )
        if x.shape[1] == 0:
            return x.new_zeros(x.shape[0], 0, self.output_size), state
        if self.peepholes is not None:
            return self._with_peepholes(x, state, self.peepholes)
        y, (h, c) = self.rnn(x, (state.h[None], state.c[None]))
        return y, LstmState(h[0], c[0])

    def _with_peepholes(
        self, x: Tensor, state: LstmState, peepholes: Tensor
    ) -> tuple[Tensor, LstmState]:
        weights = weights_of(self.rnn)
        x_gates = linear(x, weights.weight_ih, weights.bias_ih + weights.bias_hh)
        y, (h, c) = peephole_lstm(
            x_gates,
            state,
            weight_hh=weights.weight_hh,
            peepholes=peepholes,
            projection=weights.weight_hr,
        )
        return y, LstmState(h, c)


@cache
def _hear_out_torch() -> None:
    """Let torch say, once a process and not in the user's run, that oneDNN knows no projection."""
    rnn = nn.LSTM(1, 2, proj_size=1, batch_first=True)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        rnn(torch.zeros(1, 1, 1))
