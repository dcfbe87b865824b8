"""Scores of answers frame by frame, and of label sequences, one recording or many."""

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from auricle.errors import ShapeError, message
from auricle.metrics._check import check_same_length

Average = Literal["recordings", "total"]


def frame_error(
    targets: Sequence[Int[np.ndarray, " _"]],
    predictions: Sequence[Int[np.ndarray, " _"]],
    *,
    average: Average = "recordings",
) -> float:
    """Share of frames whose label is wrong, silence being a label like the others.

    Args:
        targets: of each recording, the true class of every frame.
        predictions: the same of the answers.
        average: "recordings" is the mean of the recordings' errors, as TweetyNet publishes it;
            "total" counts all frames alike.
    Returns:
        In [0, 1]; 0.0 for no frame.
    Raises:
        ShapeError: a recording has other frames in one than in the other.
    Reference:
        Cohen et al., "Automated annotation of birdsong with a neural network that segments
        spectrograms", eLife 11:e63853, 2022.
    """
    wrong, lengths = _wrong_frames(targets, predictions)
    return _averaged(wrong, lengths, average=average)


def frame_errors(
    targets: Sequence[Int[np.ndarray, " _"]], predictions: Sequence[Int[np.ndarray, " _"]]
) -> Float[np.ndarray, " recordings"]:
    """The `frame_error` of each recording, as `bootstrap_interval` takes them."""
    wrong, lengths = _wrong_frames(targets, predictions)
    return np.asarray(wrong / np.maximum(lengths, 1.0))


def edit_distance(reference: Sequence[Hashable], estimate: Sequence[Hashable]) -> int:
    """The fewest labels to insert, delete or replace that turn one sequence into the other.

    d[i, j] = min(d[i-1, j] + 1, d[i, j-1] + 1, d[i-1, j-1] + (reference[i] != estimate[j])),
    a row at a time; the middle term runs along the row, so it is a running minimum of d - j.

    Reference:
        Levenshtein, Soviet Physics Doklady 10(8), 1966.
    >>> edit_distance("kitten", "sitting")
    3
    """
    first, last = _common_ends(reference, estimate)
    reference, estimate = (
        reference[first : len(reference) - last],
        estimate[first : len(estimate) - last],
    )
    numbers = {label: index for index, label in enumerate(dict.fromkeys([*reference, *estimate]))}
    columns = np.array([numbers[label] for label in estimate], dtype=np.int64)
    steps = np.arange(len(columns) + 1)
    row = steps.copy()
    for label in reference:
        best = row + 1
        best[1:] = np.minimum(best[1:], row[:-1] + (columns != numbers[label]))
        row = np.minimum.accumulate(best - steps) + steps
    return int(row[-1])


def _common_ends(a: Sequence[Hashable], b: Sequence[Hashable]) -> tuple[int, int]:
    """How many labels are equal from the front, and then from the back; they cost nothing."""
    most = min(len(a), len(b))
    first = next((i for i in range(most) if a[i] != b[i]), most)
    last = next((i for i in range(most - first) if a[-1 - i] != b[-1 - i]), most - first)
    return first, last


def segment_error_rate(
    references: Sequence[Sequence[Hashable]],
    estimates: Sequence[Sequence[Hashable]],
    *,
    average: Average = "recordings",
) -> float:
    """Edit distance of label sequences over the length of the true one; may exceed 1.

    Args:
        references: of each recording, the labels of its events in the order of time, no silence.
        estimates: the same of the answers.
        average: "recordings" is the mean of the recordings' rates, as TweetyNet publishes it;
            "total" is all edits over all true labels, as word error rates are.
    Returns:
        0.0 is best. A recording without true events counts as if it had one: n false events
        there are a rate of n (TweetyNet's program refuses such a recording).
    Reference:
        Cohen et al. 2022, as for `frame_error`.
    """
    edits, lengths = _edits(references, estimates)
    return _averaged(edits, lengths, average=average)


def segment_error_rates(
    references: Sequence[Sequence[Hashable]], estimates: Sequence[Sequence[Hashable]]
) -> Float[np.ndarray, " recordings"]:
    """The `segment_error_rate` of each recording, as `bootstrap_interval` takes them."""
    edits, lengths = _edits(references, estimates)
    return np.asarray(edits / np.maximum(lengths, 1.0))


Sizes = tuple[Float[np.ndarray, " recordings"], Float[np.ndarray, " recordings"]]


def _wrong_frames(
    targets: Sequence[Int[np.ndarray, " _"]], predictions: Sequence[Int[np.ndarray, " _"]]
) -> Sizes:
    _check_recordings(targets, predictions)
    for truth, answer in zip(targets, predictions, strict=True):
        check_same_length("predictions", answer, other_name="targets", other=truth)
    pairs = list(zip(targets, predictions, strict=True))
    wrong = np.array([np.count_nonzero(truth != answer) for truth, answer in pairs], dtype=float)
    return wrong, np.array([len(truth) for truth in targets], dtype=float)


def _edits(
    references: Sequence[Sequence[Hashable]], estimates: Sequence[Sequence[Hashable]]
) -> Sizes:
    _check_recordings(references, estimates)
    edits = [edit_distance(a, b) for a, b in zip(references, estimates, strict=True)]
    lengths = [len(reference) for reference in references]
    return np.array(edits, dtype=float), np.array(lengths, dtype=float)


def _averaged(
    errors: Float[np.ndarray, " recordings"],
    sizes: Float[np.ndarray, " recordings"],
    *,
    average: Average,
) -> float:
    if average == "total":
        return float(errors.sum() / max(1.0, sizes.sum()))
    return float((errors / np.maximum(sizes, 1.0)).mean()) if len(errors) else 0.0


def _check_recordings(references: Sequence[object], estimates: Sequence[object]) -> None:
    if len(references) != len(estimates):
        raise ShapeError(
            message(
                "estimates",
                expected=f"one entry for each of the {len(references)} recordings",
                got=len(estimates),
                remedy="Give one entry per recording, in the same order.",
            )
        )
