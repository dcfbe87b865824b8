"""What every score asks of its input, said once."""

import numpy as np
from jaxtyping import Shaped

from auricle.errors import ConfigError, ShapeError, message

Array = Shaped[np.ndarray, "..."]

BACKGROUND = -1
"""The target of a clip that holds none of the classes."""


def check_labels(name: str, labels: Array, *, num_classes: int, lowest: int = 0) -> None:
    """Whole numbers on one axis, lowest <= label < num_classes.

    Raises:
        ShapeError: they are not.
    """
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ShapeError(
            message(
                name,
                expected="whole numbers on one axis",
                got=f"{labels.dtype} of shape {labels.shape}",
                remedy="Give one class index per clip.",
            )
        )
    if labels.size and not lowest <= labels.min() <= labels.max() < num_classes:
        raise ShapeError(
            message(
                name,
                expected=f"class indices from {lowest} to {num_classes - 1}",
                got=f"{labels.min()} to {labels.max()}",
                remedy="Were the labels taken from another list of classes?",
            )
        )


def check_same_length(name: str, values: Array, *, other_name: str, other: Array) -> None:
    """One entry per clip in both.

    Raises:
        ShapeError: the lengths differ.
    """
    if len(values) != len(other):
        raise ShapeError(
            message(
                name,
                expected=f"as many entries as {other_name} ({len(other)})",
                got=len(values),
                remedy="Give one entry per clip, in the same order.",
            )
        )


def check_probs(name: str, probs: Array) -> None:
    """Rows of probabilities: in [0, 1], each row summing to 1.

    Raises:
        ShapeError: they are not.
    """
    if probs.ndim != 2 or probs.shape[1] == 0:
        raise ShapeError(
            message(
                name,
                expected="shape [clips, classes] with at least one class",
                got=probs.shape,
                remedy="Give one row of probabilities per clip.",
            )
        )
    sums = probs.sum(axis=1, dtype=np.float64)
    inside = bool(np.all((probs >= 0) & (probs <= 1 + 1e-6)))
    if not inside or not np.allclose(sums, 1.0, atol=1e-3):
        raise ShapeError(
            message(
                name,
                expected="probabilities in [0, 1] that sum to 1 in each row",
                got=f"values {probs.min():.4g} to {probs.max():.4g}, "
                f"row sums {sums.min():.4g} to {sums.max():.4g}",
                remedy="Were these logits or log-probabilities? Apply softmax first.",
            )
        )


def check_share(name: str, value: float) -> None:
    """A number strictly between 0 and 1, or 1 itself.

    Raises:
        ConfigError: it is not.
    """
    if not 0 < value <= 1:
        raise ConfigError(
            message(
                name,
                expected="0 < value <= 1",
                got=value,
                remedy="Give a share, as 0.95 for 95 %.",
            )
        )
