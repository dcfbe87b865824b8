"""Events into a file of labels, some at a time where the format goes line by line."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, assert_never

from auricle.archive.labels.heard import HeardEvents
from auricle.data.annotations import AnnotatedEvent, AnnotatedRecording, Annotations
from auricle.data.annotations.audacity import audacity_text
from auricle.data.annotations.dcase import dcase_text
from auricle.data.annotations.elan import elan_text
from auricle.data.annotations.raven_writing import raven_text
from auricle.data.annotations.simple_csv import simple_csv_text
from auricle.data.annotations.textgrid import textgrid_text

LabelFormat = Literal["raven", "audacity", "textgrid", "elan", "dcase", "csv"]
_EVENTS_AT_ONCE = 4096


def write_events(events: HeardEvents, path: Path, *, format: LabelFormat, output: Path) -> str:
    """Write the events of one recording to ``path``.

    raven, audacity, csv and dcase are written some events at a time; Praat and ELAN want their
    number first, so that all of them are in memory at once.

    Args:
        path: a temporary name; nothing of it may be kept if this fails.
        output: the name it will get, which names in tables are relative to.
    Returns:
        SHA-256 of the file, as hexadecimal digits.
    Raises:
        ManifestError: a label cannot be held by the format.
        OSError: the system failed while it was written.
    """
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for text in _texts(events, format, output):
            data = text.encode()
            digest.update(data)
            file.write(data)
    return digest.hexdigest()


def _texts(events: HeardEvents, format: LabelFormat, output: Path) -> Iterator[str]:
    match format:
        case "textgrid":
            yield textgrid_text(_recording(events, _all(events)))
        case "elan":
            yield elan_text(_recording(events, _all(events)))
        case "audacity":
            for part in events.chunks(_EVENTS_AT_ONCE):
                yield audacity_text(_recording(events, part), source=output)
        case "raven" | "csv" | "dcase":
            yield from _lines(events, format, output)
        case _:
            assert_never(format)


def _lines(
    events: HeardEvents, format: Literal["raven", "csv", "dcase"], output: Path
) -> Iterator[str]:
    """Tables with a header, which is written once."""
    number = 0
    for part in events.chunks(_EVENTS_AT_ONCE) if len(events) else iter([()]):
        text = _table(_recording(events, part), format, output)
        header, _, body = text.partition("\n")
        if format == "raven" and number:
            body = _renumbered(body, number)
        yield body if number else f"{header}\n{body}"
        number += len(part)


def _table(
    recording: AnnotatedRecording, format: Literal["raven", "csv", "dcase"], output: Path
) -> str:
    if format == "raven":
        return raven_text(recording, source=output)
    annotations = Annotations(recordings=(recording,), source="labels", root=output.parent)
    if format == "csv":
        return simple_csv_text(annotations, output=output)
    return dcase_text(annotations, output=output)


def _renumbered(body: str, before: int) -> str:
    """Selections that go on counting after so many."""
    rows = (line.partition("\t") for line in body.splitlines(keepends=True))
    return "".join(f"{int(number) + before}\t{rest}" for number, _, rest in rows)


def _all(events: HeardEvents) -> tuple[AnnotatedEvent, ...]:
    return tuple(event for part in events.chunks(_EVENTS_AT_ONCE) for event in part)


def _recording(events: HeardEvents, part: tuple[AnnotatedEvent, ...]) -> AnnotatedRecording:
    return AnnotatedRecording(
        path=events.path,
        events=part,
        duration_s=events.seconds,
        sample_rate=events.sample_rate,
    )
