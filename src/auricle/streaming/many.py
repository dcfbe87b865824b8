"""Many streams of one model in one process: a row of samples for each, events for each."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float32, Float64, Num

from auricle.errors import AudioError, ConfigError, ShapeError, StateError, message
from auricle.models import Event, Model
from auricle.models.model_file import fingerprint
from auricle.streaming.chunks import as_float, check_finite
from auricle.streaming.deciding import StepScores, clip_probs
from auricle.streaming.lockstep import Lockstep, place_of
from auricle.streaming.many_decisions import ManyDecisions, take_row
from auricle.streaming.step import StepPlan, step_refusal
from auricle.streaming.stream import Snapshot, Stream, StreamState, check_model


class ManyStreams:
    """As many `Stream`s, computed together: each has its own state, and the same answers.

    The streams are numbered as the rows of what is pushed. Streams that were added at different
    times may stand at different places of a hop or a stride; those that stand at the same place
    share one product of matrices.

    >>> many = listener.streams(256)                                  # doctest: +SKIP
    >>> for chunks in source:                                         # doctest: +SKIP
    ...     for stream, events in enumerate(many.push(chunks)):
    ...         print(stream, events)
    """

    def __init__(self, model: Model, *, streams: int = 0) -> None:
        """Start with silence before the first sample of every stream.

        Args:
            model: a causal model; its weights are read now.
            streams: how many; `add` adds more.
        Raises:
            CausalityError: the model looks ahead.
            ConfigError: less than no streams.
        """
        if streams < 0:
            raise ConfigError(
                message("streams", expected="0 or more", got=streams, remedy="Count them.")
            )
        self._model = model.eval()
        self.classes = model.config.classes
        self.sample_rate = model.config.front_end.sample_rate
        self.step_refusal = step_refusal(model)
        self._plan = StepPlan(model) if self.step_refusal is None else None
        self._decisions = ManyDecisions(model)
        self._new = Stream(model).state
        self._fingerprint: str | None = None
        self._streams = streams
        self._locksteps = [self._lockstep(streams, range(streams))] if streams else []

    def __len__(self) -> int:
        """How many streams there are."""
        return self._streams

    def push(self, chunks: Num[np.ndarray, "*streams time"]) -> list[list[Event]]:
        """Hear these samples.

        Args:
            chunks: a row for each stream, at the model's sample rate, of any common length:
                floats in [-1, 1], or integers, whose full range is taken as [-1, 1].
        Returns:
            Events of each stream, oldest first.
        Raises:
            ShapeError: not a row for each stream, or of a type that is not sound.
            AudioError: a sample is not finite; this push is dropped and the streams go on.
        """
        return self._push(chunks, with_scores=False)[0]

    def push_scores(self, chunks: Num[np.ndarray, "*streams time"]) -> list[StepScores]:
        """As `push`, returning the posteriors of each stream's steps instead."""
        return self._push(chunks, with_scores=True)[1]

    def push_both(
        self, chunks: Num[np.ndarray, "*streams time"]
    ) -> tuple[list[list[Event]], list[StepScores]]:
        """As `push`, with both what it returns and what `push_scores` returns."""
        return self._push(chunks, with_scores=True)

    def clip_probs(self, stream: int) -> Float64[np.ndarray, " classes"] | None:
        """Posterior of all that a stream heard, taken as one clip; None before its first step."""
        lockstep, row = self._find(stream)
        return clip_probs(take_row(lockstep.decided, row))

    def time_s(self, stream: int) -> float:
        """Seconds of sound that a stream heard so far."""
        lockstep, row = self._find(stream)
        return (int(lockstep.samples[row]) + lockstep.num_held) / self.sample_rate

    def add(self, snapshot: Snapshot | None = None) -> int:
        """Another stream, as the last row: a new one, or one that goes on from a snapshot.

        Returns:
            Its number.
        Raises:
            StateError: the snapshot is of another model.
        """
        state = self._new if snapshot is None else self._checked(snapshot)
        self._streams += 1
        self._place({self._streams - 1: state})
        return self._streams - 1

    def snapshot(self, stream: int) -> Snapshot:
        """One stream's state as a value, to go on with in a `Stream` or here."""
        lockstep, row = self._find(stream)
        return Snapshot(self._own_fingerprint(), lockstep.states()[row])

    def resume(self, stream: int, snapshot: Snapshot) -> None:
        """Let a stream go on where that of the snapshot stood, whatever it has heard.

        Raises:
            StateError: the snapshot is of another model.
        """
        self._replace(stream, self._checked(snapshot))

    def reset(self, stream: int) -> None:
        """Let a stream begin anew, as if it had heard nothing."""
        self._replace(stream, self._new)

    def remove(self, stream: int) -> list[Event]:
        """End a stream; those after it move up by one.

        Returns:
            Its last events, as `Stream.finish` gives them.
        """
        state = self._take_out(stream)
        for lockstep in self._locksteps:
            lockstep.places = lockstep.places - (lockstep.places > stream)
        self._streams -= 1
        return self._finish(state)

    def finish(self) -> list[list[Event]]:
        """End all streams; none is left.

        Returns:
            The last events of each, as `Stream.finish` gives them.
        """
        events: list[list[Event]] = [[] for _ in range(self._streams)]
        for lockstep in self._locksteps:
            for place, state in zip(lockstep.places, lockstep.states(), strict=True):
                events[place] = self._finish(state)
        self._locksteps, self._streams = [], 0
        return events

    def _push(
        self, chunks: Num[np.ndarray, "*streams time"], *, with_scores: bool
    ) -> tuple[list[list[Event]], list[StepScores]]:
        samples = self._as_samples(chunks)
        events: list[list[Event]] = [[] for _ in range(self._streams)]
        scores = [self._decisions.one.nothing] * (self._streams if with_scores else 0)
        for lockstep in self._locksteps:
            every = len(lockstep.places) == self._streams
            rows = samples if every else samples[lockstep.places]
            said = lockstep.push(rows, with_scores=with_scores)
            for row, event in said.events:
                events[int(lockstep.places[row])].append(event)
            for row, row_scores in enumerate(said.scores):
                scores[int(lockstep.places[row])] = row_scores
        return events, scores

    def _as_samples(
        self, chunks: Num[np.ndarray, "*streams time"]
    ) -> Float32[np.ndarray, "streams time"]:
        chunks = np.asarray(chunks)
        if chunks.ndim != 2 or len(chunks) != self._streams:
            raise ShapeError(
                message(
                    "chunks",
                    expected=f"a row for each of {self._streams} streams, [streams, time]",
                    got=f"shape {list(chunks.shape)}",
                    remedy="Push silence for a stream that has nothing, or remove it.",
                )
            )
        samples = as_float(chunks.reshape(-1)).reshape(chunks.shape)
        try:
            check_finite(samples.reshape(-1))
        except AudioError:
            _name_the_stream(samples)
        return samples

    def _find(self, stream: int) -> tuple[Lockstep, int]:
        for lockstep in self._locksteps:
            rows = np.flatnonzero(lockstep.places == stream)
            if len(rows):
                return lockstep, int(rows[0])
        raise StateError(
            message(
                "stream",
                expected=f"a number from 0 to below {self._streams}",
                got=stream,
                remedy="`remove` moves later streams up by one; `len` counts them.",
            )
        )

    def _replace(self, stream: int, state: StreamState) -> None:
        self._take_out(stream)
        self._place({stream: state})

    def _take_out(self, stream: int) -> StreamState:
        lockstep, row = self._find(stream)
        places: list[int] = lockstep.places.tolist()
        states = dict(zip(places, lockstep.states(), strict=True))
        state = states.pop(stream)
        self._locksteps.remove(lockstep)
        if states:
            self._locksteps.append(self._lockstep(list(states.values()), states))
        return state

    def _place(self, states: dict[int, StreamState]) -> None:
        """Put states of one place into the lockstep that stands there, or into one of their own."""
        wanted = place_of(next(iter(states.values())))
        for lockstep in self._locksteps:
            there = lockstep.states()
            if place_of(there[0]) == wanted:
                self._locksteps.remove(lockstep)
                states = {**states, **dict(zip(lockstep.places.tolist(), there, strict=True))}
                break
        ordered = dict(sorted(states.items()))
        self._locksteps.append(self._lockstep(list(ordered.values()), ordered))

    def _lockstep(self, states: list[StreamState] | int, places: Iterable[int]) -> Lockstep:
        return Lockstep(
            self._model,
            self._decisions,
            plan=self._plan,
            states=states,
            places=np.fromiter(places, dtype=np.int64),
        )

    def _finish(self, state: StreamState) -> list[Event]:
        stream = Stream(self._model)
        stream.take_up(state)
        return stream.finish()

    def _checked(self, snapshot: Snapshot) -> StreamState:
        check_model(snapshot, self._own_fingerprint())
        return snapshot.state

    def _own_fingerprint(self) -> str:
        if self._fingerprint is None:
            self._fingerprint = fingerprint(self._model)
        return self._fingerprint


def _name_the_stream(samples: Float32[np.ndarray, "streams time"]) -> None:
    """Refuse samples that are not finite, by the stream's number; many loud streams may pass."""
    for stream, row in enumerate(samples):
        try:
            check_finite(row)
        except AudioError as error:
            raise AudioError(f"chunks[{stream}], {error}") from None
