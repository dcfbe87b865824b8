"""Scores of tags: several right answers for a clip, ranked by score."""

import numpy as np
from jaxtyping import Bool, Float

from auricle.errors import ShapeError, message


def average_precision(
    targets: Bool[np.ndarray, " clips"], scores: Float[np.ndarray, " clips"]
) -> float:
    """Area under the precision-recall staircase of one class.

    AP = sum_n (recall_n - recall_{n-1}) * precision_n, over the distinct scores, falling.

    Args:
        targets: whether the clip has the tag.
        scores: any scale, higher is surer.
    Returns:
        In [0, 1]; 0.0 where no clip has the tag.
    Reference:
        Manning, Raghavan and Schuetze, "Introduction to information retrieval", 2008, chapter 8;
        equal to scikit-learn's average_precision_score.
    """
    if not targets.any():
        return 0.0
    order = np.argsort(-scores, kind="stable")
    ranked, right = scores[order], targets[order]
    last = np.append(ranked[1:] != ranked[:-1], True)  # equal scores are one threshold
    hits = np.cumsum(right)[last]
    precision = hits / (np.flatnonzero(last) + 1)
    return float((np.diff(hits, prepend=0) * precision).sum() / hits[-1])


def mean_average_precision(
    targets: Bool[np.ndarray, "clips classes"], scores: Float[np.ndarray, "clips classes"]
) -> float:
    """Mean of the classes' `average_precision`; classes that no clip has are left out.

    Returns:
        In [0, 1]; 0.0 where no clip has any tag.
    Raises:
        ShapeError: a score is NaN.
    """
    _check_scores(scores)
    present = np.flatnonzero(targets.any(axis=0))
    values = [average_precision(targets[:, index], scores[:, index]) for index in present]
    return float(np.mean(values)) if values else 0.0


def lwlrap(
    targets: Bool[np.ndarray, "clips classes"], scores: Float[np.ndarray, "clips classes"]
) -> float:
    """Label-weighted label-ranking average precision.

    For each tag of each clip: of the classes ranked at or above it in that clip, the share that
    are right. The mean over all tags of all clips.

    Returns:
        In [0, 1]; 0.0 where no clip has any tag.
    Raises:
        ShapeError: a score is NaN.
    Reference:
        Fonseca et al., "Audio tagging with noisy labels and minimal supervision", DCASE 2019;
        scikit-learn's label_ranking_average_precision_score, clips weighted by their tags.
    """
    _check_scores(scores)
    total, count = 0.0, 0
    for right, row in zip(targets, scores, strict=True):
        wanted = row[right]
        above = (row[None, :] >= wanted[:, None]).sum(axis=1)
        right_above = (wanted[None, :] >= wanted[:, None]).sum(axis=1)
        total += float((right_above / np.maximum(above, 1)).sum())
        count += len(wanted)
    return total / count if count else 0.0


def _check_scores(scores: Float[np.ndarray, "clips classes"]) -> None:
    if np.isnan(scores).any():
        raise ShapeError(
            message(
                "scores",
                expected="no NaN",
                got=f"{int(np.isnan(scores).sum())} of {scores.size}",
                remedy="The network's output has broken down; lower the learning rate.",
            )
        )
