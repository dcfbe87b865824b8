"""``auricle train --annotations`` and ``--tags``: to a detector of events, or a tagger of clips."""

import csv
import io
from collections import Counter
from dataclasses import replace

from auricle.cli.commands import Train
from auricle.cli.display import Display
from auricle.cli.reading import open_manifest, say
from auricle.cli.train import (
    beside,
    feature_cache,
    log_sinks,
    put_aside,
    save_result,
    without_bad,
)
from auricle.data.annotations import (
    AnnotationProblemKind,
    Annotations,
    annotation_problem_lines,
    read_annotations,
)
from auricle.errors import AudioError, ConfigError, message
from auricle.io import audio_info, check_writable, write_atomically
from auricle.streaming import Detector
from auricle.training.checkpoint import checkpoint_files, nothing_to_resume
from auricle.training.detection.dividing import RecordingSplit, divide_recordings
from auricle.training.detection.pipeline import DetectorOutcome, train_detector
from auricle.training.detection.tag_run import TaggerOutcome, train_tagger
from auricle.training.detection.tagging import tagged_recordings

_SHOWN = 20


def run(command: Train) -> int:
    """Train, tune, test, write the detector; returns the exit status."""
    _refuse_settings(command)
    check_writable(command.output)
    checkpoint = beside(command.output, ".checkpoint")
    if command.resume and not checkpoint_files(checkpoint):
        raise nothing_to_resume(checkpoint)
    annotations = _read_tags(command) if command.tags else _read(command)
    split = divide_recordings(annotations, command.data, seed=command.training.seed)
    if not command.resume:
        put_aside(checkpoint)
    train = train_tagger if command.tags else train_detector
    with Display(quiet=command.quiet, sinks=log_sinks(command)) as display:
        outcome = train(
            annotations,
            split,
            command.training,
            command.detection,
            cache=feature_cache(command),
            checkpoint=checkpoint,
            resume=command.resume,
            reporter=display,
        )
    save_result(outcome.detector, command.output)
    _write_split(outcome.split, command)
    for path in checkpoint_files(checkpoint):
        path.unlink(missing_ok=True)
    print("\n".join(result_lines(outcome)))
    _tell(outcome.detector, command)
    return 0


def _refuse_settings(command: Train) -> None:
    """What means nothing for a detector is refused, not ignored."""
    training = command.training
    unsuited = {
        "--bidirectional": training.bidirectional,
        "--trunk": training.trunk != "recurrent",
        "--background": training.background is not None,
        "--epochs": training.epochs is not None,
        "--report": command.report is not None,
        "--labels with --annotations": command.labels is not None and not command.tags,
        "--annotations with --tags": command.tags and command.annotations is not None,
    }
    given = [name for name, there in unsuited.items() if there]
    if given:
        remedy = "Leave it out; --steps says how long to train."
        expected = "settings that a detector has"
        raise ConfigError(
            message(
                "--tags" if command.tags else "--annotations",
                expected=expected,
                got=given[0],
                remedy=remedy,
            )
        )


def _read(command: Train) -> Annotations:
    """The annotations; what is odd about them is said, and bad recordings are left out if asked."""
    assert command.annotations is not None
    column = None if command.label_column == "label" else command.label_column
    allow: set[AnnotationProblemKind] = {"unreadable_recording"} if command.skip_bad else set()
    annotations = read_annotations(
        command.annotations, recordings=command.path, label_column=column, allow=allow
    )
    if command.skip_bad:
        annotations = _without_bad(annotations)
    if command.quiet:
        return annotations
    counts = Counter(event.label for event in annotations.events)
    shown = ", ".join(f"{name} ({count})" for name, count in counts.most_common(12))
    more = f" and {len(counts) - 12} more" if len(counts) > 12 else ""
    say(f"{len(annotations.events)} events in {len(annotations)} recordings: {shown}{more}.")
    for line in (*annotations.notes, *annotation_problem_lines(annotations.problems)):
        say(line)
    return annotations


def _read_tags(command: Train) -> Annotations:
    """The clips of a table or of folders, each with its tags."""
    manifest = open_manifest(command.path, command, table_rate=command.table_rate)
    if command.skip_bad:
        manifest = without_bad(manifest, command)
    annotations = tagged_recordings(manifest)
    if not command.quiet:
        counts = Counter(event.label for event in annotations.events)
        shown = ", ".join(f"{name} ({count})" for name, count in counts.most_common(12))
        more = f" and {len(counts) - 12} more" if len(counts) > 12 else ""
        say(f"{len(annotations.events)} tags of {len(annotations)} clips: {shown}{more}.")
    return annotations


def _without_bad(annotations: Annotations) -> Annotations:
    good = []
    for one in annotations.recordings:
        try:
            audio_info(one.path)
        except AudioError as error:
            say(f"left out: {error}")
        else:
            good.append(one)
    return replace(annotations, recordings=tuple(good))


def result_lines(outcome: DetectorOutcome | TaggerOutcome) -> list[str]:
    """The result as text for a terminal."""
    if isinstance(outcome, DetectorOutcome):
        title, scores = "event F1 by class (200 ms)", outcome.results.class_f1
    else:
        title, scores = "average precision by class", outcome.results.class_precision
    ordered = sorted(scores.items(), key=lambda item: (item[1], item[0]))
    lines = ["", outcome.verdict, "", f"  {title}:"]
    lines += [f"    {name:<20} {100 * score:5.1f} %" for name, score in ordered[:_SHOWN]]
    better = len(ordered) - _SHOWN
    return [*lines, f"    and {better} better ones"] if better > 0 else lines


def _write_split(split: RecordingSplit, command: Train) -> None:
    """Which recording was in which part, as a table."""
    parts = (("train", split.train), ("validation", split.validation), ("test", split.test))
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("path", "split"))
    for name, recordings in parts:
        rows.writerows((one.path.as_posix(), name) for one in recordings)
    with write_atomically(beside(command.output, ".split.csv")) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")


def _tell(detector: Detector, command: Train) -> None:
    stream = detector.stream()
    print(
        f"\nAn event is known {1000 * stream.delay_s:.0f} ms after it ends "
        f"({1000 * stream.lookahead_s:.0f} ms of that are look-ahead)."
    )
    print(f"model: {command.output} ({command.output.stat().st_size / 1e6:.2f} MB)")
    print(f"split: {beside(command.output, '.split.csv')}")
    print(f"log:   {beside(command.output, '.log.jsonl')}")
