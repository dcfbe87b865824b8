"""The decoding that answers best on the validation recordings."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np
from jaxtyping import Float32, Float64

from auricle.evaluation.detection import timed_events
from auricle.evaluation.event_track import EventTrack
from auricle.metrics import SED_EVAL, TimedEvents, count_events, edit_distance
from auricle.models import DetectionConfig
from auricle.training.detection.scoring import decode

Probs = Float32[np.ndarray, "hops outputs"]
Tune = Literal["segments", "events"]
_THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_SHORT_SHARES = (0.0, 0.25, 0.5, 0.75)  # of a short event, what may still be dropped as too short
_MEDIAN_S = (0.0, 0.015, 0.025, 0.1, 0.3)
_DOUBT_OF_F1 = 0.005
_RARE_EVENT = 1  # percentile of lengths that stands for a short event


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A validation recording: its posteriors, and what was true."""

    probs: Probs
    events: EventTrack


def tune_decoding(
    held: Sequence[Held],
    classes: tuple[str, ...],
    *,
    single: bool,
    hop_s: float,
    measure: Tune,
) -> DetectionConfig:
    """The safest settings of those that the validation recordings cannot tell from the best.

    Those are the settings whose error is within a standard error of the least. Of these the
    quickest is taken, with a vote, and whose shortest duration is nearest to half a short event.

    Args:
        measure: segments: edits of the label sequence over its length plus the share of wrong
            hops, where classes exclude each other. events: F1 with a collar of 200 ms, with a
            threshold for each class.
    Reference:
        The one-standard-error rule: Breiman et al., "Classification and regression trees", 1984,
        section 3.4.3.
    """
    if not any(len(one.events.labels) for one in held):
        return DetectionConfig(vote="segment" if single else "none")
    tried: list[tuple[float, float, DetectionConfig]] = []
    short_s = _short_event_s(held, hop_s=hop_s)
    for median in _medians(short_s, hop_s=hop_s):
        smooth = [replace(one, probs=smoothed(one.probs, median, single=single)) for one in held]
        for config in _candidates(short_s, single=single):
            if measure == "segments":
                costs = segment_costs(smooth, classes, config, hop_s=hop_s)
                error, doubt = float(costs.mean()), float(costs.std()) / math.sqrt(len(costs))
            else:
                config, error = _with_thresholds(
                    smooth, classes, config, single=single, hop_s=hop_s
                )
                doubt = _DOUBT_OF_F1
            tried.append((error, doubt, replace(config, median=median)))
    least, doubt, _ = min(tried, key=lambda one: one[0])
    alike = [config for error, _, config in tried if error <= least + doubt]
    return min(alike, key=lambda config: _risk(config, short_s))


def _risk(config: DetectionConfig, short_s: float) -> tuple[int, float, bool, float]:
    """What is avoided where recordings do not tell: delay, then no vote, then extremes."""
    off = abs(config.min_duration_s - short_s / 2)
    return config.median, config.min_gap_s, config.vote == "none", off


def _short_event_s(held: Sequence[Held], *, hop_s: float) -> float:
    """Seconds of an event that only one of a hundred is shorter than."""
    lengths = np.concatenate([one.events.stop - one.events.first for one in held])
    return float(np.percentile(lengths, _RARE_EVENT)) * hop_s


def _medians(short_s: float, *, hop_s: float) -> list[int]:
    """Widths to try, hops: none that would swallow a short event."""
    return sorted({2 * round(width / hop_s / 2) + 1 for width in _MEDIAN_S if width <= short_s})


def smoothed(probs: Probs, median: int, *, single: bool) -> Probs:
    """The running median that the decoder takes, of all hops at once."""
    half = median // 2
    if half == 0:
        return probs
    silence = np.zeros((half, probs.shape[1]), dtype=np.float32)
    if single:
        silence[:, -1] = 1
    padded = np.concatenate([silence, probs, silence])
    windows = np.lib.stride_tricks.sliding_window_view(padded, median, axis=0)
    return np.ascontiguousarray(np.partition(windows, half, axis=2)[..., half])


def _candidates(short_s: float, *, single: bool) -> Iterator[DetectionConfig]:
    """Settings to try, those of less delay first; lengths follow those of the true events."""
    durations = [round(share * short_s, 4) for share in _SHORT_SHARES]
    gaps = [0.0] if single else [0.0, 0.1, 0.3]
    votes: tuple[Literal["none", "segment"], ...] = ("none", "segment") if single else ("none",)
    for gap, vote, shortest in product(gaps, votes, durations):
        yield DetectionConfig(min_gap_s=gap, vote=vote, min_duration_s=shortest)


def segment_costs(
    held: Sequence[Held], classes: tuple[str, ...], config: DetectionConfig, *, hop_s: float
) -> Float64[np.ndarray, " recordings"]:
    """Of each recording: edits of the label sequence over its length, plus the share of wrong
    hops."""
    costs = []
    for one in held:
        events = decode(iter([one.probs]), classes, config, single=True, hop_s=hop_s)
        true = [classes[label] for label in one.events.labels]
        edits = edit_distance(true, [event.label for event in events]) / max(1, len(true))
        painted = EventTrack(events, classes, hop_s=hop_s).single(0, len(one.probs))
        wrong = float((painted != one.events.single(0, len(painted))).mean())
        costs.append(edits + wrong)
    return np.array(costs)


def _with_thresholds(
    held: Sequence[Held],
    classes: tuple[str, ...],
    config: DetectionConfig,
    *,
    single: bool,
    hop_s: float,
) -> tuple[DetectionConfig, float]:
    """The threshold of each class that gives it the best F1, and 1 less the mean of those."""
    truths = [_true_events(one.events, classes) for one in held]
    scores = []
    for threshold in _THRESHOLDS:
        same = replace(config, thresholds=(threshold,) * len(classes))
        found = [
            timed_events(decode(iter([one.probs]), classes, same, single=single, hop_s=hop_s))
            for one in held
        ]
        per_class = count_events(truths, found, collars=SED_EVAL, labels=classes).per_class()
        scores.append([per_class[name].f1 for name in classes])
    table = np.array(scores)
    middle = np.abs(np.array(_THRESHOLDS) - 0.5)[:, None]
    chosen = (table - 1e-6 * middle).argmax(axis=0)  # of equal ones, that nearest to a half
    present = np.array([any(name in truth.labels for truth in truths) for name in classes])
    thresholds = tuple(
        _THRESHOLDS[row] if there else 0.5 for row, there in zip(chosen, present, strict=True)
    )
    return replace(config, thresholds=thresholds), 1 - float(table.max(axis=0)[present].mean())


def _true_events(track: EventTrack, classes: tuple[str, ...]) -> TimedEvents:
    hop_s = track.hop_s
    rows = zip(track.first.tolist(), track.stop.tolist(), track.labels.tolist(), strict=True)
    return TimedEvents.of((max(0, a) * hop_s, b * hop_s, classes[label]) for a, b, label in rows)
