"""The decoding of a detector whose classes may overlap: one setting after the other.

Events of all lengths sound at once, rain for seconds beside a bark, so that nothing can be said
beforehand of how long to smooth. Widths, gaps and lengths are improved in turn, for each class by
itself, each time with the threshold that suits it best, until nothing helps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float64

from auricle.evaluation.detection import timed_events
from auricle.metrics import SED_EVAL, TimedEvents, count_events
from auricle.models import DetectionConfig
from auricle.training.detection.scoring import decode
from auricle.training.detection.tuning import Held, Probs, smoothed

_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_MEDIANS_S = (0.0, 0.1, 0.2, 0.4, 0.7, 1.0)
_GAPS_S = (0.0, 0.1, 0.2, 0.3, 0.5)
_DURATIONS_S = (0.0, 0.05, 0.1, 0.2, 0.3)
_ROUNDS = 2
_WORTH = 5e-3  # of F1: less is chance, and a longer delay is not
_APART_S = 3.0  # of silence between two recordings, more than any setting bridges


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joined:
    """All validation recordings as one, silence between them, so that one call decodes them."""

    probs: Probs
    truth: TimedEvents
    classes: tuple[str, ...]
    hop_s: float


_Axis = Literal["median", "gap", "duration"]


class _Settings(NamedTuple):
    """Of each class."""

    medians: tuple[int, ...]
    gaps_s: tuple[float, ...]
    durations_s: tuple[float, ...]
    thresholds: tuple[float, ...]


def tune_overlaps(
    held: Sequence[Held], classes: tuple[str, ...], *, hop_s: float
) -> DetectionConfig:
    """Settings of each class with a high F1, its events counting within 200 ms.

    Args:
        held: validation recordings; at least one holds an event.
    """
    joined = _join(held, classes, hop_s=hop_s)
    smooth = {1: joined.probs}
    count = len(classes)
    best = _Settings((1,) * count, (0.0,) * count, (0.0,) * count, (0.5,) * count)
    most = np.full(len(classes), -1.0)
    for _ in range(_ROUNDS):
        before = best
        for axis, value in _changes(hop_s):
            tried, f1 = _with_thresholds(_changed(best, axis, value), joined, smooth)
            better = f1 > most + np.where(most < 0, 0.0, _WORTH)
            best, most = _take(best, tried, better), np.where(better, f1, most)
        if best == before:
            break
    return DetectionConfig(
        medians=best.medians,
        min_gaps_s=best.gaps_s,
        min_durations_s=best.durations_s,
        thresholds=best.thresholds,
    )


def _changes(hop_s: float) -> Iterator[tuple[_Axis, float]]:
    """One thing in all classes, and its value; the values of less delay come first."""
    widths = sorted({2 * round(width_s / hop_s / 2) + 1 for width_s in _MEDIANS_S})
    yield from (("median", float(width)) for width in widths)
    yield from (("gap", gap_s) for gap_s in _GAPS_S)
    yield from (("duration", length_s) for length_s in _DURATIONS_S)


def _changed(start: _Settings, axis: _Axis, value: float) -> _Settings:
    count = len(start.thresholds)
    match axis:
        case "median":
            return start._replace(medians=(int(value),) * count)
        case "gap":
            return start._replace(gaps_s=(value,) * count)
        case "duration":
            return start._replace(durations_s=(value,) * count)


def _take(old: _Settings, new: _Settings, better: Bool[np.ndarray, " classes"]) -> _Settings:
    """The new settings of the classes that they are better for."""
    rows = list(zip(zip(*old, strict=True), zip(*new, strict=True), better.tolist(), strict=True))
    chosen = [after if use else before for before, after, use in rows]
    return _Settings(
        medians=tuple(int(one[0]) for one in chosen),
        gaps_s=tuple(float(one[1]) for one in chosen),
        durations_s=tuple(float(one[2]) for one in chosen),
        thresholds=tuple(float(one[3]) for one in chosen),
    )


def _join(held: Sequence[Held], classes: tuple[str, ...], *, hop_s: float) -> _Joined:
    silence = np.zeros((round(_APART_S / hop_s), len(classes)), dtype=np.float32)
    parts: list[Probs] = []
    events: list[tuple[float, float, str]] = []
    hops = 0
    for one in held:
        track = one.events
        rows = zip(track.first.tolist(), track.stop.tolist(), track.labels.tolist(), strict=True)
        events += [
            ((max(0, first) + hops) * hop_s, (stop + hops) * hop_s, classes[label])
            for first, stop, label in rows
        ]
        parts += [one.probs, silence]
        hops += len(one.probs) + len(silence)
    return _Joined(
        probs=np.concatenate(parts), truth=TimedEvents.of(events), classes=classes, hop_s=hop_s
    )


def _with_thresholds(
    settings: _Settings, on: _Joined, smooth: dict[int, Probs]
) -> tuple[_Settings, Float64[np.ndarray, " classes"]]:
    """The threshold of each class that gives it the best F1, and those F1."""
    for width in {*settings.medians} - smooth.keys():
        smooth[width] = smoothed(on.probs, width, single=False)
    columns = [smooth[width][:, at] for at, width in enumerate(settings.medians)]
    probs = np.stack(columns, axis=1)
    table = np.array([_f1_at(threshold, settings, probs, on) for threshold in _THRESHOLDS])
    middle = np.abs(np.array(_THRESHOLDS) - 0.5)[:, None]
    chosen = (table - 1e-6 * middle).argmax(axis=0)  # of equal ones, that nearest to a half
    present = np.array([name in on.truth.labels for name in on.classes])
    thresholds = tuple(
        _THRESHOLDS[row] if there else 0.5 for row, there in zip(chosen, present, strict=True)
    )
    return settings._replace(thresholds=thresholds), table.max(axis=0)


def _f1_at(threshold: float, settings: _Settings, probs: Probs, on: _Joined) -> list[float]:
    config = DetectionConfig(
        thresholds=(threshold,) * len(on.classes),
        min_gaps_s=settings.gaps_s,
        min_durations_s=settings.durations_s,
    )
    found = decode(iter([probs]), on.classes, config, single=False, hop_s=on.hop_s)
    counts = count_events([on.truth], [timed_events(found)], collars=SED_EVAL, labels=on.classes)
    return [score.f1 for score in counts.per_class().values()]
