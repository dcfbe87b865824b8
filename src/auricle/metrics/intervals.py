"""How far a figure might be from the truth."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from auricle.errors import ConfigError, message
from auricle.metrics._check import check_same_length

_DRAWS_AT_ONCE = 2_000_000  # group counts held in memory


def bootstrap_interval(
    values: Float[np.ndarray, " clips"],
    groups: Sequence[str],
    *,
    seed: int = 0,
    num_draws: int = 2000,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of the mean of values, whole groups drawn with replacement.

    Clips of one recording, speaker or day are alike; drawing them one by one would make the
    interval too narrow.

    Args:
        values: one number per clip, any unit.
        groups: the group of each clip.
        seed: of the draws.
        num_draws: how many means are drawn, >= 1.
        confidence: share of the drawn means inside the interval, in (0, 1).
    Returns:
        Lower and upper end; (0.0, 0.0) for no clip. With one group, or values all equal, the
        draws cannot differ and the interval has no width: see `accuracy_interval`.
    Raises:
        ConfigError: num_draws or confidence out of range.
        ShapeError: not one group per clip.
    Reference:
        Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapters 8 and 13.
    """
    _check_draws(num_draws, confidence)
    names, place = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)
    check_same_length("groups", place, other_name="values", other=values)
    if len(values) == 0:
        return 0.0, 0.0
    sums = np.bincount(place, weights=values.astype(np.float64))
    counts = np.bincount(place).astype(np.float64)
    rng = np.random.default_rng(seed)
    share = np.full(len(names), 1 / len(names))
    means = []
    step = max(1, _DRAWS_AT_ONCE // len(names))
    for start in range(0, num_draws, step):
        drawn = rng.multinomial(len(names), share, size=min(step, num_draws - start))
        means.append((drawn @ sums) / (drawn @ counts))
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(np.concatenate(means), [tail, 1 - tail])
    return float(lower), float(upper)


def accuracy_interval(
    correct: Bool[np.ndarray, " clips"],
    groups: Sequence[str],
    *,
    seed: int = 0,
    num_draws: int = 2000,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Interval of an accuracy: `bootstrap_interval`, with two cases that it cannot see.

    One group only: clips are drawn instead, and what another group would do stays unknown.
    All right (or all wrong): the exact binomial bound over clips, tail ** (1 / clips), where
    tail = (1 - confidence) / 2, since 40 of 40 is no proof of 100 %.

    Args:
        correct: whether each clip's answer is right.
        groups: the group of each clip.
        seed, num_draws, confidence: as in `bootstrap_interval`.
    Returns:
        Lower and upper end, in [0, 1]; (0.0, 1.0) for no clip: nothing is known.
    Raises:
        ConfigError: num_draws or confidence out of range.
        ShapeError: not one group per clip.
    Reference:
        Clopper and Pearson, Biometrika 26(4), 1934.
    """
    _check_draws(num_draws, confidence)
    if len(correct) == 0:
        return 0.0, 1.0
    bound = float(((1 - confidence) / 2) ** (1 / len(correct)))
    if correct.all():
        return bound, 1.0
    if not correct.any():
        return 0.0, 1 - bound
    units = groups if len(set(groups)) > 1 else [str(index) for index in range(len(correct))]
    return bootstrap_interval(
        correct.astype(np.float64), units, seed=seed, num_draws=num_draws, confidence=confidence
    )


def _check_draws(num_draws: int, confidence: float) -> None:
    if num_draws < 1 or not 0 < confidence < 1:
        raise ConfigError(
            message(
                "bootstrap",
                expected="num_draws >= 1 and 0 < confidence < 1",
                got=f"num_draws={num_draws}, confidence={confidence}",
                remedy="2000 draws and 0.95 are customary.",
            )
        )
