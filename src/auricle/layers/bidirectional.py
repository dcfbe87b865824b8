"""Two cells that read a clip from both ends."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from auricle.errors import ConfigError, message
from auricle.layers.memory import check_lengths


class Bidirectional(nn.Module):
    """y_t = [forwards(x_1 .. x_t), backwards(x_length .. x_t)], one beside the other.

    The answer at any frame needs the whole clip, so this takes lengths and no state, says
    ``causal = False``, and cannot listen to a stream.

    Args:
        forwards, backwards: any two causal cells of the same input width.
    Reference:
        Schuster and Paliwal, "Bidirectional recurrent neural networks", IEEE TSP 45(11), 1997.
    """

    causal = False

    def __init__(self, forwards: nn.Module, backwards: nn.Module) -> None:
        super().__init__()
        for name, cell in (("forwards", forwards), ("backwards", backwards)):
            if not getattr(cell, "causal", False):
                got = type(cell).__name__
                remedy = "Give a cell of auricle.layers, which takes and returns a state."
                raise ConfigError(message(name, expected="a causal cell", got=got, remedy=remedy))
        self.forwards, self.backwards = forwards, backwards

    def forward(
        self, x: Float[Tensor, "batch frames input"], lengths: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch frames both"]:
        """What both cells say at every frame; zeros beyond each clip's end.

        Args:
            lengths: valid frames of each clip, 1 to ``frames``; later ones are not read.
        Raises:
            ShapeError: lengths out of range, or ``x`` of another width or dtype.
        """
        check_lengths(lengths, batch=x.shape[0], frames=x.shape[1])
        lengths = lengths.to(x.device)
        index = torch.arange(x.shape[1], device=x.device)
        inside = index < lengths[:, None]
        mirror = torch.where(inside, lengths[:, None] - 1 - index, index)
        ahead, _ = self.forwards(x, self.forwards.initial_state(x.shape[0]))  # type: ignore
        back, _ = self.backwards(_taken(x, mirror), self.backwards.initial_state(x.shape[0]))  # type: ignore
        both = torch.cat([ahead, _taken(back, mirror)], dim=2)
        return both.masked_fill(~inside[..., None], 0.0)


def _taken(
    x: Float[Tensor, "batch frames width"], index: Int[Tensor, "batch frames"]
) -> Float[Tensor, "batch frames width"]:
    """x[b, index[b, t]] at every b and t."""
    return x.gather(1, index[..., None].expand(-1, -1, x.shape[2]))
