"""A detector on an endless source: push samples of any length, get events."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Num

from auricle.errors import ConfigError, StateError, message
from auricle.heads import DetectConfig
from auricle.io import StreamResampler
from auricle.models import Detection, DetectionDecoder, DetectionState, Model, ModelState
from auricle.models.model_file import fingerprint
from auricle.streaming.chunks import as_float, check_finite
from auricle.streaming.hearing import Hearing
from auricle.streaming.state_file import read_state, resampler_refusal, write_state

_MAX_SAMPLES_AT_ONCE = 1 << 20


class HopProbs(NamedTuple):
    """Posteriors of hops.

    Attributes:
        onsets_s: where each hop begins, seconds from the start of the stream.
        probs: the posterior of each output, in the order of `Detector.outputs`.
        weights: how much each hop counts in a clip's answer, in (0, 1].
    """

    onsets_s: Float64[np.ndarray, " hops"]
    probs: Float32[np.ndarray, "hops outputs"]
    weights: Float32[np.ndarray, " hops"]


class DetectionStreamState(NamedTuple):
    """All that a stream remembers; a value, so it can be copied, sent and saved.

    Attributes:
        model: the network's memory.
        events: the decoder's memory.
        pending: samples of a hop not yet complete.
        hops: hops heard so far.
        answers: answers given so far, with those of the look-ahead before the first hop.
    """

    model: ModelState
    events: DetectionState
    pending: Float32[np.ndarray, " samples"]
    hops: int
    answers: int


def detect_config(model: Model) -> DetectConfig:
    """The settings of the model's head.

    Raises:
        ConfigError: the model is no detector.
    """
    head = model.config.head
    if isinstance(head, DetectConfig):
        return head
    raise ConfigError(
        message(
            "model",
            expected="a detector",
            got="a classifier",
            remedy="Use Listener, or train one with annotations: auricle train --annotations.",
        )
    )


class DetectionStream:
    """Sound in, events out, each when it is over; where the sound is cut changes nothing.

    >>> stream = detector.stream()                                    # doctest: +SKIP
    >>> for chunk in source:                                          # doctest: +SKIP
    ...     for event in stream.push(chunk):
    ...         print(event.onset_s, event.offset_s, event.label)
    >>> stream.finish()                                               # doctest: +SKIP
    """

    def __init__(self, model: Model, *, sample_rate: int | None = None) -> None:
        """Start with silence before the first sample.

        Args:
            model: one with a detection head.
            sample_rate: of what will be pushed, Hz; the model's own if None. Another rate is
                resampled on the way, which delays answers by a few milliseconds.
        Raises:
            ConfigError: the model is no detector.
        """
        head, front_end = detect_config(model), model.config.front_end
        self._model = model.eval()
        self.classes = model.config.classes
        self.sample_rate = sample_rate or front_end.sample_rate
        self._resampler = (
            None
            if self.sample_rate == front_end.sample_rate
            else StreamResampler(self.sample_rate, front_end.sample_rate)
        )
        self._hop, self.hop_s = front_end.hop_length, model.step_s
        self.lookahead = head.lookahead_hops(front_end.frame_rate)
        self.decoder = DetectionDecoder(
            self.classes,
            model.config.detection,
            single=head.labels == "single",
            hop_s=self.hop_s,
            lookahead=self.lookahead,
        )
        self._hearing = Hearing(model, model.initial_state(1))
        self._events = self.decoder.initial_state()
        self._pending = np.empty(0, dtype=np.float32)
        self._hops, self._answers = 0, 0
        self._finished = False

    @property
    def lookahead_s(self) -> float:
        """How long after a moment its posterior is known, seconds."""
        return self.lookahead * self.hop_s

    @property
    def delay_s(self) -> float:
        """How long after its offset an event is told, at the most, seconds."""
        return (self.decoder.delay + 0.5) * self.hop_s  # it ends up to half a hop sooner

    @property
    def time_s(self) -> float:
        """Seconds of sound heard so far, at the model's rate."""
        return (self._hops * self._hop + len(self._pending)) * self.hop_s / self._hop

    @property
    def step_refusal(self) -> str | None:
        """Why short pushes of this model always take the ordinary path; None if they do not."""
        return self._hearing.refusal

    def push(self, chunk: Num[np.ndarray, " time"]) -> list[Detection]:
        """Hear these samples.

        Args:
            chunk: one channel of any length: floats in [-1, 1], or integers, whose full range
                is taken as [-1, 1].
        Returns:
            Events that are over and known, in the order in which they became known.
        Raises:
            ShapeError: not one-dimensional, or of a type that is not sound.
            AudioError: a sample is not finite; this chunk is dropped and the stream goes on.
            StateError: the stream was finished.
        """
        return self.push_both(chunk)[0]

    def push_both(self, chunk: Num[np.ndarray, " time"]) -> tuple[list[Detection], HopProbs]:
        """As `push`, with the posteriors of the hops that became known."""
        self._refuse_finished()
        samples = check_finite(as_float(chunk))
        if self._resampler is not None:
            samples = self._resampler.push(samples)
        return self._take(samples)

    def finish(self) -> list[Detection]:
        """The last events: the sound has ended, and silence follows."""
        return self.finish_both()[0]

    def finish_both(self) -> tuple[list[Detection], HopProbs]:
        """As `finish`, with the posteriors of the last hops."""
        if self._finished:
            return [], self._nothing()
        rest = self._pending[:0] if self._resampler is None else self._resampler.finish()
        events, probs = self._take(rest)
        self._finished = True
        heard = self._hops + (len(self._pending) > 0)
        steps = self.lookahead + self._model.trunk.stride
        silence = np.zeros((heard + steps - self._hops) * self._hop, dtype=np.float32)
        silence[: len(self._pending)] = self._pending
        self._pending = self._pending[:0]
        more, last = self._hear(silence, until=heard)
        self._hops = heard
        return [*events, *more, *self.decoder.finish(self._events)], join_probs([probs, last])

    @property
    def state(self) -> DetectionStreamState:
        """All that the stream remembers, at its model's rate; later pushes leave it alone."""
        return DetectionStreamState(
            self._hearing.state, self._events, self._pending.copy(), self._hops, self._answers
        )

    def save(self, path: Path | str) -> None:
        """Write the stream's state to a file, to go on with `load`.

        Raises:
            ConfigError: the stream resamples; a resampler's memory cannot be saved.
            StateError: the stream was finished.
            OutputError: the file cannot be written.
        """
        self._refuse_resampler()
        self._refuse_finished()
        write_state(Path(path), self.state, model=fingerprint(self._model))

    def load(self, path: Path | str) -> None:
        """Go on where the stream that was saved left off, whatever this one has heard.

        Raises:
            ConfigError: the stream resamples; a resampler's memory cannot be saved.
            StateError: not a stream's state, damaged, or of another model.
        """
        self._refuse_resampler()
        state = read_state(Path(path), self.state, model=fingerprint(self._model))
        self._hearing.resume(state.model)
        self._events, self._pending = state.events, state.pending
        self._hops, self._answers, self._finished = state.hops, state.answers, False

    def _take(self, samples: Float32[np.ndarray, " time"]) -> tuple[list[Detection], HopProbs]:
        """Hear whole hops; what does not fill one is held for the next samples."""
        joined = np.concatenate([self._pending, samples]) if len(self._pending) else samples
        ready = len(joined) // self._hop * self._hop
        self._pending = joined[ready:].copy()
        return self._hear(joined[:ready]) if ready else ([], self._nothing())

    def _hear(
        self, samples: Float32[np.ndarray, " time"], *, until: int | None = None
    ) -> tuple[list[Detection], HopProbs]:
        """Run whole hops through the network and the decoder, bounded parts at a time.

        Args:
            until: answers about this hop and later ones are left out.
        """
        events: list[Detection] = []
        parts = [self._nothing()]
        most = max(1, _MAX_SAMPLES_AT_ONCE // self._hop) * self._hop
        for start in range(0, len(samples), most):
            part = samples[start : start + most]
            found = self._hearing.hear(part[None])
            self._hops += len(part) // self._hop
            if found is None:
                continue
            first = self._answers - self.lookahead
            probs = np.exp(found.log_probs[0])
            self._answers += len(probs)
            wanted = slice(max(0, -first), None if until is None else max(0, until - first))
            probs, weights = probs[wanted], found.weights[0][wanted]
            more, self._events = self.decoder.forward(probs, self._events)
            events += more
            onsets_s = (max(0, first) + np.arange(len(probs))) * self.hop_s
            parts.append(HopProbs(onsets_s, probs, weights))
        return events, join_probs(parts)

    def _nothing(self) -> HopProbs:
        none = np.zeros((0, self.decoder.num_outputs), dtype=np.float32)
        return HopProbs(np.zeros(0), none, none[:, 0])

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
                    remedy="Open another: detector.stream().",
                )
            )


def join_probs(parts: list[HopProbs]) -> HopProbs:
    """Posteriors of one stretch after the other as one."""
    return HopProbs(*(np.concatenate(column) for column in zip(*parts, strict=True)))
