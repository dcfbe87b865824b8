"""The Elman network."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.layers.memory import check_call, check_sizes, first_memory, learnt_memory
from auricle.layers.torch_weights import recurrent_weight, weights_of
from auricle.ops.elman import Activation, tanh_weights_of_sigmoid


class ElmanState(NamedTuple):
    """The memory h_t."""

    h: Float[Tensor, "batch hidden"]


class Elman(nn.Module):
    """h_t = f(W_hh h_(t-1) + W_xh x_t + b_h),  y_t = W_hy h_t + b_y, over torch's kernel.

    W_xh is ``rnn.weight_ih_l0``, W_hh ``rnn.weight_hh_l0``, b_h the sum of ``rnn.bias_ih_l0`` and
    ``rnn.bias_hh_l0``; W_hy and b_y are ``out.weight`` and ``out.bias``. The sigmoid runs over the
    tanh kernel: see `tanh_weights_of_sigmoid`.

    Args:
        activation: f.
        output_size: width of y; None leaves the output map out, so that y_t = h_t.
        learn_initial_state: h_0 is a parameter instead of zeros.
    Reference:
        Elman, "Finding structure in time", Cognitive Science 14, 1990.
    """

    causal = True

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        activation: Activation = "tanh",
        output_size: int | None = None,
        learn_initial_state: bool = False,
    ) -> None:
        super().__init__()
        output = hidden_size if output_size is None else output_size
        check_sizes(input_size=input_size, hidden_size=hidden_size, output_size=output)
        self.input_size, self.hidden_size, self.output_size = input_size, hidden_size, output
        self.activation = activation
        kernel = "relu" if activation == "relu" else "tanh"
        self.rnn = nn.RNN(input_size, hidden_size, nonlinearity=kernel, batch_first=True)
        self.out = None if output_size is None else nn.Linear(hidden_size, output_size)
        self.initial_h = learnt_memory(hidden_size, learn=learn_initial_state)

    def initial_state(self, batch: int) -> ElmanState:
        """Zero memory, or the learnt one."""
        like, width = recurrent_weight(self.rnn), self.hidden_size
        return ElmanState(first_memory(self.initial_h, like=like, batch=batch, width=width))

    def forward(
        self, x: Float[Tensor, "batch frames input"], state: ElmanState
    ) -> tuple[Float[Tensor, "batch frames output"], ElmanState]:
        """y_t of every frame, and the last memory.

        Raises:
            ShapeError: ``x`` of another width or dtype.
            StateError: a state of another cell, batch size or dtype.
        """
        rnn = self.rnn
        check_call(
            x,
            state,
            kind=ElmanState,
            widths=(self.hidden_size,),
            weight=recurrent_weight(rnn),
            features=self.input_size,
        )
        if x.shape[1] == 0:
            return x.new_zeros(x.shape[0], 0, self.output_size), state
        if self.activation == "sigmoid":
            h, last = self._sigmoid(x, state.h)
        else:
            h, last = rnn(x, state.h[None])
        return h if self.out is None else self.out(h), ElmanState(last[0])

    def _sigmoid(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """h_t of every frame and the last, [1, batch, hidden], by way of g = 2 h - 1."""
        of_rnn = weights_of(self.rnn)
        weight_xh, weight_hh, bias_h = tanh_weights_of_sigmoid(
            of_rnn.weight_ih, of_rnn.weight_hh, bias_h=of_rnn.bias_ih + of_rnn.bias_hh
        )
        weights = (weight_xh, weight_hh, bias_h, torch.zeros_like(bias_h))
        g, last = torch.rnn_tanh(
            x, 2 * h[None] - 1, weights, True, 1, 0.0, self.training, False, True
        )
        return (1 + g) / 2, (1 + last) / 2
