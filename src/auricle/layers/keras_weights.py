"""Weights of Keras's recurrent layers, taken over into cells. Plain arrays: Keras is not needed."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from auricle.errors import ShapeError, message
from auricle.layers.elman import Elman
from auricle.layers.gru import Gru
from auricle.layers.lstm import Lstm
from auricle.layers.torch_weights import weights_of

_Z_R_H_TO_R_Z_N = (1, 0, 2)


def load_keras_weights(cell: Elman | Gru | Lstm, weights: Sequence[np.ndarray]) -> None:
    """Copy a Keras layer's weights into a cell, so that both compute the same.

    Keras multiplies from the other side, so its matrices are turned over. LSTM: i, f, c, o there,
    the same order here. GRU: z, r, h there, r, z, n here; z = 1 keeps the memory in both.

    Args:
        cell: an `Elman` for Keras's SimpleRNN, a `Gru` or an `Lstm`, without an output map,
            peepholes or projection. A GRU of Keras with ``reset_after=True`` (its default) goes
            into ``Gru(reset="after")``, one without into ``Gru(reset="before")``.
        weights: ``layer.get_weights()``: kernel [input, gates], recurrent kernel [hidden, gates]
            and, unless the layer has none, bias [gates], or [2, gates] for ``reset_after=True``.
    Raises:
        ShapeError: weights of another kind of layer, another size or the other convention.
    Reference:
        Keras 3, ``keras.layers.SimpleRNN``, ``LSTM`` and ``GRU``, with their default activations.
    """
    _check(cell, weights)
    kernel, recurrent = (torch.from_numpy(np.array(part)).T for part in weights[:2])
    bias = _two_biases(weights, len(kernel))
    if isinstance(cell, Gru):
        kernel, recurrent, bias = _reordered(kernel), _reordered(recurrent), _reordered(bias.T).T
    into = weights_of(cell.rnn)
    with torch.no_grad():
        into.weight_ih.copy_(kernel)
        into.weight_hh.copy_(recurrent)
        into.bias_ih.copy_(bias[0])
        into.bias_hh.copy_(bias[1])


def _two_biases(weights: Sequence[np.ndarray], gates: int) -> Float[Tensor, "2 gates"]:
    """The bias of the input and that of the memory, zeros where Keras has none."""
    biases = torch.zeros(2, gates)
    if len(weights) == 3:
        given = torch.from_numpy(np.atleast_2d(np.array(weights[2])))
        biases[: len(given)] = given
    return biases


def _reordered(rows: Float[Tensor, "gates columns"]) -> Float[Tensor, "gates columns"]:
    """Rows of gates z, r, h as rows of r, z, n."""
    parts = rows.chunk(3)
    return torch.cat([parts[index] for index in _Z_R_H_TO_R_Z_N])


def _check(cell: Elman | Gru | Lstm, weights: Sequence[np.ndarray]) -> None:
    into = weights_of(cell.rnn)
    gates, features = into.weight_ih.shape
    both = isinstance(cell, Gru) and cell.reset == "after"
    wanted = [(features, gates), (cell.hidden_size, gates), (2, gates) if both else (gates,)]
    got = [np.shape(part) for part in weights]
    plain = cell.output_size == cell.hidden_size and not _has_more(cell)
    if len(got) not in (2, 3) or got != wanted[: len(got)] or not plain:
        name = type(cell).__name__
        raise ShapeError(
            message(
                "weights",
                expected=f"kernel, recurrent kernel and bias of {wanted} for a plain {name}",
                got=f"{got} for {_described(cell)}",
                remedy="Give layer.get_weights() of the same kind and size of layer; a Keras GRU "
                'with reset_after=False needs Gru(reset="before"), and the other way round.',
            )
        )


def _has_more(cell: Elman | Gru | Lstm) -> bool:
    """True for parts that no Keras layer has."""
    return getattr(cell, "out", None) is not None or getattr(cell, "peepholes", None) is not None


def _described(cell: Elman | Gru | Lstm) -> str:
    reset = f', reset="{cell.reset}"' if isinstance(cell, Gru) else ""
    more = " with more than Keras has" if _has_more(cell) else ""
    return f"{type(cell).__name__}({cell.input_size}, {cell.hidden_size}{reset}){more}"
