"""What the polyphonic sound detection score asks, is given, and answers."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from auricle.errors import ConfigError, ShapeError, message


@dataclass(frozen=True, slots=True, kw_only=True)
class PsdsSettings:
    """What counts as found, what false alarms cost, and how far the curve is followed.

    Attributes:
        dtc: detection tolerance: share of an estimated event that must lie inside true events
            of its class for it not to be a false alarm, in (0, 1].
        gtc: ground-truth intersection: share of a true event that such events must cover for
            it to be found, in (0, 1].
        cttc: cross-trigger tolerance: a false alarm that lies by this share inside another
            class's true events is a cross trigger as well, in (0, 1].
        alpha_ct: weight of cross triggers in the rate of false alarms, >= 0.
        alpha_st: weight of the spread between classes, >= 0.
        max_efpr: the rate of false alarms up to which the curve is followed, per hour, > 0.
        decimals: durations are compared when rounded to so many digits, as in sed_scores_eval.
    """

    dtc: float
    gtc: float
    cttc: float = 0.3
    alpha_ct: float = 0.0
    alpha_st: float = 1.0
    max_efpr: float = 100.0
    decimals: int = 6

    def __post_init__(self) -> None:
        shares = (self.dtc, self.gtc, self.cttc)
        weights = (self.alpha_ct, self.alpha_st)
        right = all(0 < share <= 1 for share in shares) and min(weights) >= 0
        if not right or not self.max_efpr > 0:
            raise ConfigError(
                message(
                    "PsdsSettings",
                    expected="0 < dtc, gtc, cttc <= 1, alpha_ct, alpha_st >= 0 and max_efpr > 0",
                    got=self,
                    remedy="DCASE's two settings are DCASE_PSDS1 and DCASE_PSDS2.",
                )
            )


DCASE_PSDS1 = PsdsSettings(dtc=0.7, gtc=0.7)
"""DCASE task 4, scenario 1: react fast, that is, onsets and offsets matter."""

DCASE_PSDS2 = PsdsSettings(dtc=0.1, gtc=0.1, cttc=0.3, alpha_ct=0.5)
"""DCASE task 4, scenario 2: do not confuse the classes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCurves:
    """The scores of one recording.

    Attributes:
        edges_s: where each frame begins and where the last ends, seconds, rising.
        scores: of each frame and class; any scale, higher is surer.
    """

    edges_s: Float[np.ndarray, " frames_plus_1"]
    scores: Float[np.ndarray, "frames classes"]

    def __post_init__(self) -> None:
        rising = bool((np.diff(self.edges_s) > 0).all())
        if len(self.edges_s) != len(self.scores) + 1 or not rising:
            got = f"{len(self.edges_s)} edges and {len(self.scores)} frames"
            raise bad_shape("edges_s", "one edge more than frames, rising", got, "In seconds.")
        if np.isnan(self.scores).any():
            raise bad_shape("scores", "no NaN", "some", "The network's output has broken down.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PsdsResult:
    """The score and its curve.

    Attributes:
        psds: area under the curve up to max_efpr, over max_efpr; in [0, 1].
        efpr: effective false alarms per hour, rising.
        etpr: effective share of true events that are found at that rate.
        per_class: of each class, its own area over max_efpr.
    """

    psds: float
    efpr: Float[np.ndarray, " points"]
    etpr: Float[np.ndarray, " points"]
    per_class: dict[str, float]


def bad_shape(name: str, expected: str, got: object, remedy: str) -> ShapeError:
    """The house's error for arrays that do not fit."""
    return ShapeError(message(name, expected=expected, got=got, remedy=remedy))
