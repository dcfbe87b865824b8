"""The decisions of `Decisions` for many streams at once: same numbers, one pass over all."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from auricle.models import Event, EventState, Model, PosteriorState, softmax
from auricle.streaming.deciding import Decisions, DecisionState


class ManyDecisionState(NamedTuple):
    """A `DecisionState` of each stream, along the first axis of every array."""

    recent: Float64[np.ndarray, "streams classes"]
    recent_weight: Float64[np.ndarray, " streams"]
    recent_peak: Float64[np.ndarray, " streams"]
    clip: Float64[np.ndarray, "streams classes"]
    clip_weight: Float64[np.ndarray, " streams"]
    step: Int64[np.ndarray, " streams"]
    label: Int64[np.ndarray, " streams"]
    onset: Int64[np.ndarray, " streams"]
    score: Float64[np.ndarray, " streams"]
    announced: Bool[np.ndarray, " streams"]


class ManyDecisions:
    """Posteriors of one time step of many streams to running posteriors and events."""

    def __init__(self, model: Model) -> None:
        self.one = Decisions(model)
        config = model.config.decision
        self._threshold, self._low = config.threshold, config.release * config.threshold

    def initial_state(self, streams: int) -> ManyDecisionState:
        """Nothing heard yet."""
        return stack([self.one.initial_state()] * streams, num_classes=self.one.num_classes)

    def step(
        self,
        log_probs: Float32[np.ndarray, "streams classes"],
        weights: Float32[np.ndarray, " streams"],
        state: ManyDecisionState,
    ) -> tuple[list[tuple[int, Event]], Float64[np.ndarray, "streams classes"]]:
        """Take one time step of each stream into ``state``, which is changed.

        Returns:
            Events with the row of their stream, and the running posteriors.
        """
        weight = weights.astype(np.float64)
        log_probs = log_probs.astype(np.float64)
        one = self.one.recent
        state.recent_peak[:] = one.next_peak(weight, state.recent_peak)
        floored = one.floored(weight, state.recent_peak)
        state.recent[:] = one.decay * state.recent + log_probs * floored[:, None]
        state.recent_weight[:] = one.decay * state.recent_weight + floored
        state.clip[:] += log_probs * weight[:, None]
        state.clip_weight[:] += weight
        recent = softmax(state.recent / state.recent_weight[:, None])
        return self._decode(recent, state), recent

    def _decode(
        self, recent: Float64[np.ndarray, "streams classes"], state: ManyDecisionState
    ) -> list[tuple[int, Event]]:
        """Streams where something may begin or end go through `EventDecoder`, one by one."""
        decoder, rows = self.one.events, np.arange(len(recent))
        best, label = recent.argmax(axis=1), state.label
        own, top, held = recent[rows, label], recent[rows, best], label >= 0
        begins = (best != label) & (best != decoder.silent) & (top >= self._threshold)
        due = ~state.announced & (state.step + 1 - state.onset >= decoder.shortest)
        ends = held & ((own < self._low) | (best == decoder.silent) | due)
        busy = begins | ends
        np.maximum(state.score, own, out=state.score, where=held & ~busy)
        np.add(state.step, 1, out=state.step, where=~busy)
        found: list[tuple[int, Event]] = []
        for row in np.flatnonzero(busy).tolist():
            events, new = decoder.forward(recent[row : row + 1], events_of(state, row))
            columns = (state.step, state.label, state.onset, state.score, state.announced)
            for column, value in zip(columns, new, strict=True):
                column[row] = value
            found += [(row, event) for event in events]
        return found


def events_of(state: ManyDecisionState, row: int) -> EventState:
    """What one stream is hearing."""
    return EventState(
        int(state.step[row]),
        int(state.label[row]),
        int(state.onset[row]),
        float(state.score[row]),
        bool(state.announced[row]),
    )


def take_row(state: ManyDecisionState, row: int) -> DecisionState:
    """One stream's state; a copy."""
    sums, weight = state.recent[row].copy(), float(state.recent_weight[row])
    recent = PosteriorState(sums, weight, float(state.recent_peak[row]))
    clip = PosteriorState(state.clip[row].copy(), float(state.clip_weight[row]), 0.0)
    return DecisionState(recent, clip, events_of(state, row))


def stack(states: list[DecisionState], *, num_classes: int) -> ManyDecisionState:
    """Single streams' states as rows; the inverse of `take_row`."""
    recent, clip = [state.recent for state in states], [state.clip for state in states]
    events = [state.events for state in states]
    return ManyDecisionState(
        np.array([part.total for part in recent]).reshape(-1, num_classes),
        np.array([part.weight for part in recent], dtype=np.float64),
        np.array([part.peak for part in recent], dtype=np.float64),
        np.array([part.total for part in clip]).reshape(-1, num_classes),
        np.array([part.weight for part in clip], dtype=np.float64),
        np.array([part.step for part in events], dtype=np.int64),
        np.array([part.label for part in events], dtype=np.int64),
        np.array([part.onset for part in events], dtype=np.int64),
        np.array([part.score for part in events], dtype=np.float64),
        np.array([part.announced for part in events], dtype=np.bool_),
    )
