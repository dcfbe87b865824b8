"""Is a score of 0.9 right nine times in ten?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from auricle.errors import ConfigError, ShapeError, message
from auricle.metrics._check import BACKGROUND, check_labels, check_probs, check_same_length

_LOWEST_LOG_PROB = -1e3
_BISECTIONS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Clips whose greatest probability lies in (lower, upper]."""

    lower: float
    upper: float
    num_clips: int
    confidence: float  # mean of the greatest probabilities, in [0, 1]
    accuracy: float  # share of these clips that is right, in [0, 1]


def reliability_bins(
    probs: Float[np.ndarray, "clips classes"],
    targets: Int[np.ndarray, " clips"],
    *,
    num_bins: int = 15,
) -> tuple[ReliabilityBin, ...]:
    """Confidence against accuracy in bins of equal width; bins without a clip are left out.

    Raises:
        ConfigError: num_bins < 1.
        ShapeError: probabilities or targets that are none.
    """
    _check_bins(num_bins)
    check_probs("probs", probs)
    check_labels("targets", targets, num_classes=probs.shape[1])
    check_same_length("targets", targets, other_name="probs", other=probs)
    confidence = np.minimum(probs.max(axis=1).astype(np.float64), 1.0)
    right = probs.argmax(axis=1) == targets
    place = np.clip(np.ceil(confidence * num_bins).astype(np.int64) - 1, 0, num_bins - 1)
    return tuple(
        ReliabilityBin(
            lower=index / num_bins,
            upper=(index + 1) / num_bins,
            num_clips=int((place == index).sum()),
            confidence=float(confidence[place == index].mean()),
            accuracy=float(right[place == index].mean()),
        )
        for index in np.unique(place).tolist()
    )


def _check_bins(num_bins: int) -> None:
    if num_bins < 1:
        raise ConfigError(
            message("num_bins", expected=">= 1", got=num_bins, remedy="15 is customary.")
        )


def expected_calibration_error(
    probs: Float[np.ndarray, "clips classes"],
    targets: Int[np.ndarray, " clips"],
    *,
    num_bins: int = 15,
) -> float:
    """Mean distance of confidence and accuracy, over bins weighted by their clips.

    ECE = sum_bins (clips in bin / clips) * |accuracy - confidence|

    Returns:
        In [0, 1], 0 is best; 0.0 for no clip.
    Reference:
        Guo et al., "On calibration of modern neural networks", ICML 2017.
    """
    bins = reliability_bins(probs, targets, num_bins=num_bins)
    total = sum(part.num_clips for part in bins)
    gaps = (part.num_clips * abs(part.accuracy - part.confidence) for part in bins)
    return sum(gaps) / total if total else 0.0


def fit_temperature(
    log_probs: Float[np.ndarray, "clips classes"],
    targets: Int[np.ndarray, " clips"],
    *,
    bounds: tuple[float, float] = (0.05, 20.0),
    prior_clips: float = 0.0,
) -> float:
    """The temperature T that minimises the log loss of softmax(log_probs / T).

    The loss is convex in 1 / T, so its slope is bisected:
    slope(1/T) = sum_clips (E[log_prob under softmax(log_probs / T)] - log_prob of the truth)

    Args:
        log_probs: logits or log-probabilities; minus infinity is allowed.
        targets: class indices; background clips (-1) have no truth and are left out.
        bounds: lowest and highest T allowed.
        prior_clips: as though so many clips more had been heard, whose labels were drawn
            evenly from the classes. With 0, validation clips that are all right send T to its
            lower bound and every score to 1; 1 keeps doubt in proportion to their number (Platt).
    Returns:
        T within bounds; 1.0 where there is no clip with a truth.
    Raises:
        ConfigError: bounds out of order.
        ShapeError: targets that are no class indices.
    Reference:
        Guo et al. 2017; Platt, "Probabilistic outputs for support vector machines", 1999.
    """
    if not 0 < bounds[0] <= 1 <= bounds[1]:
        raise ConfigError(
            message("bounds", expected="0 < lowest <= 1 <= highest", got=bounds, remedy="Mend it.")
        )
    check_labels("targets", targets, num_classes=log_probs.shape[1], lowest=BACKGROUND)
    check_same_length("targets", targets, other_name="log_probs", other=log_probs)
    known = targets != BACKGROUND
    if not known.any():
        return 1.0
    scores = _centred(log_probs[known])
    truth = scores[np.arange(len(scores)), targets[known]]
    wanted = truth.sum() + prior_clips * scores.mean()
    low, high = 1 / bounds[1], 1 / bounds[0]
    for _ in range(_BISECTIONS):
        middle = np.sqrt(low * high)
        got = (len(scores) + prior_clips) * _mean_expected(scores, middle)
        low, high = (low, middle) if got > wanted else (middle, high)
    return float(np.clip(1 / np.sqrt(low * high), *bounds))


def _centred(
    log_probs: Float[np.ndarray, "clips classes"],
) -> Float[np.ndarray, "clips classes"]:
    if np.isnan(log_probs).any() or np.isposinf(log_probs).any():
        raise ShapeError(
            message(
                "log_probs",
                expected="no NaN and no +infinity",
                got=f"{int((~np.isfinite(log_probs)).sum())} such values",
                remedy="The network's output has broken down; lower the learning rate.",
            )
        )
    scores = np.maximum(log_probs.astype(np.float64), _LOWEST_LOG_PROB)
    return np.asarray(scores - scores.max(axis=1, keepdims=True))


def _mean_expected(scores: Float[np.ndarray, "clips classes"], inverse_temperature: float) -> float:
    weights = np.exp(scores * inverse_temperature)
    return float(((weights * scores).sum(axis=1) / weights.sum(axis=1)).mean())
