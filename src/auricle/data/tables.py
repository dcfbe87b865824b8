"""Reading CSV and TSV files that people and their programs write."""

import csv
from dataclasses import dataclass
from pathlib import Path

from auricle.errors import ManifestError, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table: its line in the file, counted from 1, and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a header; column names are in lower case."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path) -> Table:
    """Read a table whose first line names the columns.

    Raises:
        ManifestError: the file is missing, not UTF-8, empty, or a row has too many cells.
    """
    lines = read_cells(path)
    if not lines:
        raise table_error(path, "a header and rows", "an empty file", "Write `path,label` first.")
    columns = tuple(name.strip().lower() for name in lines[0][1])
    rows = []
    for line, cells in lines[1:]:
        if len(cells) > len(columns):
            raise table_error(
                path,
                f"{len(columns)} cells a row",
                f"{len(cells)} in line {line}",
                "Put cells that hold the delimiter in double quotes.",
            )
        padded = [cell.strip() for cell in cells] + [""] * (len(columns) - len(cells))
        rows.append(Row(line=line, cells=dict(zip(columns, padded, strict=True))))
    return Table(path=path, columns=columns, rows=tuple(rows))


def read_cells(path: Path) -> list[tuple[int, list[str]]]:
    """The line number and the cells of each line that is not blank.

    Raises:
        ManifestError: the file is missing or not UTF-8 text.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter_of(path, head))
            return [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except UnicodeDecodeError as error:
        raise table_error(path, "UTF-8 text", "other bytes", "Save it as `CSV UTF-8`.") from error
    except csv.Error as error:
        raise table_error(path, "a CSV or TSV table", str(error), "Save it as CSV.") from error
    except OSError as error:
        raise table_error(
            path, "a readable table", error.strerror or error, "Check the path."
        ) from error


def table_error(path: Path, expected: str, got: object, remedy: str) -> ManifestError:
    """The house's error for a table."""
    return ManifestError(message(str(path), expected=expected, got=got, remedy=remedy))


def delimiter_of(path: Path, head: str) -> str:
    """What stands between the cells: a tab by the file's name, or the commonest in its head."""
    if path.suffix.lower() in {".tsv", ".tab"}:
        return "\t"
    return max(",;\t", key=head.count)
