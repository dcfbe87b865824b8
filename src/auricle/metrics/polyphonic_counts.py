"""What is counted in each recording at each decision threshold, kept apart by recording."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from auricle.metrics.polyphonic_settings import PsdsSettings, ScoreCurves, bad_shape
from auricle.metrics.timed_events import TimedEvents, all_labels

Counts = Int[np.ndarray, "_ _"]  # a row a threshold: found, false alarms, cross triggers
Times = Float[np.ndarray, " _"]
Indices = Int[np.ndarray, " _"]
Truth = tuple[np.ndarray, np.ndarray, np.ndarray]  # as `auricle.metrics.intersection` takes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """By how much the counts of a class change where the threshold falls below a score.

    Attributes:
        changes: a row a step.
        recording: in which one, of each step.
        place: of each step's threshold among all, rising.
        num_places: how many thresholds there are.
    """

    changes: Counts
    recording: Indices
    place: Indices
    num_places: int

    def totals(self, weights: Indices) -> Counts:
        """Counts of all recordings, each so many times, from the highest threshold down."""
        sums = np.zeros((self.num_places + 1, self.changes.shape[1]), dtype=np.int64)
        np.add.at(sums, self.place, self.changes * weights[self.recording, None])
        return np.cumsum(sums[::-1], axis=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """All that a PSDS follows from.

    Attributes:
        names: the classes that have true events.
        steps: of each class.
        numbers: true events of each recording and class.
        seconds: their durations together.
        durations_s: of each recording.
    """

    names: tuple[str, ...]
    steps: tuple[Steps, ...]
    numbers: Int[np.ndarray, "recordings classes"]
    seconds: Float[np.ndarray, "recordings classes"]
    durations_s: Float[np.ndarray, " recordings"]


def tally_scores(
    curves: Sequence[ScoreCurves],
    references: Sequence[TimedEvents],
    *,
    durations_s: Sequence[float],
    labels: Sequence[str],
    settings: PsdsSettings,
    num_thresholds: int | None,
) -> Tally:
    """Count at every score that occurs, or at quantiles of each class's scores."""
    from auricle.metrics.intersection import count_at_thresholds

    _check_lengths(curves, references, durations_s)
    for part in curves:
        if part.scores.shape[1] != len(labels):
            raise bad_shape("scores", f"{len(labels)} columns", part.scores.shape, "One per label.")
    names = _present(references, labels)
    truths = [_truth(part, names) for part in references]
    limits = _limits(settings)
    steps = []
    for target, name in enumerate(names):
        place = labels.index(name)
        columns = [np.ascontiguousarray(part.scores[:, place], float) for part in curves]
        asked = [_thresholds(column, columns, num_thresholds) for column in columns]
        counts = [
            count_at_thresholds(part.edges_s.astype(float), column, at, truth, target, limits)
            for part, column, at, truth in zip(curves, columns, asked, truths, strict=True)
        ]
        steps.append(_steps(asked, counts))
    return _tally(names, steps, truths, durations_s)


def tally_events(
    estimates: Sequence[Sequence[TimedEvents]],
    references: Sequence[TimedEvents],
    *,
    durations_s: Sequence[float],
    labels: Sequence[str],
    settings: PsdsSettings,
) -> Tally:
    """Count the events of several settings, which take the place of thresholds."""
    from auricle.metrics.intersection import count_intersections

    for answers in estimates:
        _check_lengths(answers, references, durations_s)
        all_labels(references, answers, labels=labels)
    names, limits = _present(references, labels), _limits(settings)
    truths = [_truth(part, names) for part in references]
    asked = [np.arange(len(estimates), dtype=np.float64)] * len(references)
    steps = []
    for target, name in enumerate(names):
        counts = np.zeros((len(references), len(estimates), 2 + len(names)), dtype=np.int64)
        for setting, answers in enumerate(estimates):
            for row, (answer, truth) in enumerate(zip(answers, truths, strict=True)):
                found = _apart(answer, name, what="estimates")
                counts[row, setting] = count_intersections(*found, truth, target, limits)
        steps.append(_steps(asked, list(counts)))
    return _tally(names, steps, truths, durations_s)


def _tally(
    names: tuple[str, ...],
    steps: Sequence[Steps],
    truths: Sequence[Truth],
    durations_s: Sequence[float],
) -> Tally:
    shape = (len(truths), len(names))
    return Tally(
        names=names,
        steps=tuple(steps),
        numbers=np.array([np.diff(first) for _, _, first in truths], np.int64).reshape(shape),
        seconds=np.array([_class_seconds(*truth) for truth in truths], float).reshape(shape),
        durations_s=np.array(durations_s, dtype=np.float64),
    )


def _steps(asked: Sequence[Times], counts: Sequence[Counts]) -> Steps:
    """Between two of its own thresholds a recording's counts are those of the upper one."""
    changes = [part - np.vstack([part[1:], np.zeros_like(part[:1])]) for part in counts]
    places, place = np.unique(np.concatenate(asked), return_inverse=True)
    lengths = [len(part) for part in asked]
    return Steps(
        changes=np.concatenate(changes),
        recording=np.repeat(np.arange(len(asked)), lengths),
        place=place,
        num_places=len(places),
    )


def _present(references: Sequence[TimedEvents], labels: Sequence[str]) -> tuple[str, ...]:
    all_labels(references, references, labels=labels)
    seen = {name for part in references for name in part.labels}
    return tuple(name for name in labels if name in seen)


def _thresholds(column: Times, columns: Sequence[Times], most: int | None) -> Times:
    if most is None:
        return np.unique(column)
    every = np.concatenate(columns)
    return np.unique(np.quantile(every, np.linspace(0, 1, most), method="nearest"))


def _limits(settings: PsdsSettings) -> tuple[float, float, float, float]:
    cttc = settings.cttc if settings.alpha_ct > 0 else 0.0
    return settings.dtc, settings.gtc, cttc, 10.0**settings.decimals


def _truth(events: TimedEvents, names: tuple[str, ...]) -> Truth:
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


def _class_seconds(onsets: Times, offsets: Times, first: Indices) -> Times:
    total = np.concatenate([[0.0], np.cumsum(offsets - onsets)])
    return np.asarray(total[first[1:]] - total[first[:-1]])


def _check_lengths(
    parts: Sequence[object], references: Sequence[object], durations_s: Sequence[float]
) -> None:
    if not len(parts) == len(references) == len(durations_s):
        got = f"{len(parts)}, {len(references)} and {len(durations_s)} entries"
        raise bad_shape("references, durations_s", "one entry for each recording", got, "In order.")
