"""What the cells that train in parallel over frames have in common."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.errors import ShapeError, StateError, message
from auricle.layers.cells import CellState
from auricle.ops.linear_recurrence import Backend


class ParallelCell(nn.Module):
    """One product for all gates of all frames, whose result a linear recurrence runs through.

    Args:
        input_size: features a frame.
        hidden_size: channels of the output.
        num_gates: rows of the product, in multiples of ``hidden_size``.
        learn_initial_state: make the memory before the first frame a parameter, zero at first.
        backend: form of the recurrence, see `auricle.ops.linear_recurrence.linear_recurrence`;
            ``parallel`` is what exports to runtimes without auricle need.
    """

    causal = True

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        num_gates: int,
        learn_initial_state: bool = False,
        backend: Backend = "auto",
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.backend = input_size, hidden_size, backend
        self.gates = nn.Linear(input_size, num_gates * hidden_size)
        self.h_first = nn.Parameter(torch.zeros(hidden_size)) if learn_initial_state else None

    def initial_state(self, batch: int) -> CellState:
        """The memory before the first frame: zero, or what was learned."""
        if self.h_first is not None:
            return CellState(self.h_first.expand(batch, -1))
        return CellState(self.gates.weight.new_zeros(batch, self.hidden_size))

    def _gates(self, x: Tensor) -> Tensor:
        """The product of the gates; autocast may shorten its factors, not what it returns."""
        gates: Tensor = self.gates(x)
        return gates.to(self.gates.weight.dtype)

    def _check(self, x: Tensor, state: CellState) -> None:
        check_input(x, self.input_size)
        check_state(state, CellState, x, width=self.hidden_size)


def check_input(x: Float[Tensor, "batch frames input"], input_size: int) -> None:
    """Raise `ShapeError` unless the frames have as many features as the cell was built for."""
    if x.shape[2] != input_size:
        raise ShapeError(
            message(
                "x",
                expected=f"[batch, frames, input_size = {input_size}]",
                got=list(x.shape),
                remedy="Give the features that the cell was built for.",
            )
        )


def check_state(state: tuple[Tensor, ...], kind: type, x: Tensor, *, width: int) -> None:
    """Raise `StateError` unless the state is of this kind, batch, width and type."""
    remedy = "Use the state that this cell returned, or `initial_state(batch)`."
    if not isinstance(state, kind):
        got = type(state).__name__
        raise StateError(message("state", expected=f"a {kind.__name__}", got=got, remedy=remedy))
    shape = (x.shape[0], width)
    if state[0].shape != shape or state[0].dtype != x.dtype:
        rule = f"a memory of shape {list(shape)} in {x.dtype}"
        got = f"{list(state[0].shape)} in {state[0].dtype}"
        raise StateError(message("state", expected=rule, got=got, remedy=remedy))


def spread(hidden_size: int) -> Float[Tensor, " hidden"]:
    """Biases of a gate that forgets, so that memories last from about 1 to 150 frames at first.

    Reference:
        Tallec and Ollivier, "Can recurrent neural networks warp time?", ICLR 2018: the bias sets
        the times that a gate remembers.
    """
    return torch.linspace(-5.0, 1.0, hidden_size)
