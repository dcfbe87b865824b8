"""A model on an endless source: push samples of any length, get events."""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Float64, Num

from auricle.errors import ConfigError, StateError, message
from auricle.heads import FrameScores
from auricle.io import StreamResampler
from auricle.models import (
    Event,
    EventDecoder,
    EventState,
    Model,
    ModelState,
    PosteriorState,
    RunningPosterior,
    softmax,
)
from auricle.models.model_file import fingerprint
from auricle.streaming.chunks import as_float, check_finite
from auricle.streaming.state_file import read_state, write_state

_MAX_SAMPLES_AT_ONCE = 1 << 20


class StreamState(NamedTuple):
    """All that a stream remembers; a value, so it can be copied, sent and saved."""

    model: ModelState
    recent: PosteriorState
    clip: PosteriorState
    events: EventState
    pending: Float32[np.ndarray, " samples"]
    samples: int


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


class Stream:
    """Sound in, events out; where the sound is cut changes nothing.

    >>> stream = listener.stream()                                    # doctest: +SKIP
    >>> for chunk in source:                                          # doctest: +SKIP
    ...     for event in stream.push(chunk):
    ...         print(event.time_s, event.kind, event.label)
    >>> stream.finish()                                               # doctest: +SKIP
    """

    def __init__(self, model: Model, *, sample_rate: int | None = None) -> None:
        """Start with silence before the first sample.

        Args:
            model: a causal model.
            sample_rate: of what will be pushed, Hz; the model's own if None. Another rate is
                resampled on the way, which delays answers by a few milliseconds.
        Raises:
            CausalityError: the model looks ahead.
        """
        self._model = model.eval()
        self.classes = model.config.classes
        self.sample_rate = sample_rate or model.config.front_end.sample_rate
        own_rate = model.config.front_end.sample_rate
        self._resampler = (
            None if self.sample_rate == own_rate else StreamResampler(self.sample_rate, own_rate)
        )
        decision = model.config.decision
        self._recent = RunningPosterior(
            len(self.classes), decay=math.exp(-model.step_s / decision.memory_s)
        )
        self._clip = RunningPosterior(len(self.classes))
        self._events = EventDecoder(self.classes, decision, step_s=model.step_s)
        self._hop = model.config.front_end.hop_length
        self._held = np.empty(self._hop, dtype=np.float32)  # samples of a hop not yet complete
        self._num_held = 0
        self._finished = False
        none = np.zeros((0, len(self.classes)))
        self._nothing = StepScores(np.zeros(0), none.astype(np.float32), none)
        self._state = StreamState(
            model.initial_state(1),
            self._recent.initial_state(),
            self._clip.initial_state(),
            self._events.initial_state(),
            np.zeros(0, dtype=np.float32),
            0,
        )

    def push(self, chunk: Num[np.ndarray, " time"]) -> list[Event]:
        """Hear these samples.

        Args:
            chunk: one channel of any length: floats in [-1, 1], or integers, whose full range
                is taken as [-1, 1].
        Returns:
            Events that began or ended, oldest first.
        Raises:
            ShapeError: not one-dimensional, or of a type that is not sound.
            AudioError: a sample is not finite; this chunk is dropped and the stream goes on.
            StateError: the stream was finished.
        """
        return self.push_both(chunk)[0]

    def push_scores(self, chunk: Num[np.ndarray, " time"]) -> StepScores:
        """As `push`, returning the posteriors of the steps that were completed instead."""
        return self.push_both(chunk)[1]

    def finish(self) -> list[Event]:
        """The last events: the sound has ended, whatever is being heard ends too."""
        return self.finish_both()[0]

    def finish_scores(self) -> StepScores:
        """As `finish`, returning the posteriors of the last steps instead."""
        return self.finish_both()[1]

    @property
    def clip_probs(self) -> Float64[np.ndarray, " classes"] | None:
        """Posterior of all that was heard, taken as one clip; None before the first step."""
        total, weight, _ = self._state.clip
        if weight == 0:
            return None
        return softmax(total / weight)

    @property
    def time_s(self) -> float:
        """Seconds of sound heard so far, at the model's rate."""
        heard = self._state.samples + self._num_held
        return heard / self._model.config.front_end.sample_rate

    def save(self, path: Path | str) -> None:
        """Write the stream's state to a file, to go on with `load`.

        Raises:
            ConfigError: the stream resamples; a resampler's memory cannot be saved.
            StateError: the stream was finished.
            OutputError: the file cannot be written.
        """
        self._refuse_resampler()
        self._refuse_finished()
        held = self._held[: self._num_held].copy()
        state = self._state._replace(pending=held)
        write_state(Path(path), state, model=fingerprint(self._model))

    def load(self, path: Path | str) -> None:
        """Go on where the stream that was saved left off, whatever this one has heard.

        Raises:
            ConfigError: the stream resamples; a resampler's memory cannot be saved.
            StateError: not a stream's state, damaged, or of another model.
        """
        self._refuse_resampler()
        state = read_state(Path(path), self._state, model=fingerprint(self._model))
        self._num_held = len(state.pending)
        self._held[: self._num_held] = state.pending
        self._state = state._replace(pending=state.pending[:0])
        self._finished = False

    def _refuse_resampler(self) -> None:
        if self._resampler is not None:
            raise ConfigError(
                message(
                    "sample_rate",
                    expected=f"the model's own, {self._model.config.front_end.sample_rate} Hz",
                    got=f"{self.sample_rate} Hz",
                    remedy="A resampler's memory cannot be saved: push sound at the model's rate.",
                )
            )

    def _refuse_finished(self) -> None:
        if self._finished:
            raise StateError(
                message(
                    "stream",
                    expected="a stream that goes on",
                    got="one that was finished",
                    remedy="Open another: listener.stream().",
                )
            )

    def push_both(self, chunk: Num[np.ndarray, " time"]) -> tuple[list[Event], StepScores]:
        """As `push`, with both what it returns and what `push_scores` returns."""
        if self._finished:
            self._refuse_finished()
        samples = check_finite(as_float(chunk))
        if self._resampler is not None:
            samples = self._resampler.push(samples)
        return self._take(samples)

    def _take(self, samples: Float32[np.ndarray, " time"]) -> tuple[list[Event], StepScores]:
        """Hear samples at the model's rate; what does not fill a hop is held for the next ones."""
        end = self._num_held + len(samples)
        if end < self._hop:
            self._held[self._num_held : end] = samples
            self._num_held = end
            return [], self._nothing
        whole = np.concatenate([self._held[: self._num_held], samples])
        ready = end // self._hop * self._hop
        self._num_held = end - ready
        self._held[: self._num_held] = whole[ready:]
        return self._hear(whole[:ready])

    def finish_both(self) -> tuple[list[Event], StepScores]:
        """As `finish`, with both what it returns and what `push_scores` returns."""
        if self._finished:
            return [], self._nothing
        self._finished = True
        rest = self._held[:0] if self._resampler is None else self._resampler.finish()
        events, scores = self._take(rest)
        parts = [scores]
        if self._num_held:
            heard, self._num_held = self._num_held, 0
            self._held[heard:] = 0
            more, scores = self._hear(self._held, heard=heard)
            events += more
            parts.append(scores)
        events += self._events.finish(self._state.events)
        self._state = self._state._replace(events=self._events.initial_state())
        return events, join_scores(parts)

    def _hear(
        self, samples: Float32[np.ndarray, " time"], *, heard: int | None = None
    ) -> tuple[list[Event], StepScores]:
        """Run whole hops through the model and the decisions, bounded parts at a time."""
        events, parts = [], []
        most = max(1, _MAX_SAMPLES_AT_ONCE // self._hop) * self._hop
        for start in range(0, len(samples), most):
            more_events, scores = self._decide(self._run(samples[start : start + most]))
            events += more_events
            parts.append(scores)
        total = self._state.samples + (len(samples) if heard is None else heard)
        self._state = self._state._replace(samples=total)
        return events, join_scores(parts)

    def _run(self, samples: Float32[np.ndarray, " time"]) -> FrameScores:
        with torch.inference_mode():
            waveform = torch.from_numpy(samples).to(self._model.features.window.device)
            scores, model_state = self._model(waveform[None, None], self._state.model)
        self._state = self._state._replace(model=model_state)
        return FrameScores(scores.log_probs.cpu(), scores.weights.cpu())

    def _decide(self, scores: FrameScores) -> tuple[list[Event], StepScores]:
        log_probs, weights = scores.log_probs[0].numpy(), scores.weights[0].numpy()
        state, step_s = self._state, self._model.step_s
        recent, recent_state = self._recent.forward(log_probs, weights, state.recent)
        clip_state = self._clip.accumulate(log_probs, weights, state.clip)
        events, event_state = self._events.forward(recent, state.events)
        hop_s = self._hop / self._model.config.front_end.sample_rate
        times = (state.events.step + np.arange(len(recent))) * step_s + hop_s
        self._state = state._replace(recent=recent_state, clip=clip_state, events=event_state)
        return events, StepScores(times, np.exp(log_probs), recent)


def join_scores(parts: list[StepScores]) -> StepScores:
    """Scores of one stretch after the other as one."""
    if len(parts) == 1:
        return parts[0]
    return StepScores(*(np.concatenate(column) for column in zip(*parts, strict=True)))
