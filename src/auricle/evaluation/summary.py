"""From clip scores to Results."""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool

from auricle.errors import ShapeError, message
from auricle.evaluation.results import ClassScore, ClipScores, GroupScore, Results, SplitKind
from auricle.metrics import (
    BACKGROUND,
    ReliabilityBin,
    accuracy,
    accuracy_interval,
    confusion_matrix,
    expected_calibration_error,
    f1_scores,
    log_loss,
    macro_f1,
    precision_recall,
    reliability_bins,
)
from auricle.models import UNKNOWN


def summarise(
    scores: ClipScores,
    *,
    uncalibrated: ClipScores | None,
    threshold: float,
    temperature: float,
    split_kind: SplitKind,
    split_description: str,
    seed: int = 0,
) -> Results:
    """Everything a report says about one model on one held-out set.

    Args:
        scores: after the temperature was applied.
        uncalibrated: the same clips before it, for the calibration error before and after.
        threshold: score below which the answer is "unknown", in [0, 1].
        temperature: what was applied; recorded, not applied again.
        split_kind: how the clips were kept apart from training.
        split_description: the same as a sentence, printed in the report.
        seed: of the bootstrap.
    Raises:
        ShapeError: probabilities or targets that are none; uncalibrated holds other clips.
    """
    known = _known(scores)
    before = None if uncalibrated is None else _same_clips(uncalibrated, known)
    right = (answers := known.probs.argmax(axis=1)) == known.targets
    sure = _accepted(known, threshold)
    num_groups = len(set(known.groups))
    background = _is_background(scores)
    return Results(
        classes=known.classes,
        num_clips=len(right),
        num_groups=num_groups,
        accuracy=accuracy(known.targets, answers),
        accuracy_interval=accuracy_interval(right, known.groups, seed=seed),
        interval_unit="group" if num_groups > 1 and 0 < right.mean() < 1 else "clip",
        macro_f1=macro_f1(known.targets, answers, num_classes=len(known.classes)),
        per_class=class_scores(known),
        per_group=group_scores(known.groups, right),
        confusion=_confusion(known),
        ece_before=None if before is None else _calibration_error(before),
        ece_after=_calibration_error(known),
        reliability_before=() if before is None else _bins(before),
        reliability=_bins(known),
        temperature=temperature,
        threshold=threshold,
        coverage=_share(sure) or 0.0,
        accuracy_known=_share(right[sure]),
        log_loss=log_loss(known.probs, known.targets),
        num_background=int(background.sum()),
        background_accepted=_share(_accepted(scores, threshold)[background]),
        split_kind=split_kind,
        split_description=split_description,
    )


def class_scores(scores: ClipScores) -> tuple[ClassScore, ...]:
    """Precision, recall, F1 and number of clips of each class, in the order of classes."""
    answers = scores.probs.argmax(axis=1)
    precision, recall = precision_recall(scores.targets, answers, num_classes=len(scores.classes))
    f1 = f1_scores(precision, recall)
    support = np.bincount(scores.targets, minlength=len(scores.classes))
    return tuple(
        ClassScore(
            name=name,
            precision=float(precision[index]),
            recall=float(recall[index]),
            f1=float(f1[index]),
            support=int(support[index]),
        )
        for index, name in enumerate(scores.classes)
    )


def group_scores(
    groups: tuple[str, ...], right: Bool[np.ndarray, " clips"]
) -> tuple[GroupScore, ...]:
    """Accuracy of each group, worst first."""
    names, place = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)
    counts = np.bincount(place, minlength=len(names))
    shares = np.bincount(place, weights=right, minlength=len(names)) / np.maximum(counts, 1)
    return tuple(
        GroupScore(
            name=str(names[index]), num_clips=int(counts[index]), accuracy=float(shares[index])
        )
        for index in np.argsort(shares, kind="stable")
    )


def worst_mistakes(scores: ClipScores, *, most: int = 12) -> list[int]:
    """Places of the wrong answers that the network was surest of, surest first.

    A background clip has no right answer but the class unknown, where there is one.

    Args:
        scores: calibrated.
        most: how many at most, >= 0.
    """
    answers = scores.probs.argmax(axis=1)
    known_for_it = _is_background(scores) & ~_accepted(scores, 0.0)
    (wrong,) = np.nonzero((answers != scores.targets) & ~known_for_it)
    sureness = scores.probs.max(axis=1)[wrong]
    chosen: list[int] = wrong[np.argsort(-sureness, kind="stable")][:most].tolist()
    return chosen


def _accepted(scores: ClipScores, threshold: float) -> Bool[np.ndarray, " clips"]:
    """Whether each clip was taken for a class, and not for unknown."""
    named = np.array([name != UNKNOWN for name in scores.classes])
    accepted: Bool[np.ndarray, " clips"] = (scores.probs.max(axis=1) >= threshold) & named[
        scores.probs.argmax(axis=1)
    ]
    return accepted


def _is_background(scores: ClipScores) -> Bool[np.ndarray, " clips"]:
    truths = [*scores.classes, UNKNOWN]  # the last one for BACKGROUND, which is -1
    return np.array([truths[target] == UNKNOWN for target in scores.targets], dtype=bool)


def _known(scores: ClipScores) -> ClipScores:
    keep = scores.targets != BACKGROUND
    chosen = np.flatnonzero(keep).tolist()
    return replace(
        scores,
        names=tuple(scores.names[index] for index in chosen),
        groups=tuple(scores.groups[index] for index in chosen),
        targets=scores.targets[keep],
        probs=scores.probs[keep],
    )


def _same_clips(uncalibrated: ClipScores, scores: ClipScores) -> ClipScores:
    before = _known(uncalibrated)
    if not np.array_equal(before.targets, scores.targets):
        raise ShapeError(
            message(
                "uncalibrated",
                expected="the same clips as scores, in the same order",
                got=f"{len(before.targets)} clips with other truths",
                remedy="Pass the scores of one run before and after its temperature.",
            )
        )
    return before


def _confusion(scores: ClipScores) -> tuple[tuple[int, ...], ...]:
    answers = scores.probs.argmax(axis=1)
    counts = confusion_matrix(scores.targets, answers, num_classes=len(scores.classes))
    return tuple(tuple(row) for row in counts.tolist())


def _bins(scores: ClipScores) -> tuple[ReliabilityBin, ...]:
    return reliability_bins(scores.probs, scores.targets)


def _calibration_error(scores: ClipScores) -> float:
    return expected_calibration_error(scores.probs, scores.targets)


def _share(flags: Bool[np.ndarray, " clips"]) -> float | None:
    return float(flags.mean()) if len(flags) else None
