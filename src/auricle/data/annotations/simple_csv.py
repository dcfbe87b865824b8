"""The simple table: path,onset_s,offset_s,label and, where known, low_hz,high_hz,score."""

import csv
import io
from pathlib import Path

from auricle.data.annotations.event import AnnotatedEvent, AnnotatedRecording, Annotations
from auricle.data.annotations.parsed import (
    Cell,
    Mark,
    Parsed,
    bad_annotation,
    needed,
    optional_number,
    times,
)
from auricle.data.annotations.text import decimal, recording_name
from auricle.data.read_csv import PATH_COLUMNS
from auricle.data.tables import Row, Table, read_table

_PATHS = (*PATH_COLUMNS, "notated_path", "audio_path", "source_file")
_ONSETS = ("onset_s", "onset", "start_s", "start", "start_seconds", "begin_s", "begin")
_OFFSETS = ("offset_s", "offset", "end_s", "end", "end_seconds", "stop_s", "stop", "stop_seconds")
_LABELS = ("label", "event_label")
_ABOUT_RECORDINGS = ("split", "group", "fold")
_ALWAYS = ("path", "onset_s", "offset_s", "label")
_OPTIONAL = ("low_hz", "high_hz", "score", *_ABOUT_RECORDINGS)


def is_simple_csv(columns: tuple[str, ...]) -> bool:
    """Whether these column names, in lower case, are those of the simple table."""
    return all(any(name in columns for name in names) for names in (_ONSETS, _OFFSETS))


def read_simple_csv(path: Path, *, label_column: str | None = None) -> Parsed:
    """Read ``path,onset_s,offset_s,label[,low_hz,high_hz,score,split,group,fold]``.

    A row with a path alone names a recording in which nothing was heard. A table without paths
    is of one recording, the one called like it.

    Args:
        path: CSV or TSV with a header.
        label_column: which column is the label; None takes ``label`` or ``event_label``.
    Raises:
        ManifestError: a column is missing, or a cell cannot be understood.
    """
    table = read_table(path)
    labels = _LABELS if label_column is None else (label_column.lower(),)
    names = tuple(_column(table, choice) for choice in (_ONSETS, _OFFSETS, labels))
    path_column = next((name for name in _PATHS if name in table.columns), None)
    marks: list[Mark] = []
    recordings: dict[str, dict[str, str]] = {}
    for row in table.rows:
        name = None if path_column is None else needed(_cell(table, row, path_column))
        if name is not None:
            _keep_about(recordings.setdefault(name, {}), table, row)
        if any(row.cells[column] for column in names):
            marks.append(_mark(table, row, name, names))
    return Parsed(path=path, marks=tuple(marks), recordings=recordings, of_one=path_column is None)


def simple_csv_text(annotations: Annotations, *, output: Path) -> str:
    """The table of all recordings; a column that nothing fills is left out.

    Recordings under the table's folder are named relative to it, others by their full path; one
    without an event has a row with its path alone.
    """
    rows = [
        row
        for recording in annotations.recordings
        for row in _rows(recording, recording_name(recording.path, output))
    ]
    columns = [*_ALWAYS, *(name for name in _OPTIONAL if any(row[name] for row in rows))]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row[name] for name in columns] for row in rows)
    return text.getvalue()


def _rows(recording: AnnotatedRecording, name: str) -> list[dict[str, str]]:
    about = {column: getattr(recording, column) for column in _ABOUT_RECORDINGS}
    said = {column: "" if value is None else str(value) for column, value in about.items()}
    if not recording.events:
        return [dict.fromkeys((*_ALWAYS, *_OPTIONAL), "") | {"path": name} | said]
    return [{"path": name} | _cells(event) | said for event in recording.events]


def _cells(event: AnnotatedEvent) -> dict[str, str]:
    numbers = {
        "onset_s": event.onset_s,
        "offset_s": event.offset_s,
        "low_hz": event.low_hz,
        "high_hz": event.high_hz,
        "score": event.score,
    }
    cells = {name: "" if value is None else decimal(value) for name, value in numbers.items()}
    return cells | {"label": event.label}


def _mark(table: Table, row: Row, recording: str | None, names: tuple[str, ...]) -> Mark:
    onset, offset, label = names
    first, last = times(_cell(table, row, onset), _cell(table, row, offset))
    return Mark(
        recording=recording,
        onset=first,
        offset=last,
        label=needed(_cell(table, row, label)),
        low_hz=optional_number(_cell(table, row, "low_hz"), lowest=0.0),
        high_hz=optional_number(_cell(table, row, "high_hz"), lowest=0.0),
        score=optional_number(_cell(table, row, "score")),
        place=f"line {row.line}",
    )


def _keep_about(known: dict[str, str], table: Table, row: Row) -> None:
    for column in _ABOUT_RECORDINGS:
        text = row.cells.get(column, "")
        if text and known.setdefault(column, text) != text:
            raise bad_annotation(
                table.path,
                f"one {column} for each recording",
                f"{text!r} after {known[column]!r} (line {row.line})",
                f"Give all rows of a recording the same {column}.",
            )


def _cell(table: Table, row: Row, column: str) -> Cell:
    return Cell(table.path, f"line {row.line}", column, row.cells.get(column, ""))


def _column(table: Table, names: tuple[str, ...]) -> str:
    for name in names:
        if name in table.columns:
            return name
    raise bad_annotation(
        table.path,
        "the columns path, onset_s, offset_s and label",
        f"{', '.join(table.columns)} (without {names[0]})",
        "Rename a column in the first line, or name the label's with --label-column.",
    )
