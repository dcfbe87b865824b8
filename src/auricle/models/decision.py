"""From posteriors at every step to a clip's answer and to events on a stream.

Both are causal maps with a small state, so that where a stream is cut changes nothing.
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Float64

from auricle.models.config import UNKNOWN, DecisionConfig

_LEAST_SHARE = 0.1  # of the recent peak: what a step counts at the least
_PEAK_MEMORIES = 10.0  # how many times longer the peak is remembered


class PosteriorState(NamedTuple):
    """Running sums of weighted log-posteriors and of weights, and the recent peak of weights."""

    total: Float64[np.ndarray, " classes"]
    weight: float
    peak: float


class RunningPosterior:
    """posterior_t = softmax(S_t / W_t),  S_t = d S_(t-1) + v_t log p_t,  W_t = d W_(t-1) + v_t.

    With d = 1 this is a clip's answer so far, and v_t = w_t, the step's own weight. With
    d = exp(-step_s / memory_s) it forgets, and v_t = max(w_t, P_t / 10), where
    P_t = max(w_t, d^(1/10) P_(t-1)): else a step with a weight a thousand times that of the
    silence after it would be remembered for many times memory_s.
    """

    def __init__(self, num_classes: int, *, decay: float = 1.0) -> None:
        self.num_classes, self.decay = num_classes, decay
        self._slow = decay ** (1 / _PEAK_MEMORIES)

    def initial_state(self) -> PosteriorState:
        """Nothing heard yet."""
        return PosteriorState(np.zeros(self.num_classes), 0.0, 0.0)

    def forward(
        self,
        log_probs: Float[np.ndarray, "frames classes"],
        weights: Float[np.ndarray, " frames"],
        state: PosteriorState,
    ) -> tuple[Float64[np.ndarray, "frames classes"], PosteriorState]:
        """The running posterior after each step; rows sum to 1."""
        own = weights.astype(np.float64)
        peaks = self._peaks(own, state.peak)
        floored = self.floored(own, peaks)
        weighted = log_probs.astype(np.float64) * floored[:, None]
        averages = np.empty_like(weighted)
        total, weight = state.total, state.weight
        for index, row in enumerate(weighted):
            total = self.decay * total + row
            weight = self.decay * weight + float(floored[index])
            averages[index] = total / weight
        peak = float(peaks[-1]) if len(peaks) else state.peak
        return softmax(averages), PosteriorState(total, weight, peak)

    def accumulate(
        self,
        log_probs: Float[np.ndarray, "frames classes"],
        weights: Float[np.ndarray, " frames"],
        state: PosteriorState,
    ) -> PosteriorState:
        """The state after these steps without the posteriors between; only where d = 1."""
        weighted = log_probs.astype(np.float64) * weights[:, None].astype(np.float64)
        weight = state.weight + float(weights.sum(dtype=np.float64))
        return PosteriorState(state.total + weighted.sum(axis=0), weight, state.peak)

    def next_peak(
        self, weight: Float64[np.ndarray, " streams"], peak: Float64[np.ndarray, " streams"]
    ) -> Float64[np.ndarray, " streams"]:
        """P_t of one time step of many streams, from w_t and P_(t-1)."""
        higher: Float64[np.ndarray, " streams"] = np.maximum(weight, self._slow * peak)
        return higher

    def floored(
        self, weight: Float64[np.ndarray, " frames"], peak: Float64[np.ndarray, " frames"]
    ) -> Float64[np.ndarray, " frames"]:
        """v_t from w_t and P_t."""
        return weight if self.decay == 1 else np.maximum(weight, _LEAST_SHARE * peak)

    def _peaks(
        self, weights: Float64[np.ndarray, " frames"], peak: float
    ) -> Float64[np.ndarray, " frames"]:
        """P_t of each step of one stream."""
        peaks = np.empty_like(weights)
        for index, weight in enumerate(weights.tolist()):
            peak = max(weight, self._slow * peak)
            peaks[index] = peak
        return peaks


def softmax(logits: Float64[np.ndarray, "*rows classes"]) -> Float64[np.ndarray, "*rows classes"]:
    """exp(x) / sum(exp(x)) over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True, initial=-np.inf))
    normalised: Float64[np.ndarray, "*rows classes"] = shifted / shifted.sum(axis=-1, keepdims=True)
    return normalised


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that was heard.

    Attributes:
        kind: ``start`` as soon as the label has held for the shortest duration; ``end`` when it
            no longer holds, or when the stream finishes.
        label: the class.
        onset_s: when the label began to hold, seconds from the start of the stream.
        time_s: when this was decided, seconds from the start of the stream.
        score: the highest running posterior so far, in [0, 1].
    """

    kind: Literal["start", "end"]
    label: str
    onset_s: float
    time_s: float
    score: float


class EventState(NamedTuple):
    """What is being heard: a class index or -1, since which step, how surely, and if announced."""

    step: int
    label: int
    onset: int
    score: float
    announced: bool


class EventDecoder:
    """Running posteriors to events: on above the threshold, off below a share of it.

    Attributes:
        shortest: steps that a label must hold before it is announced.
        silent: index of the class that never begins an event, background; -1 if there is none.
    """

    def __init__(self, classes: tuple[str, ...], config: DecisionConfig, *, step_s: float) -> None:
        self.classes, self.config, self.step_s = classes, config, step_s
        self.shortest = max(1, math.ceil(config.min_duration_s / step_s))
        self.silent = classes.index(UNKNOWN) if UNKNOWN in classes else -1

    def initial_state(self) -> EventState:
        """Nothing heard yet."""
        return EventState(0, -1, 0, 0.0, False)

    def forward(
        self, posteriors: Float64[np.ndarray, "frames classes"], state: EventState
    ) -> tuple[list[Event], EventState]:
        """Events that these steps begin or end."""
        events: list[Event] = []
        if not len(posteriors):
            return events, state
        best = posteriors.argmax(axis=1)
        for row, top in zip(posteriors, best, strict=True):
            state = self._advance(row, int(top), state, events)
        return events, state

    def finish(self, state: EventState) -> list[Event]:
        """The end of what is still being heard."""
        return [self._event("end", state, state.step)] if state.announced else []

    def _advance(
        self, row: Float64[np.ndarray, " classes"], top: int, state: EventState, out: list[Event]
    ) -> EventState:
        step, label, onset, score, announced = state
        low = self.config.release * self.config.threshold
        challenged = top != label and top != self.silent and row[top] >= self.config.threshold
        lost = label >= 0 and (row[label] < low or top == self.silent)
        if challenged or lost:
            if announced:
                out.append(self._event("end", state, step))
            label, onset, score, announced = (top if challenged else -1), step, 0.0, False
        if label >= 0:
            score = max(score, float(row[label]))
            if not announced and step + 1 - onset >= self.shortest:
                announced = True
                held = EventState(step, label, onset, score, announced)
                out.append(self._event("start", held, step + 1))
        return EventState(step + 1, label, onset, score, announced)

    def _event(self, kind: Literal["start", "end"], state: EventState, step: int) -> Event:
        return Event(
            kind=kind,
            label=self.classes[state.label],
            onset_s=state.onset * self.step_s,
            time_s=step * self.step_s,
            score=state.score,
        )
