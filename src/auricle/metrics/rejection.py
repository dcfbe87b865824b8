"""When to say "unknown", and what a threshold costs."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from auricle.errors import ConfigError, message
from auricle.metrics._check import (
    BACKGROUND,
    check_labels,
    check_probs,
    check_same_length,
    check_share,
)


def choose_threshold(
    probs: Float[np.ndarray, "clips classes"],
    targets: Int[np.ndarray, " clips"],
    *,
    target_precision: float = 0.95,
    lowest_kept: float = 0.5,
) -> float:
    """The smallest threshold whose accepted clips are right often enough.

    score(clip)  = its greatest probability;     accepted at t: score >= t
    right(clip)  = the class of that probability is the target (never, for background)
    wanted       = min {t in scores : right and accepted / accepted >= target_precision}
    ceiling      = max {t in scores : right and accepted / right >= lowest_kept}
    threshold    = min(wanted, ceiling)

    Only scores of the given clips are tried: a threshold anywhere between two of them accepts
    the same clips. So the result is the score of the least sure clip that is still accepted, and
    a new sound less sure than all of those is unknown, even where every given clip is right.

    Args:
        probs: calibrated probabilities of held-out clips that the weights were not fitted to.
        targets: class indices; -1 for background, which is wrong whenever it is accepted.
        target_precision: wanted share of right answers among the accepted, in (0, 1].
        lowest_kept: share of the right answers that must stay accepted, in (0, 1]; it wins over
            target_precision.
    Returns:
        In [0, 1]. No clip at all: 0.0 (nothing is known, nothing is rejected). No right answer
        among the clips: 1.0 (nothing deserves to be accepted).
    Raises:
        ConfigError: a share out of range.
        ShapeError: probabilities or targets that are none.
    """
    check_share("target_precision", target_precision)
    check_share("lowest_kept", lowest_kept)
    check_probs("probs", probs)
    check_labels("targets", targets, num_classes=probs.shape[1], lowest=BACKGROUND)
    check_same_length("targets", targets, other_name="probs", other=probs)
    scores = probs.max(axis=1).astype(np.float64)
    right = probs.argmax(axis=1) == targets
    if not right.any():
        return 1.0 if len(scores) else 0.0
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    num_right = np.cumsum(right[order])
    last_of_its_score = np.append(ordered[1:] != ordered[:-1], True)
    precise = num_right / np.arange(1, len(scores) + 1) >= target_precision
    kept = num_right >= lowest_kept * num_right[-1]
    ceiling = ordered[kept & last_of_its_score].max()
    wanted = ordered[precise & last_of_its_score]
    threshold = min(wanted.min(), ceiling) if len(wanted) else ceiling
    return float(np.clip(threshold, 0.0, 1.0))


def count_alarms(
    scores: Float[np.ndarray, " frames"], *, threshold: float, longest_gap: int = 0
) -> int:
    """Runs of frames with score >= threshold; gaps of up to longest_gap frames are bridged."""
    (above,) = np.nonzero(scores >= threshold)
    if len(above) == 0:
        return 0
    return 1 + int((np.diff(above) > longest_gap + 1).sum())


def false_alarms_per_hour(
    scores: Float[np.ndarray, " frames"],
    *,
    frame_rate: float,
    thresholds: Sequence[float],
    merge_gap_s: float = 1.0,
) -> Float[np.ndarray, " thresholds"]:
    """Alarms per hour at each threshold, on sound that holds nothing to be found.

    Args:
        scores: at each frame, the greatest probability among the classes that raise an alarm.
        frame_rate: frames per second, Hz, > 0.
        thresholds: as many as wanted, any order.
        merge_gap_s: alarms closer than this are one, seconds, >= 0.
    Returns:
        Alarms per hour, one per threshold; 0.0 for no frame at all.
    Raises:
        ConfigError: frame_rate or merge_gap_s out of range.
    """
    if not frame_rate > 0 or not merge_gap_s >= 0:
        raise ConfigError(
            message(
                "frame_rate",
                expected="frame_rate > 0 and merge_gap_s >= 0",
                got=f"frame_rate={frame_rate}, merge_gap_s={merge_gap_s}",
                remedy="Give frames per second, and seconds.",
            )
        )
    hours = len(scores) / frame_rate / 3600
    gap = round(merge_gap_s * frame_rate)
    counts = [count_alarms(scores, threshold=level, longest_gap=gap) for level in thresholds]
    return np.array(counts, dtype=np.float64) / (hours if hours else 1.0)


def highest_count(count: int, *, confidence: float = 0.95) -> float:
    """Upper bound of the expected number of events, of which `count` were seen (Poisson).

    None seen in an hour does not mean none an hour: the bound is 3.0.

    Raises:
        ConfigError: count < 0, or confidence not in (0, 1).
    """
    if count < 0 or not 0 < confidence < 1:
        raise ConfigError(
            message(
                "count",
                expected="count >= 0 and 0 < confidence < 1",
                got=f"count={count}, confidence={confidence}",
                remedy="Count whole events.",
            )
        )
    from scipy.special import gammaincinv

    return float(gammaincinv(count + 1, confidence))
