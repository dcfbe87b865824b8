"""A model on an endless source: push samples of any length, get events."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Num

from auricle.errors import ConfigError, StateError, message
from auricle.heads import DetectHead
from auricle.io import StreamResampler
from auricle.models import Event, EventState, Model, ModelState, PosteriorState
from auricle.models.model_file import fingerprint
from auricle.streaming.chunks import as_float, check_finite
from auricle.streaming.deciding import (
    Decisions,
    DecisionState,
    StepScores,
    clip_probs,
    join_scores,
)
from auricle.streaming.hearing import Hearing
from auricle.streaming.state_file import read_state, resampler_refusal, write_state
from auricle.streaming.step import Stepper

_MAX_SAMPLES_AT_ONCE = 1 << 20


class StreamState(NamedTuple):
    """All that a stream remembers; a value, so it can be copied, sent and saved."""

    model: ModelState
    recent: PosteriorState
    clip: PosteriorState
    events: EventState
    pending: Float32[np.ndarray, " samples"]
    samples: int


class Snapshot(NamedTuple):
    """A stream's state with the model that it belongs to: what `resume` of a stream takes.

    Attributes:
        model: fingerprint of the model.
        state: all that the stream remembers.
    """

    model: str
    state: StreamState


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
            ConfigError: the model is a detector.
        """
        refuse_detector(model)
        self._model = model.eval()
        self.classes = model.config.classes
        self.sample_rate = sample_rate or model.config.front_end.sample_rate
        own_rate = model.config.front_end.sample_rate
        self._resampler = (
            None if self.sample_rate == own_rate else StreamResampler(self.sample_rate, own_rate)
        )
        self._decisions = Decisions(model)
        self._hop = model.config.front_end.hop_length
        self._held = np.empty(self._hop, dtype=np.float32)  # samples of a hop not yet complete
        self._num_held = 0
        self._finished = False
        self._hearing = Hearing(model, model.initial_state(1))
        self._decided = self._decisions.initial_state()
        self._samples = 0

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
        return clip_probs(self._decided)

    @property
    def time_s(self) -> float:
        """Seconds of sound heard so far, at the model's rate."""
        heard = self._samples + self._num_held
        return heard / self._model.config.front_end.sample_rate

    @property
    def stepper(self) -> Stepper | None:
        """What short pushes run through now; None while the ordinary path is taken."""
        return self._hearing.stepper

    @property
    def step_refusal(self) -> str | None:
        """Why short pushes of this model always take the ordinary path; None if they do not."""
        return self._hearing.refusal

    @property
    def state(self) -> StreamState:
        """All that the stream remembers, at its model's rate; later pushes leave it alone."""
        held = self._held[: self._num_held].copy()
        return StreamState(self._hearing.state, *self._decided, held, self._samples)

    def snapshot(self) -> Snapshot:
        """The stream's state as a value, to go on with `resume` here, elsewhere or in many.

        Raises:
            ConfigError: the stream resamples; a resampler's memory cannot be taken out.
            StateError: the stream was finished.
        """
        self._refuse_resampler()
        self._refuse_finished()
        return Snapshot(fingerprint(self._model), self.state)

    def resume(self, snapshot: Snapshot) -> None:
        """Go on where the stream of the snapshot stood, whatever this one has heard.

        Raises:
            ConfigError: the stream resamples.
            StateError: the snapshot is of another model.
        """
        self._refuse_resampler()
        check_model(snapshot, fingerprint(self._model))
        self.take_up(snapshot.state)

    def take_up(self, state: StreamState) -> None:
        """As `resume`, for a state that is known to be of this model."""
        self._num_held = len(state.pending)
        self._held[: self._num_held] = state.pending
        self._hearing.resume(state.model)
        self._decided = DecisionState(state.recent, state.clip, state.events)
        self._samples = state.samples
        self._finished = False

    def save(self, path: Path | str) -> None:
        """Write the stream's state to a file, to go on with `load`.

        Raises:
            ConfigError: the stream resamples; a resampler's memory cannot be saved.
            StateError: the stream was finished.
            OutputError: the file cannot be written.
        """
        snapshot = self.snapshot()
        write_state(Path(path), snapshot.state, model=snapshot.model)

    def load(self, path: Path | str) -> None:
        """Go on where the stream that was saved left off, whatever this one has heard.

        Raises:
            ConfigError: the stream resamples; a resampler's memory cannot be saved.
            StateError: not a stream's state, damaged, or of another model.
        """
        self._refuse_resampler()
        self.take_up(read_state(Path(path), self.state, model=fingerprint(self._model)))

    def _refuse_resampler(self) -> None:
        if self._resampler is not None:
            raise resampler_refusal(self.sample_rate, self._model.config.front_end.sample_rate)

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
            return [], self._decisions.nothing
        whole = samples
        if self._num_held:
            whole = np.concatenate([self._held[: self._num_held], samples])
        ready = end // self._hop * self._hop
        self._num_held = end - ready
        self._held[: self._num_held] = whole[ready:]
        return self._hear(whole[:ready])

    def finish_both(self) -> tuple[list[Event], StepScores]:
        """As `finish`, with both what it returns and what `push_scores` returns."""
        if self._finished:
            return [], self._decisions.nothing
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
        ended, self._decided = self._decisions.finish(self._decided)
        return events + ended, join_scores(parts)

    def _hear(
        self, samples: Float32[np.ndarray, " time"], *, heard: int | None = None
    ) -> tuple[list[Event], StepScores]:
        """Run whole hops through the model and the decisions, bounded parts at a time."""
        events, parts = [], []
        most = max(1, _MAX_SAMPLES_AT_ONCE // self._hop) * self._hop
        for start in range(0, len(samples), most):
            found = self._hearing.hear(samples[None, start : start + most])
            if found is not None:
                more_events, scores, self._decided = self._decisions.forward(
                    found.log_probs[0], found.weights[0], self._decided
                )
                events += more_events
                parts.append(scores)
        self._samples += len(samples) if heard is None else heard
        return events, join_scores(parts) if parts else self._decisions.nothing


def refuse_detector(model: Model) -> None:
    """Refuse a model that detects events, where one is needed that classifies.

    Raises:
        ConfigError: the model is a detector.
    """
    if isinstance(model.head, DetectHead):
        raise ConfigError(
            message(
                "model",
                expected="a classifier",
                got="a detector of events",
                remedy="Use Detector(model): its stream gives events.",
            )
        )


def check_model(snapshot: Snapshot, model: str) -> None:
    """Refuse another model's snapshot.

    Args:
        model: fingerprint of the model that is to go on from it.
    Raises:
        StateError: it is another model's.
    """
    if snapshot.model != model:
        raise StateError(
            message(
                "snapshot",
                expected="the state of a stream of this model",
                got="the state of another model",
                remedy="Take one with `snapshot` from a stream of the same model.",
            )
        )
