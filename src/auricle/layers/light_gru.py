"""The light gated recurrent unit."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import layer_norm

from auricle.layers.memory import check_call, check_sizes, first_memory, learnt_memory
from auricle.ops.light_gru import light_gru


class LightGruState(NamedTuple):
    """The memory h_t."""

    h: Float[Tensor, "batch hidden"]


class LightGru(nn.Module):
    """Light GRU: no reset gate, a rectifier for tanh; equation in `light_gru_reference`.

    Gate order z, n, and h = z h + (1 - z) n. The input part is normalised over the units of each
    gate at each frame, where the paper normalises over the batch: only so is the answer the same
    for any cut, any neighbours in the batch and any padding, in training too. The frames are a
    loop in Python.

    Args:
        learn_initial_state: h_0 is a parameter instead of zeros.
    Reference:
        Ravanelli et al., "Light gated recurrent units for speech recognition", IEEE TETCI 2(2),
        2018.
    """

    causal = True

    def __init__(
        self, input_size: int, hidden_size: int, *, learn_initial_state: bool = False
    ) -> None:
        super().__init__()
        check_sizes(input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size, self.output_size = input_size, hidden_size, hidden_size
        self.input = nn.Linear(input_size, 2 * hidden_size, bias=False)
        self.scale = nn.Parameter(torch.ones(2 * hidden_size))
        self.shift = nn.Parameter(torch.zeros(2 * hidden_size))
        self.weight_hh = nn.Parameter(torch.empty(2 * hidden_size, hidden_size))
        for gate in self.weight_hh.chunk(2):
            nn.init.orthogonal_(gate)  # a rectifier's memory must not grow at first
        self.initial_h = learnt_memory(hidden_size, learn=learn_initial_state)

    def initial_state(self, batch: int) -> LightGruState:
        """Zero memory, or the learnt one."""
        like, width = self.weight_hh, self.hidden_size
        return LightGruState(first_memory(self.initial_h, like=like, batch=batch, width=width))

    def forward(
        self, x: Float[Tensor, "batch frames input"], state: LightGruState
    ) -> tuple[Float[Tensor, "batch frames hidden"], LightGruState]:
        """h_t of every frame, and the last memory.

        Raises:
            ShapeError: ``x`` of another width or dtype.
            StateError: a state of another cell, batch size or dtype.
        """
        check_call(
            x,
            state,
            kind=LightGruState,
            widths=(self.hidden_size,),
            weight=self.weight_hh,
            features=self.input_size,
        )
        gates = self.input(x).unflatten(2, (2, self.hidden_size))
        normal = layer_norm(gates, (self.hidden_size,)).flatten(2)
        y, h = light_gru(normal * self.scale + self.shift, state.h, weight_hh=self.weight_hh)
        return y, LightGruState(h)
