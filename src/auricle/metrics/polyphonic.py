"""Polyphonic sound detection score: detection at every threshold, in one number."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from auricle.metrics.detection_counts import check_draws, recording_weights
from auricle.metrics.polyphonic_counts import Tally, tally_events, tally_scores
from auricle.metrics.polyphonic_settings import PsdsResult, PsdsSettings, ScoreCurves
from auricle.metrics.timed_events import TimedEvents

_S_PER_HOUR = 3600.0

Points = Float[np.ndarray, " _"]


def psds(
    curves: Sequence[ScoreCurves],
    references: Sequence[TimedEvents],
    *,
    durations_s: Sequence[float],
    labels: Sequence[str],
    settings: PsdsSettings,
    num_thresholds: int | None = None,
) -> PsdsResult:
    """PSDS over every decision threshold there is, exactly, from scores.

    Of a class: tpr = found true events / true events;
    efpr = (false alarms / hours) + alpha_ct * mean over other classes of (cross triggers / hours
    of that class's true events), at each threshold; the curve takes the best tpr at or below an
    efpr. etpr = max(0, mean over classes - alpha_st * standard deviation over classes).
    A class without a true event has no tpr and is left out (sed_scores_eval refuses it).

    Args:
        curves: of each recording; columns as ``labels``.
        references: of each recording, the true events; of one class none may overlap.
        durations_s: of each recording, seconds.
        labels: the classes.
        settings: what counts.
        num_thresholds: None asks every score that occurs, which takes (frames)^2 per recording
            and class; for recordings of hours give a number, such as 200, and thresholds at
            that many quantiles of each class's scores are asked instead.
    Raises:
        ShapeError: lengths differ, or true events of a class overlap or have no length.
        ConfigError: a true event has a label that is not among ``labels``.
    Reference:
        Bilen et al., "A framework for the robust evaluation of sound event detection", ICASSP
        2020; Ebbers, Haeb-Umbach and Serizel, "Threshold independent evaluation of sound event
        detection scores", ICASSP 2022.
    """
    tally = tally_scores(
        curves,
        references,
        durations_s=durations_s,
        labels=labels,
        settings=settings,
        num_thresholds=num_thresholds,
    )
    return _result(tally, settings)


def psds_of_events(
    estimates: Sequence[Sequence[TimedEvents]],
    references: Sequence[TimedEvents],
    *,
    durations_s: Sequence[float],
    labels: Sequence[str],
    settings: PsdsSettings,
) -> PsdsResult:
    """PSDS from the events that a detector gave at several settings, such as thresholds.

    Args:
        estimates: of each setting, of each recording, the estimated events.
        references, durations_s, labels, settings: as for `psds`.
    Raises:
        ShapeError, ConfigError: as `psds`, for the estimated events, too.
    """
    tally = tally_events(
        estimates, references, durations_s=durations_s, labels=labels, settings=settings
    )
    return _result(tally, settings)


def psds_interval(
    curves: Sequence[ScoreCurves],
    references: Sequence[TimedEvents],
    *,
    durations_s: Sequence[float],
    labels: Sequence[str],
    settings: PsdsSettings,
    num_thresholds: int | None = None,
    seed: int = 0,
    num_draws: int = 200,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of the PSDS, whole recordings drawn with replacement.

    Args:
        curves, references, durations_s, labels, settings, num_thresholds: as for `psds`.
        seed: of the draws.
        num_draws: how many scores are drawn, >= 1.
        confidence: share of the drawn scores inside the interval, in (0, 1).
    Returns:
        Lower and upper end; a class that a draw has no true event of is left out of that draw.
    Raises:
        ConfigError: num_draws or confidence out of range; and as `psds`.
        ShapeError: as `psds`.
    """
    check_draws(num_draws, confidence)
    tally = tally_scores(
        curves,
        references,
        durations_s=durations_s,
        labels=labels,
        settings=settings,
        num_thresholds=num_thresholds,
    )
    weights = recording_weights(len(references), seed=seed, num_draws=num_draws)
    drawn = [_result(tally, settings, weights=row).psds for row in weights]
    tail = 100 * (1 - confidence) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return float(low), float(high)


def _result(
    tally: Tally, settings: PsdsSettings, *, weights: Int[np.ndarray, " recordings"] | None = None
) -> PsdsResult:
    if weights is None:
        weights = np.ones(len(tally.durations_s), dtype=np.int64)
    numbers, seconds = weights @ tally.numbers, weights @ tally.seconds
    present = [index for index in range(len(tally.names)) if numbers[index] > 0]
    if not present:
        return PsdsResult(psds=0.0, efpr=np.zeros(1), etpr=np.zeros(1), per_class={})
    duration_s, curves = float(weights @ tally.durations_s), []
    for target in present:
        counts = tally.steps[target].totals(weights)
        rate = counts[:, 1] / max(duration_s, 1e-12)
        others = [index for index in present if index != target]
        if settings.alpha_ct > 0 and others:
            crossed = counts[:, [2 + index for index in others]] / seconds[others]
            rate = rate + settings.alpha_ct * crossed.mean(axis=1)
        tpr = counts[:, 0] / numbers[target]
        curves.append(_best_so_far(tpr, rate * _S_PER_HOUR, most=settings.max_efpr))
    efpr, etpr = _effective(curves, alpha_st=settings.alpha_st)
    areas = [_area(tpr, rate, most=settings.max_efpr) for tpr, rate in curves]
    names = (tally.names[index] for index in present)
    return PsdsResult(
        psds=_area(etpr, efpr, most=settings.max_efpr),
        efpr=efpr,
        etpr=etpr,
        per_class=dict(zip(names, areas, strict=True)),
    )


def _effective(
    curves: Sequence[tuple[Points, Points]], *, alpha_st: float
) -> tuple[Points, Points]:
    efpr = np.unique(np.concatenate([rate for _, rate in curves]))
    each = np.stack([tpr[np.searchsorted(rate, efpr, side="right") - 1] for tpr, rate in curves])
    return efpr, np.maximum(each.mean(axis=0) - alpha_st * each.std(axis=0), 0.0)


def _best_so_far(tpr: Points, efpr: Points, *, most: float) -> tuple[Points, Points]:
    """The best tpr at or below each efpr that occurs, up to the most that is asked for."""
    order = np.lexsort((tpr, efpr))
    best, rates = np.maximum.accumulate(tpr[order]), efpr[order]
    last = np.append(rates[1:] != rates[:-1], True) & (rates <= most)
    return best[last], rates[last]


def _area(tpr: Points, efpr: Points, *, most: float) -> float:
    """Under the staircase, over the most that is asked for."""
    return float((tpr * np.diff(np.append(efpr, most))).sum() / most)
