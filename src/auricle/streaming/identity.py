"""The promise measured: one call and many give the same posteriors and the same events."""

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np
from jaxtyping import Float32

from auricle.models import Event, Model
from auricle.streaming.deciding import StepScores, join_scores
from auricle.streaming.stream import Stream

Scores = TypeVar("Scores")
Happening = TypeVar("Happening")

PUSHES = (1, 7, 160, 1000, 65536)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How far pushes differ from one call.

    Attributes:
        max_abs_diff: largest difference of any posterior at any time step.
        events_equal: whether every push length gave the same events at the same times.
        seconds: length of the sound that was compared.
        pushes: the lengths of push that were compared, samples; 0 stands for random cuts.
    """

    max_abs_diff: float
    events_equal: bool
    seconds: float
    pushes: tuple[int, ...]

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return asdict(self)


def measure_identity(
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

    def heard(push: int) -> tuple[StepScores, list[Event]]:
        return listen(model, waveform, push=push, seed=seed)

    return compare_pushes(
        model, waveform, pushes, heard=heard, difference=difference, same_events=same_events
    )


def compare_pushes(
    model: Model,
    waveform: Float32[np.ndarray, " time"],
    pushes: tuple[int, ...],
    *,
    heard: Callable[[int], tuple[Scores, list[Happening]]],
    difference: Callable[[Scores, Scores], float],
    same_events: Callable[[list[Happening], list[Happening]], bool],
) -> Identity:
    """One push of the whole waveform beside pushes of each length, whatever is heard in it.

    Args:
        heard: scores and events where the sound is pushed in pieces of that length.
        difference: of scores, infinite if they cannot be compared.
        same_events: whether two lists of events are equal.
    """
    whole, whole_events = heard(max(1, len(waveform)))
    largest, equal = 0.0, True
    for length in pushes:
        scores, events = heard(length)
        largest = max(largest, difference(whole, scores))
        equal = equal and same_events(whole_events, events)
    seconds = len(waveform) / model.config.front_end.sample_rate
    return Identity(max_abs_diff=largest, events_equal=equal, seconds=seconds, pushes=pushes)


def listen(
    model: Model, waveform: Float32[np.ndarray, " time"], *, push: int, seed: int = 0
) -> tuple[StepScores, list[Event]]:
    """Posteriors of every step and all events of a stream that is pushed the waveform in pieces.

    Args:
        push: length of the pieces, samples; 0 for random ones of up to 5000, none among them.
        seed: of the random ones.
    """
    stream = Stream(model)
    events: list[Event] = []
    parts: list[StepScores] = []
    for chunk in cuts(waveform, push, seed):
        more, scores = stream.push_both(chunk)
        events += more
        if len(scores.times_s):
            parts.append(scores)
    more, scores = stream.finish_both()
    return join_scores([*parts, scores]), [*events, *more]


def cuts(
    waveform: Float32[np.ndarray, " time"], length: int, seed: int
) -> Iterator[Float32[np.ndarray, " time"]]:
    """Pieces of that length; 0 for random ones of up to 5000 samples, none among them."""
    rng = np.random.default_rng(seed)
    start = 0
    while start < len(waveform):
        size = length or int(rng.integers(0, 5000))
        yield waveform[start : start + size]
        start += size


def difference(one: StepScores, other: StepScores) -> float:
    """Largest difference of any posterior; infinite if steps are missing or one is not a number."""
    if one.probs.shape != other.probs.shape or not np.array_equal(one.times_s, other.times_s):
        return math.inf
    own = float(np.abs(one.probs - other.probs).max(initial=0.0))
    recent = float(np.abs(one.recent - other.recent).max(initial=0.0))
    return max(own, recent) if math.isfinite(own + recent) else math.inf


def same_events(one: list[Event], other: list[Event]) -> bool:
    """Same kinds, labels and times; scores within what posteriors may differ by."""
    if len(one) != len(other):
        return False
    return all(
        (a.kind, a.label, a.onset_s, a.time_s) == (b.kind, b.label, b.onset_s, b.time_s)
        and abs(a.score - b.score) <= 1e-5
        for a, b in zip(one, other, strict=True)
    )
