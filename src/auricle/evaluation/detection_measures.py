"""Every measure of a detector on annotated recordings, with intervals over recordings."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from auricle.data.annotations import AnnotatedRecording
from auricle.errors import AudioError
from auricle.evaluation.detection import (
    RecordingScore,
    score_recording,
    timed_events,
    true_events,
)
from auricle.metrics import (
    DCASE_PSDS1,
    DCASE_PSDS2,
    DetectionCounts,
    EventCollars,
    PsdsSettings,
    TimedEvents,
    bootstrap_interval,
    count_events,
    count_segments,
    psds_of_events,
)
from auricle.models import DetectionDecoder
from auricle.streaming import Detector, HopProbs

Progress = Callable[[int, int], None]
Interval = tuple[float, float]
COLLAR_S = 0.2
_LEAST_RECORDINGS = 5
_HOUR_S = 3600.0
_THRESHOLDS = tuple(np.linspace(0.01, 0.99, 50).tolist())  # as many as the PSDS's authors advise


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure.

    Attributes:
        key: its name in JSON.
        title: its name for people.
        value: the figure.
        interval: 95 % of draws of recordings; None where it was not drawn.
        is_error: 0 is best, else 1 is.
        meaning: what it says, in a sentence.
    """

    key: str
    title: str
    value: float
    interval: Interval | None
    is_error: bool
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventClassScore:
    """How one class was found.

    Attributes:
        name: of the class.
        precision, recall, f1: of its events, with the collars of event F1.
        f1_interval: 95 % of draws of recordings; None where it occurs in fewer than five of them.
        num_true: true events.
        num_found: detected events.
    """

    name: str
    precision: float
    recall: float
    f1: float
    f1_interval: Interval | None
    num_true: int
    num_found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionMeasures:
    """A detector on recordings that were held out.

    Attributes:
        measures: every figure of all recordings.
        per_class: in the order of the classes; labels that the detector does not know come last.
        scores: of each recording.
        collar_s: how far an onset or offset may be off, seconds.
        recordings, events, seconds: how much was tested on.
    """

    measures: tuple[Measure, ...]
    per_class: tuple[EventClassScore, ...]
    scores: tuple[RecordingScore, ...]
    collar_s: float
    recordings: int
    events: int
    seconds: float

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        figures: dict[str, object] = {one.key: one.value for one in self.measures}
        intervals = {f"{one.key}_interval": one.interval for one in self.measures if one.interval}
        sizes = {"recordings": self.recordings, "events": self.events, "seconds": self.seconds}
        return {
            **figures,
            **intervals,
            **sizes,
            "collar_s": self.collar_s,
            "per_class": [asdict(one) for one in self.per_class],
        }


def measure_detector(
    detector: Detector,
    recordings: Sequence[AnnotatedRecording],
    *,
    collar_s: float = COLLAR_S,
    progress: Progress | None = None,
) -> tuple[DetectionMeasures, tuple[AudioError, ...]]:
    """Detect in every recording, at constant memory but for events, and measure.

    Args:
        recordings: with their true events; labels that the detector does not know count as
            missed.
        collar_s: how far an onset or offset may be off, seconds; for offsets half the event's
            length, if longer.
    Returns:
        The measures on all recordings that could be read, and the errors of the others.
    """
    sweeps: list[list[TimedEvents]] = []
    scores: list[RecordingScore] = []
    errors: list[AudioError] = []
    for done, recording in enumerate(recordings, start=1):
        sweep = ThresholdSweep(detector)
        try:
            scores.append(score_recording(detector, recording, on_probs=sweep.hear))
            sweeps.append(sweep.finish())
        except AudioError as error:
            errors.append(error)
        if progress is not None:
            progress(done, len(recordings))
    return _summarise(detector, scores, sweeps, collar_s), tuple(errors)


