r"""Audacity's labels: onset, offset and label a line, by tabs; frequencies in a line of their own.

1.070000<TAB>1.154000<TAB>a
\<TAB>500.000000<TAB>8000.000000
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from auricle.data.annotations.event import AnnotatedRecording
from auricle.data.annotations.parsed import (
    Cell,
    Mark,
    Parsed,
    bad_annotation,
    needed,
    number,
    read_lines,
    times,
)
from auricle.data.annotations.text import decimal, one_line

_UNDEFINED = -1.0  # what Audacity writes for a bound that was not drawn


def read_audacity(path: Path) -> Parsed:
    """Read a file of labels; a label of no length is a point.

    Raises:
        ManifestError: a line is no label, or a label has no text.
    """
    marks: list[Mark] = []
    for line, text in enumerate(read_lines(path), start=1):
        cells = [cell.strip() for cell in text.split("\t")]
        if cells[0] == "\\":
            _add_frequencies(path, line, cells, marks)
        elif any(cells):
            marks.append(_mark(path, line, cells))
    return Parsed(path=path, marks=tuple(marks), of_one=True)


def audacity_text(recording: AnnotatedRecording, *, source: Path) -> str:
    """The labels of one recording.

    Raises:
        ManifestError: a label holds a tab or the end of a line.
    """
    lines: list[str] = []
    for event in recording.events:
        label = one_line(event.label, path=source, format="Audacity")
        lines.append(f"{decimal(event.onset_s)}\t{decimal(event.offset_s)}\t{label}\n")
        if event.low_hz is not None or event.high_hz is not None:
            bounds = [_UNDEFINED if hz is None else hz for hz in (event.low_hz, event.high_hz)]
            lines.append("\\\t" + "\t".join(map(decimal, bounds)) + "\n")
    return "".join(lines)


def _mark(path: Path, line: int, cells: Sequence[str]) -> Mark:
    place = f"line {line}"
    if len(cells) < 2:
        raise bad_annotation(
            path,
            f"onset, offset and label with tabs between them ({place})",
            repr(cells[0]),
            "Export the labels from Audacity anew, or name another format with --from.",
        )
    onset, offset, label = [*cells, ""][:3]
    first, last = times(Cell(path, place, "onset", onset), Cell(path, place, "offset", offset))
    label = needed(Cell(path, place, "label", label))
    return Mark(recording=None, onset=first, offset=last, label=label, place=place)


def _add_frequencies(path: Path, line: int, cells: Sequence[str], marks: list[Mark]) -> None:
    place = f"line {line}"
    if not marks or len(cells) < 3:
        raise bad_annotation(
            path,
            f"a line of two frequencies after its label ({place})",
            repr("\t".join(cells)),
            "Export the labels from Audacity anew.",
        )
    low, high = (
        _bound(Cell(path, place, name, text))
        for name, text in zip(("low frequency", "high frequency"), cells[1:3], strict=True)
    )
    marks[-1] = replace(marks[-1], low_hz=low, high_hz=high)


def _bound(cell: Cell) -> float | None:
    value = number(cell, lowest=_UNDEFINED)
    return None if value < 0 else value
