"""The weights of one layer of `torch.nn`'s recurrent modules, by name and with their types."""

from typing import NamedTuple

from torch import Tensor, nn


class TorchWeights(NamedTuple):
    """W, U, their two biases, and the projection if there is one."""

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor
    bias_hh: Tensor
    weight_hr: Tensor | None = None


def weights_of(rnn: nn.RNNBase) -> TorchWeights:
    """All weights of the only layer."""
    return TorchWeights(*rnn.all_weights[0])


def recurrent_weight(rnn: nn.RNNBase) -> Tensor:
    """U of the only layer, cheaply: every step asks for it."""
    weight: Tensor = rnn.weight_hh_l0  # type: ignore[assignment]
    return weight
