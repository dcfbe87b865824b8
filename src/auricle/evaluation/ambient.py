"""What a threshold costs on hours of sound that hold nothing to be found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from auricle.metrics import count_alarms, highest_count

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbientRow:
    """False alarms at one threshold.

    Attributes:
        threshold: score at which an alarm is raised, in [0, 1].
        num_alarms: how many were raised.
        per_hour: how many that is in an hour.
        per_hour_at_most: what the true rate stays below, 95 % sure (Poisson).
    """

    threshold: float
    num_alarms: int
    per_hour: float
    per_hour_at_most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbientTable:
    """False alarms over a range of thresholds.

    Attributes:
        source: what was listened to.
        duration_s: how long, seconds.
        rows: by rising threshold.
        chosen: the model's own threshold; it is one of the rows.
    """

    source: str
    duration_s: float
    rows: tuple[AmbientRow, ...]
    chosen: float


def ambient_table(
    scores: Float[np.ndarray, " frames"],
    *,
    frame_rate: float,
    chosen: float,
    source: str,
    thresholds: Sequence[float] = THRESHOLDS,
    merge_gap_s: float = 1.0,
) -> AmbientTable:
    """Count alarms in a recording that holds none of the sounds looked for.

    Args:
        scores: at each frame, the greatest probability among the classes that raise an alarm.
        frame_rate: frames per second, Hz, > 0.
        chosen: the model's own threshold; a row of its own.
        source: what was listened to, for the report.
        thresholds: the others.
        merge_gap_s: alarms closer than this are one, seconds.
    """
    gap = round(merge_gap_s * frame_rate)
    counts = {
        level: count_alarms(scores, threshold=level, longest_gap=gap)
        for level in sorted({*thresholds, chosen})
    }
    return alarms_by_threshold(
        counts, duration_s=len(scores) / frame_rate, chosen=chosen, source=source
    )


def alarms_by_threshold(
    counts: dict[float, int], *, duration_s: float, chosen: float, source: str
) -> AmbientTable:
    """The table of alarms that were counted elsewhere, by the decision itself, say.

    Args:
        counts: alarms raised, by threshold.
        duration_s: how much was listened to, seconds, > 0.
        chosen: the model's own threshold.
        source: what was listened to, for the report.
    """
    hours = max(duration_s, 1e-9) / 3600
    return AmbientTable(
        source=source,
        duration_s=duration_s,
        chosen=chosen,
        rows=tuple(
            AmbientRow(
                threshold=level,
                num_alarms=count,
                per_hour=count / hours,
                per_hour_at_most=highest_count(count) / hours,
            )
            for level, count in sorted(counts.items())
        ),
    )