class ThresholdSweep:
    """The events that a detector would give at each of fifty thresholds, block by block."""

    def __init__(self, detector: Detector) -> None:
        single, classes = detector.head.labels == "single", detector.classes
        config = detector.model.config.detection
        self.decoders = [
            DetectionDecoder(
                classes,
                replace(config, thresholds=(threshold,) * len(classes)),
                single=single,
                hop_s=detector.hop_s,
            )
            for threshold in _THRESHOLDS
        ]
        self.states = [decoder.initial_state() for decoder in self.decoders]
        self.events: list[list[tuple[float, float, str]]] = [[] for _ in self.decoders]

    def hear(self, part: HopProbs) -> None:
        """The posteriors of the next hops."""
        for at, decoder in enumerate(self.decoders):
            found, self.states[at] = decoder.forward(part.probs, self.states[at])
            self.events[at] += [(e.onset_s, e.offset_s, e.label) for e in found]

    def finish(self) -> list[TimedEvents]:
        """The events at each threshold."""
        for at, decoder in enumerate(self.decoders):
            found = decoder.finish(self.states[at])
            self.events[at] += [(e.onset_s, e.offset_s, e.label) for e in found]
        return [TimedEvents.of(events) for events in self.events]


def _summarise(
    detector: Detector,
    scores: Sequence[RecordingScore],
    sweeps: Sequence[Sequence[TimedEvents]],
    collar_s: float,
) -> DetectionMeasures:
    truths = [true_events(score.recording) for score in scores]
    answers = [timed_events(score.found.events) for score in scores]
    known = detector.classes
    labels = (*known, *sorted({name for truth in truths for name in truth.labels} - set(known)))
    collars = EventCollars(onset_s=collar_s, offset_s=collar_s)
    events = count_events(truths, answers, collars=collars, labels=labels)
    onsets = count_events(truths, answers, collars=replace(collars, offset_s=None), labels=labels)
    offsets = count_events(truths, answers, collars=replace(collars, onset_s=None), labels=labels)
    segments = count_segments(truths, answers, labels=labels)
    measures = [
        *_over_recordings(scores),
        *_event_measures(events, onsets, offsets, segments, collar_s),
        *_psds(scores, sweeps, truths, labels),
    ]
    return DetectionMeasures(
        measures=tuple(measures),
        per_class=_per_class(events),
        scores=tuple(scores),
        collar_s=collar_s,
        recordings=len(scores),
        events=sum(len(truth) for truth in truths),
        seconds=sum((score.found.duration_s for score in scores), 0.0),
    )


def _over_recordings(scores: Sequence[RecordingScore]) -> list[Measure]:
    """Means over recordings."""
    rows = (
        (
            "frame_error_raw",
            "Frame error, raw",
            "Share of the time at which the likeliest answer is not the true one, silence being "
            "an answer too; before smoothing.",
        ),
        (
            "frame_error",
            "Frame error",
            "The same of the events that are reported, after smoothing.",
        ),
        (
            "segment_error_rate",
            "Segment error rate",
            "Labels to insert, delete or replace to turn the sequence found into the true one, "
            "over the number of true ones; when they sound does not count.",
        ),
    )
    found = []
    for key, title, meaning in rows:
        values = [getattr(score, key) for score in scores]
        if values and None not in values:
            column = np.array(values, dtype=np.float64)
            names = [str(score.recording.path) for score in scores]
            interval = bootstrap_interval(column, names)
            found.append(
                Measure(
                    key=key,
                    title=title,
                    value=float(column.mean()),
                    interval=interval,
                    is_error=True,
                    meaning=f"{meaning} The mean over recordings.",
                )
            )
    return found


