"""What an annotation file says, before its recordings are looked for."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from auricle.errors import ManifestError, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One event as its file states it.

    Attributes:
        recording: the recording's name in the file; None where the format has no room for it.
        onset, offset: in the unit of `Parsed`.
        label: never empty.
        low_hz, high_hz, score: None where the file has none.
        sample_rate: Hz, where the file claims or implies one.
        in_waveform: drawn where there are no frequencies, so that the whole band means none.
        place: such as "line 3".
    """

    recording: str | None
    onset: float
    offset: float
    label: str
    low_hz: float | None = None
    high_hz: float | None = None
    score: float | None = None
    sample_rate: float | None = None
    in_waveform: bool = False
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """All that one annotation file says.

    Attributes:
        path: the file.
        marks: in its order.
        recordings: every recording it names, also those without an event, and what its columns
            say of each (split, group, fold).
        unit: of onset and offset.
        unit_is_said: the format fixes the unit, so that it cannot be another by mistake.
        of_one: the file is of one recording and does not name it.
        empty_tiers: tiers without an event.
        notes: as in `Annotations`.
    """

    path: Path
    marks: tuple[Mark, ...]
    recordings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unit: Literal["s", "samples"] = "s"
    unit_is_said: bool = False
    of_one: bool = False
    empty_tiers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Cell(NamedTuple):
    """One cell of a text file, for messages: the file, the place, the column, the text."""

    path: Path
    place: str
    column: str
    text: str


def bad_annotation(path: Path, expected: str, got: object, remedy: str) -> ManifestError:
    """The house's error for an annotation file."""
    return ManifestError(message(str(path), expected=expected, got=got, remedy=remedy))


def bad_cell(cell: Cell, expected: str, remedy: str) -> ManifestError:
    """The house's error for one cell of an annotation file."""
    rule = f"{expected} ({cell.place}, {cell.column})"
    return bad_annotation(cell.path, rule, repr(cell.text), remedy)


def number(cell: Cell, *, lowest: float = -math.inf) -> float:
    """A finite number that is not below the lowest allowed.

    Raises:
        ManifestError: it is none.
    """
    try:
        value = math.nan if "_" in cell.text else float(cell.text)
    except ValueError:
        value = math.nan
    if math.isfinite(value) and value >= lowest:
        return value
    remedy = "Mend the cell."
    if cell.text.count(",") == 1 and "." not in cell.text:
        remedy = "Write a decimal point, not a comma."
    bound = "" if lowest == -math.inf else f" >= {lowest:g}"
    raise bad_cell(cell, f"a number{bound}, such as 1.25", remedy)


def optional_number(cell: Cell, *, lowest: float = -math.inf) -> float | None:
    """As `number`; None for an empty cell."""
    return number(cell, lowest=lowest) if cell.text else None


def times(onset: Cell, offset: Cell) -> tuple[float, float]:
    """Onset and offset, 0 <= onset <= offset.

    Raises:
        ManifestError: they are not.
    """
    first, last = number(onset, lowest=0.0), number(offset, lowest=0.0)
    if last < first:
        remedy = f"The onset is {onset.text}: are the two exchanged?"
        raise bad_cell(offset, "an offset that is not before its onset", remedy)
    return first, last


def needed(cell: Cell) -> str:
    """The cell's text.

    Raises:
        ManifestError: it is empty.
    """
    if not cell.text:
        raise bad_cell(cell, f"a {cell.column} for every event", "Fill it in.")
    return cell.text


def read_text(path: Path) -> str:
    """The text of an annotation file: UTF-8, or UTF-16 with its mark, as Praat writes it.

    Raises:
        ManifestError: the file is missing, or is no such text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise bad_annotation(path, "a readable file", reason, "Check the path.") from error
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise bad_annotation(path, "UTF-8 text", "other bytes", "Save it as UTF-8.") from error


def read_lines(path: Path) -> list[str]:
    """The lines of an annotation file; only ends of lines end them, not U+2028 and its kin.

    Raises:
        ManifestError: as `read_text`.
    """
    return read_text(path).replace("\r\n", "\n").replace("\r", "\n").split("\n")
