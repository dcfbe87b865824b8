"""Where a detector was most wrong: stretches of recordings to be looked at and listened to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from auricle.evaluation.detection import RecordingScore

GRID_S = 0.02
_MOST_A_RECORDING = 3


class Span(NamedTuple):
    """An event: seconds from the start of the recording, and its label."""

    onset_s: float
    offset_s: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A stretch of a recording in which answers and truth differ.

    Attributes:
        score: of the recording.
        start_s, end_s: the stretch, seconds from the start of the recording.
        wrong_s: seconds of it, summed over classes, in which a class sounds in the one and not
            in the other; a confusion counts twice.
        missed, false: labels that sound unheard, and those heard without sounding, longest first.
    """

    score: RecordingScore
    start_s: float
    end_s: float
    wrong_s: float
    missed: tuple[str, ...]
    false: tuple[str, ...]


def true_spans(score: RecordingScore) -> list[Span]:
    """What the annotation says."""
    return [Span(e.onset_s, e.offset_s, e.label) for e in score.recording.events]


def found_spans(score: RecordingScore) -> list[Span]:
    """What the detector says."""
    return [Span(e.onset_s, e.offset_s, e.label) for e in score.found.events]


def worst_moments(
    scores: Sequence[RecordingScore], *, most: int = 12, window_s: float | None = None
) -> list[Moment]:
    """The stretches with most time wrong, worst first; at most three of a recording.

    Args:
        most: how many at the most.
        window_s: their length, seconds; twenty true events of the usual length if None, but
            1.5 to 8 seconds.
    """
    window_s = window_s or usual_window_s(scores)
    found: list[Moment] = []
    for score in scores:
        wrong = wrong_by_class(score)
        for start in _peaks(wrong_in_all(wrong), round(window_s / GRID_S)):
            found.append(_moment(score, wrong, start, round(window_s / GRID_S)))
    return sorted(found, key=lambda one: -one.wrong_s)[:most]


def usual_window_s(scores: Sequence[RecordingScore]) -> float:
    """Twenty true events of median length, but 1.5 to 8 seconds."""
    lengths = [span.offset_s - span.onset_s for score in scores for span in true_spans(score)]
    return float(np.clip(20 * np.median(lengths or [0.2]), 1.5, 8.0))


def wrong_by_class(score: RecordingScore) -> dict[str, Float64[np.ndarray, " bins"]]:
    """Of each label, 1 where it sounds unheard, -1 where it is heard without sounding.

    Bins are of 20 ms; where an edge lies within one, the part of it counts.
    """
    spans = (true_spans(score), found_spans(score))
    end_s = max([score.found.duration_s, *(s.offset_s for part in spans for s in part)])
    bins = int(np.ceil(end_s / GRID_S)) + 1
    labels = sorted({span.label for part in spans for span in part})
    covered = [[cover(_of(part, label), bins) for label in labels] for part in spans]
    return {label: truth - found for label, truth, found in zip(labels, *covered, strict=True)}


def wrong_in_all(
    wrong: dict[str, Float64[np.ndarray, " bins"]],
) -> Float64[np.ndarray, " bins"]:
    """How many classes are wrong in each bin, a confusion counting twice."""
    return sum((np.abs(part) for part in wrong.values()), np.zeros(1))


def cover(spans: Iterable[Span], bins: int) -> Float64[np.ndarray, " bins"]:
    """Share of each bin that the spans cover, at most 1.

    The running integral of a pulse is taken at the edges of bins, so that parts are exact.
    """
    edges = np.arange(bins + 1) * GRID_S
    covered = np.zeros(bins)
    for span in spans:
        first = int(span.onset_s / GRID_S)
        last = min(bins, int(span.offset_s / GRID_S) + 1)
        low = np.maximum(edges[first:last], span.onset_s)
        high = np.minimum(edges[first + 1 : last + 1], span.offset_s)
        covered[first:last] += np.maximum(high - low, 0) / GRID_S
    return np.minimum(covered, 1.0)


def _of(spans: Iterable[Span], label: str) -> list[Span]:
    return [span for span in spans if span.label == label]


def _peaks(total: Float64[np.ndarray, " bins"], width: int) -> list[int]:
    """First bins of the windows with the largest sums, none overlapping another."""
    sums = np.cumsum(np.append(0.0, total))
    held = sums[np.minimum(np.arange(len(total)) + width, len(total))] - sums[:-1]
    starts: list[int] = []
    while len(starts) < _MOST_A_RECORDING and held.max(initial=0.0) > 0:
        start = int(held.argmax())
        starts.append(start)
        held[max(0, start - width) : start + width] = 0
    return starts


def _moment(
    score: RecordingScore, wrong: dict[str, Float64[np.ndarray, " bins"]], start: int, width: int
) -> Moment:
    parts = {name: part[start : start + width] for name, part in wrong.items()}
    missed = {name: float(part.clip(min=0).sum()) for name, part in parts.items()}
    false = {name: float(-part.clip(max=0).sum()) for name, part in parts.items()}
    return Moment(
        score=score,
        start_s=start * GRID_S,
        end_s=min((start + width) * GRID_S, max(score.found.duration_s, GRID_S)),
        wrong_s=GRID_S * (sum(missed.values()) + sum(false.values())),
        missed=_longest(missed),
        false=_longest(false),
    )


def _longest(bins: dict[str, float]) -> tuple[str, ...]:
    """Labels with more than a bin and a half wrong, longest first."""
    return tuple(sorted((n for n, count in bins.items() if count > 1.5), key=lambda n: -bins[n]))
