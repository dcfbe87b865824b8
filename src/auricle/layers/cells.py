"""What the parallel recurrent cells remember."""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor


class CellState(NamedTuple):
    """The memory h_t of a cell that has one."""

    h: Float[Tensor, "batch hidden"]
