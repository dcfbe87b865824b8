"""From the posteriors of one stream's steps to its events: what a stream says and remembers."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Float64

from auricle.models import (
    Event,
    EventDecoder,
    EventState,
    Model,
    PosteriorState,
    RunningPosterior,
    softmax,
)


class StepScores(NamedTuple):
    """Posteriors at each time step that a push completed.

    Attributes:
        times_s: when each step was ready, seconds from the start of the stream.
        probs: the step's own posterior; rows sum to 1.
        recent: the running posterior that events are decided on; rows sum to 1.
    """

    times_s: Float64[np.ndarray, " frames"]
    probs: Float32[np.ndarray, "frames classes"]
    recent: Float64[np.ndarray, "frames classes"]


class DecisionState(NamedTuple):
    """Running sums with and without forgetting, and what is being heard."""

    recent: PosteriorState
    clip: PosteriorState
    events: EventState


class Decisions:
    """Posteriors to running posteriors to events: `RunningPosterior` and `EventDecoder` joined."""

    def __init__(self, model: Model) -> None:
        config, classes = model.config, model.config.classes
        self.num_classes, self.step_s = len(classes), model.step_s
        self.hop_s = config.front_end.hop_length / config.front_end.sample_rate
        decay = math.exp(-model.step_s / config.decision.memory_s)
        self.recent = RunningPosterior(self.num_classes, decay=decay)
        self.clip = RunningPosterior(self.num_classes)
        self.events = EventDecoder(classes, config.decision, step_s=model.step_s)
        none = np.zeros((0, self.num_classes))
        self.nothing = StepScores(np.zeros(0), none.astype(np.float32), none)

    def initial_state(self) -> DecisionState:
        """Nothing heard yet."""
        return DecisionState(
            self.recent.initial_state(), self.clip.initial_state(), self.events.initial_state()
        )

    def forward(
        self,
        log_probs: Float32[np.ndarray, "frames classes"],
        weights: Float32[np.ndarray, " frames"],
        state: DecisionState,
    ) -> tuple[list[Event], StepScores, DecisionState]:
        """Events that these steps begin or end, and their posteriors."""
        recent, recent_state = self.recent.forward(log_probs, weights, state.recent)
        clip_state = self.clip.accumulate(log_probs, weights, state.clip)
        events, event_state = self.events.forward(recent, state.events)
        times = (state.events.step + np.arange(len(recent))) * self.step_s + self.hop_s
        scores = StepScores(times, np.exp(log_probs), recent)
        return events, scores, DecisionState(recent_state, clip_state, event_state)

    def finish(self, state: DecisionState) -> tuple[list[Event], DecisionState]:
        """The end of what is still being heard, and a state in which nothing is."""
        ended = self.events.finish(state.events)
        return ended, state._replace(events=self.events.initial_state())


def clip_probs(state: DecisionState) -> Float64[np.ndarray, " classes"] | None:
    """Posterior of all that was heard, taken as one clip; None before the first step."""
    total, weight = state.clip.total, state.clip.weight
    return None if weight == 0 else softmax(total / weight)


def join_scores(parts: list[StepScores]) -> StepScores:
    """Scores of one stretch after the other as one."""
    if len(parts) == 1:
        return parts[0]
    return StepScores(*(np.concatenate(column) for column in zip(*parts, strict=True)))
