"""Polyphonic sound detection score: detection at every threshold, in one number."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from auricle.metrics.polyphonic_settings import PsdsResult, PsdsSettings, ScoreCurves, bad_shape
from auricle.metrics.timed_events import TimedEvents, all_labels

_S_PER_HOUR = 3600.0

Counts = Int[np.ndarray, "_ _"]  # a row a threshold: found, false alarms, cross triggers
Times = Float[np.ndarray, " _"]


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
    from auricle.metrics.intersection import count_at_thresholds

    _check_lengths(curves, references, durations_s)
    for part in curves:
        if part.scores.shape[1] != len(labels):
            raise bad_shape("scores", f"{len(labels)} columns", part.scores.shape, "One per label.")
    names = _present(references, labels)
    truths = [_truth(part, names) for part in references]
    limits = _limits(settings)
    totals = []
    for target, name in enumerate(names):
        place = labels.index(name)
        columns = [np.ascontiguousarray(part.scores[:, place], float) for part in curves]
        asked = [_thresholds(column, columns, num_thresholds) for column in columns]
        counts = [
            count_at_thresholds(part.edges_s.astype(float), column, at, truth, target, limits)
            for part, column, at, truth in zip(curves, columns, asked, truths, strict=True)
        ]
        totals.append(_summed(asked, counts, num_counts=2 + len(names)))
    return _result(totals, truths, durations_s, names, settings)


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
    from auricle.metrics.intersection import count_intersections

    for answers in estimates:
        _check_lengths(answers, references, durations_s)
        all_labels(references, answers, labels=labels)
    names, limits = _present(references, labels), _limits(settings)
    truths = [_truth(part, names) for part in references]
    totals = []
    for target, name in enumerate(names):
        rows = np.zeros((len(estimates) + 1, 2 + len(names)), dtype=np.int64)
        for row, answers in zip(rows, estimates, strict=False):
            for answer, truth in zip(answers, truths, strict=True):
                found = _apart(answer, name, what="estimates")
                row += count_intersections(*found, truth, target, limits)
        totals.append(rows)
    return _result(totals, truths, durations_s, names, settings)


def _present(references: Sequence[TimedEvents], labels: Sequence[str]) -> tuple[str, ...]:
    all_labels(references, references, labels=labels)
    seen = {name for part in references for name in part.labels}
    return tuple(name for name in labels if name in seen)


def _thresholds(
    column: Times,
    columns: Sequence[Times],
    most: int | None,
) -> Times:
    if most is None:
        return np.unique(column)
    every = np.concatenate(columns)
    return np.unique(np.quantile(every, np.linspace(0, 1, most), method="nearest"))


def _summed(
    asked: Sequence[Times],
    counts: Sequence[Counts],
    *,
    num_counts: int,
) -> Counts:
    """Counts of all recordings at every threshold of any, from the highest down.

    Between two of its own thresholds a recording's counts stay as they are at the upper one.
    """
    steps = [part - np.vstack([part[1:], np.zeros_like(part[:1])]) for part in counts]
    places, which = np.unique(np.concatenate([*asked, np.empty(0)]), return_inverse=True)
    changes = np.zeros((len(places) + 1, num_counts), dtype=np.int64)
    np.add.at(changes, which, np.concatenate([*steps, np.zeros((0, num_counts), np.int64)]))
    return np.cumsum(changes[::-1], axis=0)


def _result(
    totals: Sequence[Counts],
    truths: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]],
    durations_s: Sequence[float],
    names: tuple[str, ...],
    settings: PsdsSettings,
) -> PsdsResult:
    if not names:
        return PsdsResult(psds=0.0, efpr=np.zeros(1), etpr=np.zeros(1), per_class={})
    numbers = np.sum([np.diff(first) for _, _, first in truths], axis=0)
    lengths = np.sum([_class_seconds(*truth) for truth in truths], axis=0)
    curves = []
    for target, counts in enumerate(totals):
        tpr = counts[:, 0] / max(int(numbers[target]), 1)
        rate = counts[:, 1] / max(sum(durations_s), 1e-12)
        others = [index for index in range(len(names)) if index != target]
        if settings.alpha_ct > 0 and others:
            crossed = counts[:, [2 + i for i in others]] / np.maximum(lengths[others], 1e-12)
            rate = rate + settings.alpha_ct * crossed.mean(axis=1)
        curves.append(_best_so_far(tpr, rate * _S_PER_HOUR, most=settings.max_efpr))
    efpr = np.unique(np.concatenate([rate for _, rate in curves]))
    each = np.stack([tpr[np.searchsorted(rate, efpr, side="right") - 1] for tpr, rate in curves])
    etpr = np.maximum(each.mean(axis=0) - settings.alpha_st * each.std(axis=0), 0.0)
    areas = [_area(tpr, rate, most=settings.max_efpr) for tpr, rate in curves]
    return PsdsResult(
        psds=_area(etpr, efpr, most=settings.max_efpr),
        efpr=efpr,
        etpr=etpr,
        per_class=dict(zip(names, areas, strict=True)),
    )


def _best_so_far(tpr: Times, efpr: Times, *, most: float) -> tuple[Times, Times]:
    """The best tpr at or below each efpr that occurs, up to the most that is asked for."""
    order = np.lexsort((tpr, efpr))
    best, rates = np.maximum.accumulate(tpr[order]), efpr[order]
    last = np.append(rates[1:] != rates[:-1], True) & (rates <= most)
    return best[last], rates[last]


def _area(tpr: Times, efpr: Times, *, most: float) -> float:
    """Under the staircase, over the most that is asked for."""
    return float((tpr * np.diff(np.append(efpr, most))).sum() / most)


def _limits(settings: PsdsSettings) -> tuple[float, float, float, float]:
    return settings.dtc, settings.gtc, settings.cttc, 10.0**settings.decimals


def _truth(
    events: TimedEvents, names: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    parts = [_apart(events, name, what="references") for name in names]
    first = np.cumsum([0, *(len(onsets) for onsets, _ in parts)])
    onsets = np.concatenate([np.empty(0), *(onsets for onsets, _ in parts)])
    return onsets, np.concatenate([np.empty(0), *(offsets for _, offsets in parts)]), first


def _apart(events: TimedEvents, name: str, *, what: str) -> tuple[Times, Times]:
    """Onsets and offsets of a class, in order, refused where an intersection makes no sense."""
    intervals = events.of_label(name)
    onsets, offsets = intervals[:, 0].copy(), intervals[:, 1].copy()
    late = np.flatnonzero(onsets[1:] < offsets[:-1]) + 1
    empty = np.flatnonzero(offsets <= onsets)
    for index in (*late[:1], *empty[:1]):
        raise bad_shape(
            what,
            f"events of {name!r} that have a length and do not overlap each other",
            f"{onsets[index]:g} to {offsets[index]:g} s",
            "Join the overlapping ones and take out those of no length.",
        )
    return onsets, offsets


def _class_seconds(
    onsets: Times,
    offsets: Times,
    first: Int[np.ndarray, " classes_plus_1"],
) -> Float[np.ndarray, " classes"]:
    total = np.concatenate([[0.0], np.cumsum(offsets - onsets)])
    return np.asarray(total[first[1:]] - total[first[:-1]])


def _check_lengths(
    parts: Sequence[object], references: Sequence[object], durations_s: Sequence[float]
) -> None:
    if not len(parts) == len(references) == len(durations_s):
        got = f"{len(parts)}, {len(references)} and {len(durations_s)} entries"
        raise bad_shape("references, durations_s", "one entry for each recording", got, "In order.")
