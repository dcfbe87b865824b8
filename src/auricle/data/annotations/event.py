"""Who sang when: one annotated event, the events of a recording, and those of a set."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import SupportsIndex

from auricle.data.annotations.problems import AnnotationProblem
from auricle.errors import ManifestError, message
from auricle.metrics import TimedEvents


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedEvent:
    """One stretch of a recording that somebody, or a model, has named.

    Attributes:
        path: the recording.
        onset_s: where it begins, seconds from the start of the recording, >= 0.
        offset_s: where it ends, seconds, >= onset_s.
        label: its name, never empty.
        low_hz: lower bound in frequency, Hz; None where the annotation has none.
        high_hz: upper bound in frequency, Hz; None where the annotation has none.
        score: how sure a model was; None for what a person wrote.
        source: the annotation file it was read from; not part of equality.
        place: where in that file, such as "line 3"; not part of equality.
    """

    path: Path
    onset_s: float
    offset_s: float
    label: str
    low_hz: float | None = None
    high_hz: float | None = None
    score: float | None = None
    source: Path | None = field(default=None, compare=False, repr=False)
    place: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what no format could hold.

        Raises:
            ManifestError: no label, or not 0 <= onset_s <= offset_s < infinity.
        """
        if not self.label or not 0 <= self.onset_s <= self.offset_s < math.inf:
            raise ManifestError(
                message(
                    f"event of {self.path}",
                    expected="a label and 0 <= onset <= offset, in seconds",
                    got=f"{self.label!r} {self.onset_s} to {self.offset_s} s",
                    remedy="Mend the event.",
                )
            )

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return self.offset_s - self.onset_s


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedRecording:
    """One recording and its events.

    Attributes:
        path: the recording.
        events: in the order of the annotation file; none where nothing was heard.
        split: "train", "validation" or "test" where the annotation or a manifest says so.
        group: what may not stand on both sides of a split, where it is said.
        fold: number of the fold, where it is said.
        duration_s: of the recording, seconds; None where it is missing or its header is silent.
        sample_rate: Hz; None where the recording is missing.
    """

    path: Path
    events: tuple[AnnotatedEvent, ...] = ()
    split: str | None = None
    group: str | None = None
    fold: int | None = None
    duration_s: float | None = field(default=None, compare=False)
    sample_rate: int | None = field(default=None, compare=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of its events, sorted, each once."""
        return tuple(sorted({event.label for event in self.events}))

    @property
    def in_order(self) -> tuple[AnnotatedEvent, ...]:
        """The events by onset, then by offset."""
        return tuple(sorted(self.events, key=lambda event: (event.onset_s, event.offset_s)))

    @property
    def timed_events(self) -> TimedEvents:
        """The events as the scores of `auricle.metrics` take them."""
        return TimedEvents.of((e.onset_s, e.offset_s, e.label) for e in self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """Recordings with their events: what detection is trained on and scored against.

    Attributes:
        recordings: in the order of the annotation file.
        source: the format that was read, such as "raven".
        root: the folder that paths are relative to in writing.
        notes: one sentence for each thing that a person should know.
        problems: what is odd about the events; nothing was mended.
    """

    recordings: tuple[AnnotatedRecording, ...]
    source: str
    root: Path
    notes: tuple[str, ...] = ()
    problems: tuple[AnnotationProblem, ...] = ()

    def __len__(self) -> int:
        return len(self.recordings)

    @property
    def events(self) -> tuple[AnnotatedEvent, ...]:
        """All events, recording after recording."""
        return tuple(event for recording in self.recordings for event in recording.events)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of all events, sorted, each once: the classes."""
        return tuple(sorted({event.label for event in self.events}))

    @property
    def overlapping(self) -> bool:
        """Whether two events of a recording sound at once, so that one label a frame is too few."""
        return any(problem.kind == "overlapping" for problem in self.problems)

    def select(self, indices: Iterable[SupportsIndex]) -> "Annotations":
        """The recordings at these positions, in this order."""
        return replace(self, recordings=tuple(self.recordings[index] for index in indices))

    def of_split(self, split: str) -> "Annotations":
        """The recordings of one split: "train", "validation" or "test"."""
        chosen = tuple(part for part in self.recordings if part.split == split)
        return replace(self, recordings=chosen)
