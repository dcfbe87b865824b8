"""The decoding of a detector whose classes may overlap: one setting after the other.

Events of all lengths sound at once, rain for seconds beside a bark, so that nothing can be said
beforehand of how long to smooth. Widths, gaps and lengths are improved in turn, each time with the
threshold that suits each class best, until nothing helps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from auricle.evaluation.detection import timed_events
from auricle.metrics import SED_EVAL, TimedEvents, count_events
from auricle.models import DetectionConfig
from auricle.training.detection.scoring import decode
from auricle.training.detection.tuning import Held, Probs, smoothed

_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_MEDIANS_S = (0.0, 0.1, 0.2, 0.4, 0.7, 1.0)
_GAPS_S = (0.0, 0.1, 0.2, 0.3, 0.5)
_DURATIONS_S = (0.0, 0.05, 0.1, 0.2, 0.3)
_RELEASES = (1.0, 0.7, 0.4, 0.2)
_ROUNDS = 2
_WORTH = 2e-3  # of F1: less is chance, and a longer delay is not
_APART_S = 3.0  # of silence between two recordings, more than any setting bridges


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joined:
    """All validation recordings as one, silence between them, so that one call decodes them."""

    probs: Probs
    truth: TimedEvents
    classes: tuple[str, ...]
    hop_s: float


def tune_overlaps(
    held: Sequence[Held], classes: tuple[str, ...], *, hop_s: float
) -> DetectionConfig:
    """Settings with a high mean F1 of the classes, events counting within 200 ms.

    Args:
        held: validation recordings; at least one holds an event.
    """
    joined = _join(held, classes, hop_s=hop_s)
    smooth = {1: joined}
    best, most = _with_thresholds(DetectionConfig(), joined)
    for _ in range(_ROUNDS):
        before = best
        for values in (_medians, _gaps, _durations, _releases):
            for config in values(best, hop_s):
                at = config.median
                if at not in smooth:
                    smooth[at] = replace(joined, probs=smoothed(joined.probs, at, single=False))
                tried, f1 = _with_thresholds(replace(config, median=1), smooth[at])
                if f1 > most + _WORTH:
                    best, most = replace(tried, median=at), f1
        if best == before:
            break
    return best


def _medians(start: DetectionConfig, hop_s: float) -> list[DetectionConfig]:
    widths = sorted({2 * round(width_s / hop_s / 2) + 1 for width_s in _MEDIANS_S})
    return [replace(start, median=width) for width in widths]


def _gaps(start: DetectionConfig, hop_s: float) -> list[DetectionConfig]:
    return [replace(start, min_gap_s=gap_s) for gap_s in _GAPS_S]


def _durations(start: DetectionConfig, hop_s: float) -> list[DetectionConfig]:
    return [replace(start, min_duration_s=length_s) for length_s in _DURATIONS_S]


def _releases(start: DetectionConfig, hop_s: float) -> list[DetectionConfig]:
    return [replace(start, release=release) for release in _RELEASES]


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


def _with_thresholds(config: DetectionConfig, on: _Joined) -> tuple[DetectionConfig, float]:
    """The threshold of each class that gives it the best F1, and the mean of those F1."""
    table = np.array([_f1_at(threshold, config, on) for threshold in _THRESHOLDS])
    middle = np.abs(np.array(_THRESHOLDS) - 0.5)[:, None]
    chosen = (table - 1e-6 * middle).argmax(axis=0)  # of equal ones, that nearest to a half
    present = np.array([name in on.truth.labels for name in on.classes])
    thresholds = tuple(
        _THRESHOLDS[row] if there else 0.5 for row, there in zip(chosen, present, strict=True)
    )
    return replace(config, thresholds=thresholds), float(table.max(axis=0)[present].mean())


def _f1_at(threshold: float, config: DetectionConfig, on: _Joined) -> list[float]:
    same = replace(config, thresholds=(threshold,) * len(on.classes))
    found = decode(iter([on.probs]), on.classes, same, single=False, hop_s=on.hop_s)
    counts = count_events([on.truth], [timed_events(found)], collars=SED_EVAL, labels=on.classes)
    return [score.f1 for score in counts.per_class().values()]
