"""A model on an endless source: push samples of any length, get events."""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Num

from auricle.errors import AudioError, ConfigError, ShapeError, StateError, message
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
)
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
        self._queue: list[Float32[np.ndarray, " time"]] = []
        self._queued = 0
        self._finished = False
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
            AudioError: a sample is not finite; these samples are dropped and the stream goes on.
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
        total, weight = self._state.clip
        if weight == 0:
            return None
        logits = total / weight
        shifted = np.exp(logits - logits.max())
        probs: Float64[np.ndarray, " classes"] = shifted / shifted.sum()
        return probs

    @property
    def time_s(self) -> float:
        """Seconds of sound heard so far, at the model's rate."""
        return self._state.samples / self._model.config.front_end.sample_rate

    def save(self, path: Path | str) -> None:
        """Write the stream's state to a file, to go on with `load`.

        Raises:
            ConfigError: the stream resamples; a resampler's memory cannot be saved.
            OutputError: the file cannot be written.
        """
        if self._resampler is not None:
            raise ConfigError(
                message(
                    "sample_rate",
                    expected=f"the model's own, {self._model.config.front_end.sample_rate} Hz",
                    got=f"{self.sample_rate} Hz",
                    remedy="A resampler's memory cannot be saved: push sound at the model's rate.",
                )
            )
        pending = np.concatenate([self._state.pending, *self._queue])
        write_state(Path(path), self._state._replace(pending=pending))

    def load(self, path: Path | str) -> None:
        """Go on where the stream that was saved left off.

        Raises:
            StateError: not a stream's state, or one of a model of another shape.
        """
        self._state = read_state(Path(path), self._state)
        self._queue, self._queued = [self._state.pending], len(self._state.pending)
        self._state = self._state._replace(pending=np.zeros(0, dtype=np.float32))

    def push_both(self, chunk: Num[np.ndarray, " time"]) -> tuple[list[Event], StepScores]:
        """As `push`, with both what it returns and what `push_scores` returns."""
        if self._finished:
            raise StateError(
                message(
                    "stream",
                    expected="a stream that goes on",
                    got="one that was finished",
                    remedy="Open another: listener.stream().",
                )
            )
        samples = as_float(chunk)
        if self._resampler is not None:
            samples = self._resampler.push(check_finite(samples))
        return self._queue_samples(samples)

    def _queue_samples(
        self, samples: Float32[np.ndarray, " time"]
    ) -> tuple[list[Event], StepScores]:
        self._queue.append(samples)
        self._queued += len(samples)
        if self._queued < self._hop:
            return [], self._nothing()
        whole = self._queue[0] if len(self._queue) == 1 else np.concatenate(self._queue)
        self._queue, self._queued = [], 0
        check_finite(whole)
        ready = len(whole) // self._hop * self._hop
        if ready < len(whole):
            self._queue, self._queued = [whole[ready:].copy()], len(whole) - ready
        return self._hear(whole[:ready])

    def finish_both(self) -> tuple[list[Event], StepScores]:
        """As `finish`, with both what it returns and what `finish_scores` returns."""
        events, scores = [], [self._nothing()]
        if self._resampler is not None and not self._finished:
            more_events, more = self._queue_samples(self._resampler.finish())
            events += more_events
            scores.append(more)
        self._finished = True
        if self._queued:
            rest = check_finite(np.concatenate(self._queue))
            padded = np.zeros(self._hop, dtype=np.float32)
            padded[: len(rest)] = rest
            self._queue, self._queued = [], 0
            more_events, more = self._hear(padded, heard=len(rest))
            events += more_events
            scores.append(more)
        events += self._events.finish(self._state.events)
        self._state = self._state._replace(events=self._events.initial_state())
        return events, join_scores(scores)

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

    def _nothing(self) -> StepScores:
        none = np.zeros((0, len(self.classes)))
        return StepScores(np.zeros(0), none.astype(np.float32), none)


def join_scores(parts: list[StepScores]) -> StepScores:
    """Scores of one stretch after the other as one."""
    if len(parts) == 1:
        return parts[0]
    return StepScores(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def as_float(chunk: Num[np.ndarray, "..."]) -> Float32[np.ndarray, " time"]:
    """Samples as float32 in [-1, 1]; the full range of an integer type becomes [-1, 1].

    Raises:
        ShapeError: not one-dimensional, or a type that is not sound.
    """
    chunk = np.asarray(chunk)
    if chunk.ndim != 1:
        raise ShapeError(
            message(
                "chunk",
                expected="one channel, an array of shape [time]",
                got=f"shape {list(chunk.shape)}",
                remedy="Mix down first: chunk.mean(axis=...) over the channels.",
            )
        )
    if chunk.dtype == np.float32:
        return chunk
    if chunk.dtype.kind == "f":
        return chunk.astype(np.float32)
    if chunk.dtype in (np.int16, np.int32):
        return chunk.astype(np.float32) / np.float32(np.iinfo(chunk.dtype).max + 1)
    if chunk.dtype == np.uint8:
        return (chunk.astype(np.float32) - 128) / 128
    raise ShapeError(
        message(
            "chunk",
            expected="floats in [-1, 1], or int16, int32 or uint8 samples",
            got=f"an array of {chunk.dtype}",
            remedy="Convert it, so that full scale is not guessed.",
        )
    )


def check_finite(samples: Float[np.ndarray, " time"]) -> Float[np.ndarray, " time"]:
    """The samples themselves.

    Raises:
        AudioError: one is infinite or not a number.
    """
    if not np.isfinite(samples).all():
        at = int(np.flatnonzero(~np.isfinite(samples))[0])
        raise AudioError(
            message(
                "chunk",
                expected="finite samples",
                got=f"{samples[at]} at sample {at} of {len(samples)}",
                remedy="These samples were dropped; check the source.",
            )
        )
    return samples
