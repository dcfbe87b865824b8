"""DCASE's and DESED's tables: filename, onset, offset, event_label, by tabs."""

from collections.abc import Sequence
from pathlib import Path

from auricle.data.annotations.event import Annotations
from auricle.data.annotations.parsed import (
    Cell,
    Mark,
    Parsed,
    bad_annotation,
    needed,
    read_lines,
    times,
)
from auricle.data.annotations.text import decimal, one_line, recording_name

HEADER = ("filename", "onset", "offset", "event_label")


def read_dcase(path: Path, *, label_column: str | None = None) -> Parsed:
    """Read a table with the header, or without one, as those of the earlier years are.

    A row with a filename alone names a recording in which nothing was heard.

    Args:
        path: the table.
        label_column: of a table with a header: which column is the label.
    Raises:
        ManifestError: a column is missing, or a cell cannot be understood.
    """
    rows = [[cell.strip() for cell in text.split("\t")] for text in read_lines(path)]
    has_header = rows[0][0].lower() == HEADER[0]
    wanted = (*HEADER[:3], (label_column or HEADER[3]).lower())
    columns = _columns(path, rows[0], wanted) if has_header else (0, 1, 2, 3)
    marks: list[Mark] = []
    recordings: dict[str, dict[str, str]] = {}
    for line, cells in enumerate(rows[has_header:], start=1 + has_header):
        if not any(cells):
            continue
        padded = [*cells, *[""] * (max(columns) + 1 - len(cells))]
        name, *event = (padded[index] for index in columns)
        recordings.setdefault(needed(Cell(path, f"line {line}", HEADER[0], name)), {})
        if any(event):
            marks.append(_mark(path, line, name, event))
    return Parsed(path=path, marks=tuple(marks), recordings=recordings)


def dcase_text(annotations: Annotations, *, output: Path) -> str:
    """The table of all recordings; one without an event has a row of its own.

    Raises:
        ManifestError: a label or a path holds a tab or the end of a line.
    """
    lines = ["\t".join(HEADER) + "\n"]
    for recording in annotations.recordings:
        name = one_line(recording_name(recording.path, output), path=output, format="DCASE")
        rows = [
            (name, decimal(event.onset_s), decimal(event.offset_s), event.label)
            for event in recording.events
        ]
        for row in rows or [(name, "", "", "")]:
            one_line(row[-1], path=output, format="DCASE")
            lines.append("\t".join(row) + "\n")
    return "".join(lines)


def _columns(path: Path, header: Sequence[str], wanted: Sequence[str]) -> tuple[int, ...]:
    names = [name.lower() for name in header]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise bad_annotation(
            path,
            f"the columns {', '.join(wanted)}",
            f"{', '.join(names)} (without {', '.join(missing)})",
            "Rename a column in the first line, or name the label's with --label-column.",
        )
    return tuple(names.index(name) for name in wanted)


def _mark(path: Path, line: int, name: str, event: Sequence[str]) -> Mark:
    onset, offset, label = (
        Cell(path, f"line {line}", column, text)
        for column, text in zip(HEADER[1:], event, strict=True)
    )
    first, last = times(onset, offset)
    return Mark(recording=name, onset=first, offset=last, label=needed(label), place=f"line {line}")
