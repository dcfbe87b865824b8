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
    read_text,
    times,
)
from auricle.data.annotations.simple_csv import read_simple_csv
from auricle.data.annotations.text import decimal, one_line, recording_name

HEADER = ("filename", "onset", "offset", "event_label")


def read_dcase(path: Path, *, label_column: str | None = None) -> Parsed:
    """Read a table with the header, or without one, as those of the earlier years are.

    A row with a filename alone names a recording in which nothing was heard.

    Raises:
        ManifestError: a cell cannot be understood.
    """
    lines = read_text(path).splitlines()
    if not lines or lines[0].split("\t")[0].strip().lower() in {HEADER[0], "file"}:
        return read_simple_csv(path, label_column=label_column)
    marks: list[Mark] = []
    recordings: dict[str, dict[str, str]] = {}
    for line, text in enumerate(lines, start=1):
        cells = [cell.strip() for cell in text.split("\t")]
        if any(cells):
            recordings.setdefault(cells[0], {})
        if any(cells[1:]):
            marks.append(_mark(path, line, cells))
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


def _mark(path: Path, line: int, cells: Sequence[str]) -> Mark:
    place = f"line {line}"
    if len(cells) != len(HEADER):
        raise bad_annotation(
            path,
            f"filename, onset, offset and event_label with tabs between them ({place})",
            f"{len(cells)} cells",
            "Mend the line, or name another format with --from.",
        )
    onset, offset = times(
        Cell(path, place, "onset", cells[1]), Cell(path, place, "offset", cells[2])
    )
    label = needed(Cell(path, place, "event_label", cells[3]))
    return Mark(recording=cells[0], onset=onset, offset=offset, label=label, place=place)