def _event_measures(
    events: DetectionCounts,
    onsets: DetectionCounts,
    offsets: DetectionCounts,
    segments: DetectionCounts,
    collar_s: float,
) -> list[Measure]:
    near = f"{1000 * collar_s:.0f} ms"
    late = f"{near} or half its length, whichever is more"
    found = [
        ("event_f1", "Event F1", events, "f1", f"An event counts where its label is right, its "
         f"onset is off by at most {near} and its offset by at most {late}."),
        ("event_precision", "Event precision", events, "precision", "Share of the events found "
         "that are right, by the same rule."),
        ("event_recall", "Event recall", events, "recall", "Share of the true events that are "
         "found, by the same rule."),
        ("onset_f1", "Onset F1", onsets, "f1", f"The same rule for label and onset ({near}) "
         "alone."),
        ("offset_f1", "Offset F1", offsets, "f1", f"The same rule for label and offset ({late}) "
         "alone."),
        ("segment_f1", "Segment F1", segments, "f1", "Time is cut into seconds; which classes "
         "sound in each second."),
    ]  # fmt: skip
    return [
        Measure(
            key=key,
            title=title,
            value=float(getattr(counts.micro(), score)),
            interval=_drawn(counts, score),
            is_error=False,
            meaning=meaning,
        )
        for key, title, counts, score, meaning in found
    ]


def _drawn(counts: DetectionCounts, score: str) -> Interval | None:
    match score:
        case "precision" | "recall" | "f1":
            return counts.interval(score) if len(counts.hits) else None
    return None


def _psds(
    scores: Sequence[RecordingScore],
    sweeps: Sequence[Sequence[TimedEvents]],
    truths: Sequence[TimedEvents],
    labels: Sequence[str],
) -> list[Measure]:
    """At fifty thresholds; nothing where true events of one class overlap each other."""
    durations_s = [score.found.duration_s for score in scores]
    estimates = [list(one) for one in zip(*sweeps, strict=True)]
    known: tuple[tuple[str, str, PsdsSettings, str], ...] = (
        ("psds1", "PSDS 1", DCASE_PSDS1, "onsets and offsets matter"),
        ("psds2", "PSDS 2", DCASE_PSDS2, "classes must not be confused"),
    )
    if not sweeps or any(_clash(truth) for truth in truths):
        return []
    seconds = sum(durations_s)
    an_hour = _HOUR_S / max(seconds, 1e-3)  # what one false alarm is
    coarse = f" In so short a test one false alarm is already {an_hour:.0f} an hour."
    short = coarse if an_hour > 1 else ""
    return [
        Measure(
            key=key,
            title=title,
            value=psds_of_events(
                estimates, truths, durations_s=durations_s, labels=labels, settings=settings
            ).psds,
            interval=None,
            is_error=False,
            meaning=f"Events found, over every threshold up to 100 false alarms an hour, where "
            f"{what}: DCASE's polyphonic sound detection score.{short}",
        )
        for key, title, settings, what in known
    ]


def _clash(truth: TimedEvents) -> bool:
    """Whether events of one class overlap or have no length, which the PSDS does not define."""
    for name in set(truth.labels):
        spans = truth.of_label(name)
        if (spans[1:, 0] < spans[:-1, 1]).any() or (spans[:, 0] >= spans[:, 1]).any():
            return True
    return False


def _widespread(counts: DetectionCounts) -> bool:
    """Whether so many recordings hold true events that draws of them say something."""
    return int((counts.num_reference > 0).sum()) >= _LEAST_RECORDINGS


def _per_class(events: DetectionCounts) -> tuple[EventClassScore, ...]:
    found = []
    for column, (name, score) in enumerate(events.per_class().items()):
        alone = replace(
            events,
            labels=(name,),
            num_reference=events.num_reference[:, [column]],
            num_estimated=events.num_estimated[:, [column]],
            hits=events.hits[:, [column]],
        )
        found.append(
            EventClassScore(
                name=name,
                precision=score.precision,
                recall=score.recall,
                f1=score.f1,
                f1_interval=alone.interval("f1") if _widespread(alone) else None,
                num_true=int(alone.num_reference.sum()),
                num_found=int(alone.num_estimated.sum()),
            )
        )
    return tuple(found)
