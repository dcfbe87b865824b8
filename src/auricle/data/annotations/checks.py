"""Odd events, found and never mended."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from auricle.data.annotations.event import AnnotatedEvent, AnnotatedRecording
from auricle.data.annotations.problems import AnnotationProblem, AnnotationProblemKind

TOLERANCE_S = 1e-3  # ELAN rounds to it; an event may end that much after its recording
_SAME_TIME_S = 1e-9
_NYQUIST_TOLERANCE = 1.001


def find_problems(recordings: Iterable[AnnotatedRecording]) -> tuple[AnnotationProblem, ...]:
    """Every odd thing about the events, with file and line.

    An event may end 1 ms after its recording; events that are apart by 1e-9 s or less touch.
    """
    found: list[AnnotationProblem] = []
    for recording in recordings:
        found += _missing(recording)
        for event in recording.events:
            found += [check for check in (_alone(event, recording)) if check is not None]
        found += _unsorted(recording.events)
        found += _neighbours(recording.in_order)
    return tuple(found)


def spoken(event: AnnotatedEvent) -> str:
    """The event in a message: its label and seconds."""
    return f"{event.label!r} {event.onset_s:.3f}-{event.offset_s:.3f} s"


def problem(kind: AnnotationProblemKind, event: AnnotatedEvent, detail: str) -> AnnotationProblem:
    """A problem of one event."""
    source = event.source or event.path
    return AnnotationProblem(kind=kind, source=source, place=event.place, detail=detail)


def _missing(recording: AnnotatedRecording) -> list[AnnotationProblem]:
    if recording.path.is_file():
        return []
    if not recording.events:
        detail = "a recording without events, which is not there"
        kind: AnnotationProblemKind = "missing_recording"
        return [AnnotationProblem(kind=kind, source=recording.path, place="", detail=detail)]
    first, count = recording.events[0], len(recording.events)
    detail = f"{count} event{'s' * (count > 1)} of {recording.path}, which is not there"
    return [problem("missing_recording", first, detail)]


def _alone(
    event: AnnotatedEvent, recording: AnnotatedRecording
) -> tuple[AnnotationProblem | None, ...]:
    length, rate = recording.duration_s, recording.sample_rate
    late = length is not None and event.offset_s > length + TOLERANCE_S
    high = rate is not None and (event.high_hz or 0.0) > rate / 2 * _NYQUIST_TOLERANCE
    too_late = f"{spoken(event)}, but {recording.path.name} ends at {length or 0:.3f} s"
    too_high = (
        f"{spoken(event)} reaches {event.high_hz} Hz, but {recording.path.name} has {rate} Hz"
    )
    empty = event.offset_s == event.onset_s
    return (
        problem("out_of_file", event, too_late) if late else None,
        problem("above_nyquist", event, too_high) if high else None,
        problem("zero_length", event, spoken(event)) if empty else None,
    )


def _unsorted(events: Sequence[AnnotatedEvent]) -> list[AnnotationProblem]:
    pairs = zip(events, events[1:], strict=False)
    return [
        problem("unsorted", second, f"{spoken(second)} stands after {spoken(first)}")
        for first, second in pairs
        if second.onset_s < first.onset_s and second.source == first.source
    ]


def _neighbours(events: Sequence[AnnotatedEvent]) -> list[AnnotationProblem]:
    """Duplicates, overlaps and touches; ``events`` are in the order of time."""
    found: list[AnnotationProblem] = []
    seen: dict[AnnotatedEvent, AnnotatedEvent] = {}
    longest: AnnotatedEvent | None = None
    for event in events:
        if event in seen:
            found.append(problem("duplicate", event, f"{spoken(event)}, as in {_at(seen[event])}"))
        elif longest is not None:
            found += _pair(longest, event)
        seen.setdefault(event, event)
        if longest is None or event.offset_s > longest.offset_s:
            longest = event
    return found


def _pair(earlier: AnnotatedEvent, event: AnnotatedEvent) -> list[AnnotationProblem]:
    gap = event.onset_s - earlier.offset_s
    if gap > _SAME_TIME_S:
        return []
    touching = gap >= -_SAME_TIME_S
    kind: AnnotationProblemKind = "touching" if touching else "overlapping"
    verb = "touches" if touching else "overlaps"
    return [problem(kind, event, f"{spoken(event)} {verb} {spoken(earlier)} ({_at(earlier)})")]


def _at(event: AnnotatedEvent) -> str:
    return event.place or Path(event.source or event.path).name
