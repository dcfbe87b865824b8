"""Hits, misses and false alarms by recording and class, and the scores that follow from them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, SupportsIndex

import numpy as np
from jaxtyping import Float, Int

from auricle.errors import ConfigError, message


class DetectionScore(NamedTuple):
    """Precision, recall and F1, each in [0, 1]; 0.0 where there is nothing to divide by."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionCounts:
    """What was counted in each recording for each class.

    precision = hits / estimated, recall = hits / reference, f1 = 2 hits / (reference + estimated)

    Attributes:
        labels: the classes, in the order of the columns.
        num_reference: true events (or segments).
        num_estimated: estimated ones.
        hits: estimated ones that are right.
    """

    labels: tuple[str, ...]
    num_reference: Int[np.ndarray, "recordings classes"]
    num_estimated: Int[np.ndarray, "recordings classes"]
    hits: Int[np.ndarray, "recordings classes"]

    def micro(self) -> DetectionScore:
        """All events of all classes counted alike; sed_eval's "overall"."""
        return _score(self._totals().sum(axis=1))

    def per_class(self) -> dict[str, DetectionScore]:
        """Each class by itself."""
        return {
            label: _score(column)
            for label, column in zip(self.labels, self._totals().T, strict=True)
        }

    def macro(self) -> DetectionScore:
        """Mean over the classes that have a true event; sed_eval's "class-wise average".

        A class without one has no recall; its false alarms show in `micro`.
        """
        return DetectionScore(*map(float, _macro(self._totals()[:, :, None])[:, 0]))

    def select(self, indices: Iterable[SupportsIndex]) -> "DetectionCounts":
        """The counts of these recordings."""
        rows = [int(index) for index in indices]
        return replace(
            self,
            num_reference=self.num_reference[rows],
            num_estimated=self.num_estimated[rows],
            hits=self.hits[rows],
        )

    def interval(
        self,
        score: Literal["precision", "recall", "f1"] = "f1",
        *,
        average: Literal["micro", "macro"] = "micro",
        seed: int = 0,
        num_draws: int = 2000,
        confidence: float = 0.95,
    ) -> tuple[float, float]:
        """Percentile interval of a score, whole recordings drawn with replacement.

        Args:
            score: which.
            average: as `micro` or `macro`.
            seed: of the draws.
            num_draws: how many scores are drawn, >= 1.
            confidence: share of the drawn scores inside the interval, in (0, 1).
        Returns:
            Lower and upper end; with one recording the draws cannot differ and it has no width.
        Raises:
            ConfigError: num_draws or confidence out of range.
        Reference:
            Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapter 13.
        """
        check_draws(num_draws, confidence)
        weights = recording_weights(len(self.hits), seed=seed, num_draws=num_draws)
        parts = (self.hits, self.num_reference, self.num_estimated)
        totals = np.stack([(weights @ part).T for part in parts]).astype(np.float64)
        drawn = _macro(totals) if average == "macro" else _rates(totals.sum(axis=1))
        tail = 100 * (1 - confidence) / 2
        chosen = drawn[DetectionScore._fields.index(score)]
        low, high = np.percentile(chosen, [tail, 100 - tail])
        return float(low), float(high)

    def _totals(self) -> Float[np.ndarray, "3 classes"]:
        parts = (self.hits, self.num_reference, self.num_estimated)
        return np.stack([part.sum(axis=0) for part in parts]).astype(np.float64)


def _score(totals: Float[np.ndarray, "3"]) -> DetectionScore:
    return DetectionScore(*map(float, _rates(totals)))


def _rates(totals: Float[np.ndarray, "3 *rest"]) -> Float[np.ndarray, "3 *rest"]:
    hits, reference, estimated = totals
    below = np.stack([estimated, reference, reference + estimated])
    above = np.stack([hits, hits, 2 * hits])
    return np.asarray(above / np.where(below > 0, below, 1.0))


def _macro(totals: Float[np.ndarray, "3 classes draws"]) -> Float[np.ndarray, "3 draws"]:
    present = totals[1] > 0
    sums = (_rates(totals) * present).sum(axis=1)
    return np.asarray(sums / np.maximum(present.sum(axis=0), 1))


def recording_weights(
    count: int, *, seed: int, num_draws: int
) -> Int[np.ndarray, "draws recordings"]:
    """How often each recording is drawn, when as many as there are are drawn with replacement."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(count, np.full(count, 1 / max(count, 1)), size=num_draws)


def check_draws(num_draws: int, confidence: float) -> None:
    """At least one draw, and a share strictly between 0 and 1.

    Raises:
        ConfigError: they are not.
    """
    if num_draws < 1 or not 0 < confidence < 1:
        raise ConfigError(
            message(
                "interval",
                expected="num_draws >= 1 and 0 < confidence < 1",
                got=f"num_draws={num_draws}, confidence={confidence}",
                remedy="2000 draws and 0.95 are customary.",
            )
        )
