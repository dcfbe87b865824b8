"""Streams that stand at the same place of every hop and stride, and so move together."""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from torch import Tensor

from auricle.models import Event, Model, ModelState
from auricle.streaming.deciding import DecisionState, StepScores
from auricle.streaming.hearing import Hearing
from auricle.streaming.many_decisions import ManyDecisions, ManyDecisionState, stack, take_row
from auricle.streaming.step import StepPlan, StepRows
from auricle.streaming.stream import StreamState

_State = TypeVar("_State")
_SAMPLES_AT_ONCE = 1 << 20  # of all streams of a lockstep together


class Said(NamedTuple):
    """What the streams of one lockstep said to a push.

    Attributes:
        events: with the row of their stream, oldest first.
        scores: of each stream, in the order of the rows; none unless they were asked for.
    """

    events: list[tuple[int, Event]]
    scores: list[StepScores]


class Lockstep:
    """Streams as the rows of common arrays.

    Attributes:
        places: which of `ManyStreams`' streams each row is; ascending.
    """

    def __init__(
        self,
        model: Model,
        decisions: ManyDecisions,
        *,
        plan: StepPlan | None,
        states: list[StreamState] | int,
        places: Int64[np.ndarray, " rows"],
    ) -> None:
        """Rows that go on from these states, which have one `place_of`; a count for new ones."""
        self.places, self._decisions = places, decisions
        self._hop = model.config.front_end.hop_length
        if isinstance(states, int):
            memory, decided = model.initial_state(states), decisions.initial_state(states)
            pending, samples = np.zeros((states, 0), dtype=np.float32), [0] * states
        else:
            memory = join([state.model for state in states])
            singles = [DecisionState(state.recent, state.clip, state.events) for state in states]
            decided = stack(singles, num_classes=decisions.one.num_classes)
            pending = np.stack([state.pending for state in states])
            samples = [state.samples for state in states]
        self._hearing = Hearing(model, memory, plan=plan)
        self.decided: ManyDecisionState = decided
        self.samples: Int64[np.ndarray, " rows"] = np.array(samples, dtype=np.int64)
        self.num_held = pending.shape[1]
        self._held = np.zeros((len(places), self._hop), dtype=np.float32)
        self._held[:, : self.num_held] = pending

    def push(self, chunks: Float32[np.ndarray, "rows time"], *, with_scores: bool) -> Said:
        """Hear these samples, a row of them for each stream."""
        end = self.num_held + chunks.shape[1]
        if end < self._hop:
            self._held[:, self.num_held : end] = chunks
            self.num_held = end
            return Said([], [])
        whole = chunks
        if self.num_held:
            whole = np.concatenate([self._held[:, : self.num_held], chunks], axis=1)
        ready = end // self._hop * self._hop
        self.num_held = end - ready
        self._held[:, : self.num_held] = whole[:, ready:]
        self.samples += ready
        return self._hear(whole[:, :ready], with_scores=with_scores)

    def _hear(self, samples: Float32[np.ndarray, "rows time"], *, with_scores: bool) -> Said:
        before = self.decided.step.copy()
        events: list[tuple[int, Event]] = []
        probs, recents = [], []
        for log_probs, weights in self._steps(samples):
            found, recent = self._decisions.step(log_probs, weights, self.decided)
            events += found
            if with_scores:
                probs.append(np.exp(log_probs))
                recents.append(recent)
        return Said(events, self._scores(probs, recents, before) if probs else [])

    def _steps(self, samples: Float32[np.ndarray, "rows time"]) -> Iterator[StepRows]:
        """The time steps that whole hops complete, computed a bounded part at a time."""
        most = max(1, _SAMPLES_AT_ONCE // (len(samples) * self._hop)) * self._hop
        for start in range(0, samples.shape[1], most):
            heard = self._hearing.hear(samples[:, start : start + most])
            if heard is None:
                continue
            for step in range(heard.weights.shape[1]):
                yield StepRows(heard.log_probs[:, step], heard.weights[:, step])

    def _scores(
        self,
        probs: list[Float32[np.ndarray, "rows classes"]],
        recents: list[Float64[np.ndarray, "rows classes"]],
        before: Int64[np.ndarray, " rows"],
    ) -> list[StepScores]:
        one = self._decisions.one
        own, recent = np.stack(probs, axis=1), np.stack(recents, axis=1)
        steps = before[:, None] + np.arange(len(probs))
        times = steps * one.step_s + one.hop_s
        return [StepScores(*row) for row in zip(times, own, recent, strict=True)]

    def states(self) -> list[StreamState]:
        """Each row's state; copies."""
        memory = self._hearing.state
        return [
            StreamState(
                select(memory, row),
                *take_row(self.decided, row),
                self._held[row, : self.num_held].copy(),
                int(self.samples[row]),
            )
            for row in range(len(self.places))
        ]


def place_of(state: StreamState) -> tuple[object, ...]:
    """What is equal for two states exactly when they can move in lockstep."""
    return (len(state.pending), *(leaf.shape[1:] for leaf in _leaves(state.model)))


def select(state: _State, row: int) -> _State:
    """One row of nested named tuples of tensors, with its axis; a copy."""

    def pick(part: Any) -> Any:
        if isinstance(part, Tensor):
            return part[row : row + 1].clone()
        return _like(part, [pick(child) for child in part])

    picked: _State = pick(state)
    return picked


def join(states: list[ModelState]) -> ModelState:
    """States of single streams as rows of one."""

    def meet(parts: list[Any]) -> Any:
        if isinstance(parts[0], Tensor):
            return torch.cat(parts)
        return _like(parts[0], [meet(list(column)) for column in zip(*parts, strict=True)])

    joined: ModelState = meet(list(states))
    return joined


def _like(form: Any, parts: list[Any]) -> Any:
    return type(form)(*parts) if hasattr(form, "_fields") else tuple(parts)


def _leaves(state: Any) -> list[Tensor]:
    if isinstance(state, Tensor):
        return [state]
    return [leaf for part in state for leaf in _leaves(part)]
