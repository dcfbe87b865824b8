"""Raven's selection tables: tab-separated, one selection a line, times and frequencies."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from auricle.data.annotations.parsed import (
    Cell,
    Mark,
    Parsed,
    bad_annotation,
    needed,
    number,
    optional_number,
    read_lines,
    times,
)

BEGIN, END = "begin time (s)", "end time (s)"
_IN_FILE = "file offset (s)"  # of a table over several files: where in its file it begins
_LOW, _HIGH = "low freq (hz)", "high freq (hz)"
_FILES = ("begin path", "begin file")
_SAMPLES = ("begin sample (samples)", "begin sample", "beg samp (samples)", "beg samp")
_RATES = ("sample rate (hz)", "sample rate", "sampling rate (hz)")
_LABELS = (
    "annotation",
    "label",
    "species",
    "common name",
    "species code",
    "class",
    "call type",
    "call",
    "type",
    "tags",
)
_SCORES = ("score", "confidence")
WAVEFORM = "waveform"
_LEAST_SAMPLE = 1000  # below it, a sample number says too little about the rate

Rows = list[tuple[int, dict[str, str]]]


def is_raven(first_line: str) -> bool:
    """Whether this is the first line of a selection table."""
    return {BEGIN, END} <= {name.strip().lower() for name in first_line.split("\t")}


def read_raven(path: Path, *, label_column: str | None = None) -> Parsed:
    """Read a selection table.

    Raven lists a selection once for each view it was seen in: rows of one selection number with
    the same times are one event, with the bounds of the spectrogram's row. A selection of a
    waveform view alone that spans the whole band, 0 Hz to half the rate, has no bounds.

    Args:
        path: the table.
        label_column: which column is the label; None takes the first of Raven's and other
            programs' usual ones (Annotation, Label, Species, Common Name, ...).
    Raises:
        ManifestError: a column is missing, or a cell cannot be understood.
    """
    columns, rows = _table(path)
    label, notes = _label_column(path, columns, label_column)
    kept = _one_row_a_selection(rows)
    if len(kept) < len(rows):
        count = len(rows) - len(kept)
        notes.append(f"{path}: {count} rows repeat a selection in another view, and count once.")
    marks = tuple(_mark(path, line, cells, label) for line, cells in kept)
    names: dict[str, dict[str, str]] = {
        mark.recording: {} for mark in marks if mark.recording is not None
    }
    return Parsed(path=path, marks=marks, recordings=names, of_one=not names, notes=tuple(notes))


def _table(path: Path) -> tuple[list[str], Rows]:
    lines = read_lines(path)
    columns = [name.strip().lower() for name in lines[0].split("\t")]
    if not {BEGIN, END} <= set(columns):
        raise bad_annotation(
            path,
            "a first line with the columns Begin Time (s) and End Time (s)",
            repr(lines[0][:60]),
            "Save the selection table from Raven anew, or name another format with --from.",
        )
    rows: Rows = []
    for line, text in enumerate(lines[1:], start=2):
        cells = [cell.strip() for cell in text.split("\t")]
        if len(cells) > len(columns):
            rule = f"{len(columns)} cells in each row"
            got = f"{len(cells)} in line {line}"
            raise bad_annotation(path, rule, got, "Take the tabs out of its annotations.")
        if any(cells):
            padded = cells + [""] * (len(columns) - len(cells))
            rows.append((line, dict(zip(columns, padded, strict=True))))
    return columns, rows


def _label_column(path: Path, columns: Sequence[str], wanted: str | None) -> tuple[str, list[str]]:
    usual = [name for name in _LABELS if name in columns]
    if wanted is not None and wanted.lower() in columns:
        return wanted.lower(), []
    if wanted is not None or not usual:
        raise bad_annotation(
            path,
            "a column with the labels, such as Annotation" if wanted is None else wanted,
            f"the columns {', '.join(columns)}",
            "Name the column with --label-column.",
        )
    if len(usual) == 1:
        return usual[0], []
    others = ", ".join(usual[1:])
    note = f"{path}: labels are taken from {usual[0]!r}; --label-column would take {others}."
    return usual[0], [note]


def _one_row_a_selection(rows: Rows) -> Rows:
    kept: dict[tuple[str, ...], tuple[int, dict[str, str]]] = {}
    for line, cells in rows:
        number_ = cells.get("selection", "")
        key = (
            number_ or f"line {line}",
            cells[BEGIN],
            cells[END],
            *(cells.get(name, "") for name in _FILES),
        )
        known = kept.get(key)
        if known is None or known[1].get("view", "").lower().startswith(WAVEFORM):
            kept[key] = (known[0] if known else line, cells)
        elif known[1].get("view", "") == cells.get("view", ""):
            kept[(*key, str(line))] = (line, cells)  # the same view: no repetition, but a duplicate
    return list(kept.values())


def _mark(path: Path, line: int, cells: Mapping[str, str], label: str) -> Mark:
    def cell(column: str) -> Cell:
        return Cell(path, f"line {line}", column, cells.get(column, ""))

    onset, offset = times(cell(BEGIN), cell(END))
    name = next((cells[column] for column in _FILES if cells.get(column)), None)
    rate = _implied_rate(cell, onset)
    if name is not None and cells.get(_IN_FILE):
        length = offset - onset
        onset = number(cell(_IN_FILE), lowest=0.0)
        offset = onset + length
    return Mark(
        recording=name,
        onset=onset,
        offset=offset,
        label=needed(cell(label)),
        low_hz=optional_number(cell(_LOW), lowest=0.0),
        high_hz=optional_number(cell(_HIGH), lowest=0.0),
        score=next((number(cell(c)) for c in _SCORES if cells.get(c)), None),
        sample_rate=rate,
        in_waveform=cells.get("view", "").lower().startswith(WAVEFORM),
        place=f"line {line}",
    )


def _implied_rate(cell: Callable[[str], Cell], onset: float) -> float | None:
    """Hz, where a column says it, or where the onset stands there in samples as well."""
    for column in _RATES:
        if cell(column).text:
            return number(cell(column), lowest=0.0)
    for column in _SAMPLES:
        if cell(column).text:
            sample = number(cell(column), lowest=0.0)
            return sample / onset if onset > 0 and sample >= _LEAST_SAMPLE else None
    return None
