"""Scores of single answers: one class per clip."""

import numpy as np
from jaxtyping import Float, Int

from auricle.metrics._check import check_labels, check_probs, check_same_length


def validate(
    targets: Int[np.ndarray, " clips"],
    predictions: Int[np.ndarray, " clips"],
    *,
    num_classes: int,
) -> None:
    """Check a pair of label arrays.

    Raises:
        ShapeError: they differ in length, or hold anything but class indices.
    """
    check_labels("targets", targets, num_classes=num_classes)
    check_labels("predictions", predictions, num_classes=num_classes)
    check_same_length("predictions", predictions, other_name="targets", other=targets)


def accuracy(targets: Int[np.ndarray, " clips"], predictions: Int[np.ndarray, " clips"]) -> float:
    """Share of clips whose answer is the truth; 0.0 for no clip at all.

    >>> accuracy(np.array([0, 1, 1]), np.array([0, 1, 0]))
    0.6666666666666666
    """
    check_same_length("predictions", predictions, other_name="targets", other=targets)
    return float(np.mean(targets == predictions)) if len(targets) else 0.0


def confusion_matrix(
    targets: Int[np.ndarray, " clips"],
    predictions: Int[np.ndarray, " clips"],
    *,
    num_classes: int,
) -> Int[np.ndarray, "classes classes"]:
    """How often each truth (row) got each answer (column), in clips."""
    validate(targets, predictions, num_classes=num_classes)
    cells = targets.astype(np.int64) * num_classes + predictions
    counts = np.bincount(cells, minlength=num_classes * num_classes)
    return counts.reshape(num_classes, num_classes)


def precision_recall(
    targets: Int[np.ndarray, " clips"],
    predictions: Int[np.ndarray, " clips"],
    *,
    num_classes: int,
) -> tuple[Float[np.ndarray, " classes"], Float[np.ndarray, " classes"]]:
    """Precision and recall of each class.

    precision = right answers of the class / answers of the class
    recall    = right answers of the class / clips of the class

    Returns:
        precision, recall; 0.0 where the denominator is 0.
    """
    confusion = confusion_matrix(targets, predictions, num_classes=num_classes)
    right = np.diag(confusion).astype(np.float64)
    precision = right / np.maximum(confusion.sum(axis=0), 1)
    recall = right / np.maximum(confusion.sum(axis=1), 1)
    return precision, recall


def f1_scores(
    precision: Float[np.ndarray, " classes"], recall: Float[np.ndarray, " classes"]
) -> Float[np.ndarray, " classes"]:
    """Harmonic mean of precision and recall; 0.0 where both are 0."""
    total = precision + recall
    return np.asarray(2 * precision * recall / np.where(total > 0, total, 1.0))


def macro_f1(
    targets: Int[np.ndarray, " clips"],
    predictions: Int[np.ndarray, " clips"],
    *,
    num_classes: int,
) -> float:
    """Mean F1 over the classes that occur among truths or answers; 0.0 for no clip.

    A class that neither occurs nor is answered has no F1 and is left out, as in scikit-learn.
    """
    precision, recall = precision_recall(targets, predictions, num_classes=num_classes)
    seen = np.union1d(targets, predictions)
    return float(f1_scores(precision, recall)[seen].mean()) if len(seen) else 0.0


def log_loss(
    probs: Float[np.ndarray, "clips classes"], targets: Int[np.ndarray, " clips"]
) -> float:
    """Mean negative logarithm of the probability given to the truth, nats; 0.0 for no clip.

    Probabilities below 1e-12 count as 1e-12, so that one certain mistake costs 27.6 nats and
    not infinity.
    """
    check_probs("probs", probs)
    check_labels("targets", targets, num_classes=probs.shape[1])
    check_same_length("targets", targets, other_name="probs", other=probs)
    if len(targets) == 0:
        return 0.0
    chosen = probs[np.arange(len(targets)), targets].astype(np.float64)
    return float(-np.log(np.clip(chosen, 1e-12, 1.0)).mean())
