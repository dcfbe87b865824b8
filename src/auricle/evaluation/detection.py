"""How well a detector does on annotated recordings: measured on the files, as it answers them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from auricle.data.annotations import AnnotatedRecording
from auricle.evaluation.event_track import EventTrack
from auricle.metrics import SED_EVAL, EventCollars, TimedEvents, count_events, edit_distance
from auricle.models import Detection
from auricle.streaming import DetectedFile, Detector, HopProbs

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionResults:
    """Scores on recordings that were held out.

    Attributes:
        recordings, seconds, events: how much was tested on.
        frame_error_raw: share of hops whose greatest posterior is not the true class, silence
            being a class too; where classes overlap, of hops and classes on the wrong side of a
            half. The mean over recordings, like the next two.
        frame_error: the same of the decoded events; None where classes overlap.
        segment_error_rate: edits that turn the labels found into the true ones, over the number
            of true ones; None where classes overlap.
        event_f1, event_f1_interval: F1 of events, with 95 % of draws of recordings: onset within
            200 ms, offset within 200 ms or half the event's length. All events count alike.
        class_f1: the same of each class.
    """

    recordings: int
    seconds: float
    events: int
    frame_error_raw: float
    frame_error: float | None
    segment_error_rate: float | None
    event_f1: float
    event_f1_interval: tuple[float, float]
    class_f1: dict[str, float]

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingScore:
    """One recording's answers beside the truth.

    Attributes:
        recording: with the true events.
        found: the events that were detected.
        frame_error_raw, frame_error, segment_error_rate: as in `DetectionResults`.
    """

    recording: AnnotatedRecording
    found: DetectedFile
    frame_error_raw: float
    frame_error: float | None
    segment_error_rate: float | None


def score_detector(
    detector: Detector,
    recordings: Sequence[AnnotatedRecording],
    *,
    collars: EventCollars = SED_EVAL,
    progress: Progress | None = None,
) -> tuple[DetectionResults, list[RecordingScore]]:
    """Detect in every recording, at constant memory, and compare with its annotation.

    Args:
        recordings: with labels that the detector knows.
        collars: when an event counts as found.
    Raises:
        AudioError: a recording cannot be read.
    """
    scores = []
    for done, recording in enumerate(recordings, start=1):
        scores.append(score_recording(detector, recording))
        if progress is not None:
            progress(done, len(recordings))
    return summarise_detection(scores, detector.classes, collars=collars), scores


def score_recording(
    detector: Detector,
    recording: AnnotatedRecording,
    *,
    on_probs: Callable[[HopProbs], None] | None = None,
) -> RecordingScore:
    """Detect in one recording, at constant memory, and compare with its annotation.

    Args:
        on_probs: given the posteriors too, a block of sound after the other.
    Raises:
        AudioError: the recording cannot be read.
    """
    track = EventTrack(recording.events, detector.classes, hop_s=detector.hop_s)
    single = detector.head.labels == "single"
    counts = np.zeros(2)  # wrong, all

    def compare(part: HopProbs) -> None:
        start = round(float(part.onsets_s[0]) / detector.hop_s) if len(part.probs) else 0
        stop = start + len(part.probs)
        if single:
            wrong = part.probs.argmax(axis=1) != track.single(start, stop)
        else:
            wrong = (part.probs >= 0.5) != (track.multi(start, stop) > 0)
        counts[:] += wrong.sum(), wrong.size
        if on_probs is not None:
            on_probs(part)

    found = detector.detect_file(recording.path, on_probs=compare)
    frame_error = segment_error = None
    if single:
        hops = int(counts[1])
        answers = EventTrack(found.events, detector.classes, hop_s=detector.hop_s)
        painted = answers.single(0, hops)
        frame_error = float((painted != track.single(0, hops)).mean()) if hops else 0.0
        truth = [event.label for event in recording.in_order]
        answer = [event.label for event in found.events]
        segment_error = edit_distance(truth, answer) / max(1, len(truth))
    return RecordingScore(
        recording=recording,
        found=found,
        frame_error_raw=float(counts[0] / max(1.0, counts[1])),
        frame_error=frame_error,
        segment_error_rate=segment_error,
    )


def summarise_detection(
    scores: Sequence[RecordingScore], classes: Sequence[str], *, collars: EventCollars = SED_EVAL
) -> DetectionResults:
    """The scores of all recordings as one; labels that the detector does not know count too."""
    truths = [true_events(score.recording) for score in scores]
    answers = [timed_events(score.found.events) for score in scores]
    unknown = {label for truth in truths for label in truth.labels} - set(classes)
    labels = (*classes, *sorted(unknown))
    counts = count_events(truths, answers, collars=collars, labels=labels)
    return DetectionResults(
        recordings=len(scores),
        seconds=sum(score.found.duration_s for score in scores),
        events=sum(len(truth) for truth in truths),
        frame_error_raw=_mean([score.frame_error_raw for score in scores]) or 0.0,
        frame_error=_mean([score.frame_error for score in scores]),
        segment_error_rate=_mean([score.segment_error_rate for score in scores]),
        event_f1=counts.micro().f1,
        event_f1_interval=counts.interval("f1"),
        class_f1={name: score.f1 for name, score in counts.per_class().items()},
    )


def timed_events(events: Sequence[Detection]) -> TimedEvents:
    """Detections as the measures take them."""
    return TimedEvents.of((event.onset_s, event.offset_s, event.label) for event in events)


def true_events(recording: AnnotatedRecording) -> TimedEvents:
    """A recording's annotation as the measures take it."""
    events = recording.events
    return TimedEvents.of((event.onset_s, event.offset_s, event.label) for event in events)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
