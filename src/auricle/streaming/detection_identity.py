"""The promise measured for a detector: one push and many give the same posteriors and events."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32

from auricle.models import Detection, Model
from auricle.streaming.detecting import DetectionStream, HopProbs, join_probs
from auricle.streaming.identity import PUSHES, Identity, compare_pushes, cuts

_SAME_SCORE, _SAME_TIME_S = 1e-5, 1e-4


def measure_detection_identity(
    model: Model,
    waveform: Float32[np.ndarray, " time"],
    *,
    pushes: tuple[int, ...] = (*PUSHES, 0),
    seed: int = 0,
) -> Identity:
    """Compare one push of the whole waveform with pushes of each length, 0 for random cuts.

    Args:
        waveform: at the model's sample rate, in [-1, 1].
        pushes: lengths, samples.
    """

    def heard(push: int) -> tuple[HopProbs, list[Detection]]:
        return detect_in_pushes(model, waveform, push=push, seed=seed)

    return compare_pushes(
        model,
        waveform,
        pushes,
        heard=heard,
        difference=probs_difference,
        same_events=same_detections,
    )


def detect_in_pushes(
    model: Model, waveform: Float32[np.ndarray, " time"], *, push: int, seed: int = 0
) -> tuple[HopProbs, list[Detection]]:
    """Posteriors of every hop and all events of a stream that is pushed the waveform in pieces.

    Args:
        push: length of the pieces, samples; 0 for random ones of up to 5000, none among them.
        seed: of the random ones.
    """
    stream = DetectionStream(model)
    events: list[Detection] = []
    parts: list[HopProbs] = []
    for chunk in cuts(waveform, push, seed):
        more, probs = stream.push_both(chunk)
        events += more
        if len(probs.onsets_s):
            parts.append(probs)
    more, probs = stream.finish_both()
    return join_probs([*parts, probs]), [*events, *more]


def probs_difference(one: HopProbs, other: HopProbs) -> float:
    """Largest difference of any posterior; infinite if hops are missing or one is not a number."""
    same_hops = one.probs.shape == other.probs.shape
    if not same_hops or not np.array_equal(one.onsets_s, other.onsets_s):
        return math.inf
    largest = float(np.abs(one.probs - other.probs).max(initial=0.0))
    return largest if math.isfinite(largest) else math.inf


def same_detections(one: Sequence[Detection], other: Sequence[Detection]) -> bool:
    """Same labels in the same order, known at the same time; onsets and offsets, which lie between
    hops by the posteriors, within 0.1 ms, and scores within what posteriors may differ by."""
    if len(one) != len(other):
        return False
    return all(
        (a.label, a.time_s) == (b.label, b.time_s)
        and max(abs(a.onset_s - b.onset_s), abs(a.offset_s - b.offset_s)) <= _SAME_TIME_S
        and abs(a.score - b.score) <= _SAME_SCORE
        for a, b in zip(one, other, strict=True)
    )
