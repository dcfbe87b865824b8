"""``auricle evaluate`` for detectors: measures on annotated recordings, and their page."""

import json
from collections.abc import Iterator
from pathlib import Path

from auricle.cli.commands import Evaluate
from auricle.cli.reading import counter, say
from auricle.cli.results import short_card
from auricle.data.annotations import AnnotatedRecording, Annotations, read_annotations
from auricle.data.clip import file_fingerprint
from auricle.errors import ConfigError, ManifestError, message
from auricle.evaluation.detection_measures import DetectionMeasures, Measure, measure_detector
from auricle.evaluation.report import DetectionReport, SoundMoment, write_detection_report
from auricle.evaluation.verdict import interval_text, percent
from auricle.evaluation.worst_moments import worst_moments
from auricle.io import check_writable, read_audio
from auricle.streaming import Detector

_MOST_CLASSES = 30


def run(command: Evaluate, detector: Detector) -> int:
    """Test a detector; 1 when a recording could not be read."""
    if command.report is not None:
        check_writable(command.report)
    annotations = _read(command)
    recordings, sentence = choose_recordings(
        annotations, detector, include_trained=command.include_trained
    )
    say(sentence)
    measures, errors = measure_detector(
        detector, recordings, collar_s=command.collar_ms / 1000, progress=counter("recordings")
    )
    for error in errors:
        say(f"auricle: {error}")
    if command.json:
        print(json.dumps({"results": measures.to_dict(), "note": sentence}, indent=2))
    else:
        print("\n".join(measure_lines(measures)))
    if command.report is not None:
        _report(command, detector, measures, sentence)
    return 1 if errors else 0


def choose_recordings(
    annotations: Annotations, detector: Detector, *, include_trained: bool
) -> tuple[list[AnnotatedRecording], str]:
    """Leave out what the model was trained or tuned on, and say so.

    Raises:
        ManifestError: nothing is left, or no label is one of the model's.
    """
    data = detector.card.get("data")
    remembered = data.get("heard") if isinstance(data, dict) else None
    heard = set(remembered) if isinstance(remembered, list) else set()
    recordings = list(annotations.recordings)
    known = [heard and file_fingerprint(one.path)[:12] in heard for one in recordings]
    used, total = sum(map(bool, known)), len(recordings)
    doubt = "" if heard else " The model's card does not say what it was trained on."
    if not set(annotations.labels) & set(detector.classes):
        _refuse(
            "labels",
            f"some of the model's: {', '.join(detector.classes)}",
            ", ".join(annotations.labels[:10]),
            "Check the annotation, or its label column.",
        )
    if include_trained:
        return recordings, f"{used} of {total} recordings were used to train it.{doubt}"
    new = [one for one, before in zip(recordings, known, strict=True) if not before]
    if not new:
        _refuse(
            "recordings",
            "some that the model was not trained on",
            f"{total} that it was",
            "Give new recordings, or --include-trained to score them all the same.",
        )
    if not used:
        return (
            new,
            f"{total} recordings, none of which the model was trained on by its card.{doubt}",
        )
    return new, f"{used} of {total} recordings were used to train the model and are left out."


def _refuse(name: str, expected: str, got: str, remedy: str) -> None:
    raise ManifestError(message(name, expected=expected, got=got, remedy=remedy))


def _read(command: Evaluate) -> Annotations:
    if command.annotations is None:
        raise ConfigError(
            message(
                "annotations",
                expected="true events, to test a detector",
                got="none",
                remedy="For example: auricle evaluate model.auricle songs --annotations songs.csv.",
            )
        )
    if command.ambient:
        remedy = "Name them with --annotations: a recording without events tests for false alarms."
        expected, got = "annotated recordings, to test a detector", "--ambient"
        raise ConfigError(message("ambient", expected=expected, got=got, remedy=remedy))
    if not 0 <= command.collar_ms <= 60_000:
        raise ConfigError(
            message(
                "collar_ms",
                expected="0 to 60000 milliseconds",
                got=command.collar_ms,
                remedy="200 is customary for sounds, 50 for notes.",
            )
        )
    column = None if command.label_column == "label" else command.label_column
    return read_annotations(command.annotations, recordings=command.path, label_column=column)


def measure_lines(measures: DetectionMeasures) -> Iterator[str]:
    """The result as a person reads it."""
    yield (
        f"{measures.events} events in {measures.recordings} recordings "
        f"({measures.seconds / 60:.1f} min); collars of {1000 * measures.collar_s:.0f} ms."
    )
    yield ""
    yield f"{'':<20}{'value':>9}  {'95 % interval':<20}best"
    for one in measures.measures:
        interval = "" if one.interval is None else interval_text(one.interval)
        yield f"{one.title:<20}{value_text(one):>9}  {interval:<20}{'0' if one.is_error else '1'}"
    yield ""
    width = max([5, *(len(one.name) for one in measures.per_class)])
    yield f"{'class':<{width}} {'precision':>9} {'recall':>7} {'F1':>6} {'true':>6} {'found':>6}"
    for score in measures.per_class[:_MOST_CLASSES]:
        yield (
            f"{score.name:<{width}} {score.precision:9.3f} {score.recall:7.3f} {score.f1:6.3f} "
            f"{score.num_true:6d} {score.num_found:6d}"
        )
    if len(measures.per_class) > _MOST_CLASSES:
        yield f"{len(measures.per_class)} classes; --report shows them all."


def value_text(one: Measure) -> str:
    """A share in per cent, a score as it is."""
    return f"{one.value:.3f}" if one.key.startswith("psds") else percent(one.value)


def _report(
    command: Evaluate, detector: Detector, measures: DetectionMeasures, sentence: str
) -> None:
    assert command.report is not None
    stream = detector.stream()
    history = detector.card.get("history")
    delay = (
        f"An event is known at most {1000 * stream.delay_s:.0f} ms after it ends, of which "
        f"{1000 * stream.lookahead_s:.0f} ms are look-ahead."
    )
    report = DetectionReport(
        title=Path(command.model).stem,
        measures=measures,
        note=sentence,
        delay=delay,
        moments=sound_moments(detector, measures),
        history=history if isinstance(history, list) else (),  # type: ignore[arg-type]
        card=short_card(detector.card),
    )
    write_detection_report(report, command.report)
    say(f"report: {command.report}")


def sound_moments(detector: Detector, measures: DetectionMeasures) -> list[SoundMoment]:
    """The worst moments with their sound."""
    found = []
    rate, channel = detector.sample_rate, detector.model.config.channel
    for moment in worst_moments(measures.scores):
        path, end_s = moment.score.recording.path, moment.score.found.duration_s
        waveform, _ = read_audio(
            path,
            sample_rate=rate,
            channel=channel,
            start_s=min(moment.start_s, max(0.0, end_s - 0.1)),
            end_s=min(moment.end_s, end_s),
        )
        found.append(SoundMoment(moment=moment, waveform=waveform, sample_rate=rate))
    return found
