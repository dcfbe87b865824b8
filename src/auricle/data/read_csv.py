"""A manifest from a table with the columns path and label."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

from auricle.data.clip import Clip
from auricle.data.found import Found
from auricle.data.tables import Row, Table, read_table, table_error
from auricle.errors import ManifestError

PATH_COLUMNS = ("path", "file", "filename", "file_name", "filepath")
_GROUP_LIKE = (
    "speaker",
    "speaker_id",
    "subject",
    "actor",
    "session",
    "recording",
    "source",
    "site",
)
_SPLITS = {
    "train": "train",
    "training": "train",
    "valid": "validation",
    "validation": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}


def read_csv(path: Path, *, label_column: str = "label", group_column: str | None = None) -> Found:
    """Read ``path,label[,group,split,fold,start,end]``; times are in seconds.

    Args:
        path: CSV or TSV; a semicolon is understood too. Audio paths are relative to its folder.
        label_column: which column is the class.
        group_column: which column is the group; None takes the column ``group`` if there is one.
    Raises:
        ManifestError: a column is missing, a cell cannot be understood, or audio is missing.
    """
    return clips_from_table(
        read_table(path),
        audio=path.parent,
        source="csv",
        label_column=label_column,
        group_column=group_column,
    )


def clips_from_table(
    table: Table, *, audio: Path, source: str, label_column: str, group_column: str | None
) -> Found:
    """The clips of a table whose audio lies in ``audio``."""
    path_column = next((name for name in PATH_COLUMNS if name in table.columns), "path")
    columns = [path_column, label_column.lower()]
    if group_column is not None:
        columns.append(group_column.lower())
    _require(table, columns)
    if not table.rows:
        raise table_error(table.path, "at least one row", "only a header", "Add rows.")
    group = "group" if group_column is None else group_column.lower()
    clips = tuple(
        _clip(table, row, audio=audio, path=path_column, label=columns[1], group=group)
        for row in table.rows
    )
    _require_files(table, clips)
    return Found(
        clips=clips,
        source=source,
        root=table.path.parent,
        group_column=group,
        group_hints=_group_hints(table, group),
    )


def is_manifest_table(path: Path, *, label_column: str) -> bool:
    """Whether the table has a path column and the label column."""
    columns = read_table(path).columns
    return label_column.lower() in columns and any(name in columns for name in PATH_COLUMNS)


def split_name(text: str) -> str:
    """ "train", "validation" or "test" for the field's spellings; other words as they are."""
    return _SPLITS.get(text.strip().lower(), text.strip())


def _clip(table: Table, row: Row, *, audio: Path, path: str, label: str, group: str) -> Clip:
    for column in (path, label):
        if not row.cells[column]:
            raise _bad_cell(table, row, column, "a value in every row", "Fill it in.")
    start_s = _number(table, row, ("start", "start_s"))
    end_s = _number(table, row, ("end", "end_s"))
    if end_s is not None and end_s <= (start_s or 0.0):
        raise _bad_cell(table, row, "end", "start < end, in seconds", "Mend the times.")
    return Clip(
        path=_audio_path(audio, row.cells[path]),
        label=row.cells[label],
        group=row.cells.get(group) or None,
        split=split_name(row.cells.get("split", "")) or None,
        fold=_fold(table, row),
        start_s=start_s or 0.0,
        end_s=end_s,
    )


def _audio_path(audio: Path, text: str) -> Path:
    path = audio / text
    if "\\" in text and not path.exists():  # written on Windows
        return audio / text.replace("\\", "/")
    return path


def _number(table: Table, row: Row, columns: Sequence[str]) -> float | None:
    column = next((name for name in columns if row.cells.get(name)), None)
    if column is None:
        return None
    try:
        value = float(row.cells[column])
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise _bad_cell(table, row, column, "seconds >= 0, such as 1.25", "Mend the cell.")
    return value


def _fold(table: Table, row: Row) -> int | None:
    text = row.cells.get("fold", "")
    if text and not re.fullmatch(r"\d+(\.0+)?", text):
        raise _bad_cell(table, row, "fold", "a whole number >= 0", "Number the folds.")
    return int(float(text)) if text else None


def _bad_cell(table: Table, row: Row, column: str, expected: str, remedy: str) -> ManifestError:
    name = f"line {row.line}, column {column!r}"
    return table_error(table.path, f"{expected} ({name})", repr(row.cells[column]), remedy)


def _require(table: Table, columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise table_error(
            table.path,
            f"the columns {', '.join(columns)}",
            f"{', '.join(table.columns)} (without {', '.join(missing)})",
            "Rename a column in the first line, or name the one to use with --label-column or "
            "--group-column.",
        )


def _require_files(table: Table, clips: Sequence[Clip]) -> None:
    found = {path: path.is_file() for path in {clip.path for clip in clips}}
    missing = [
        f"{clip.path} (line {row.line})"
        for clip, row in zip(clips, table.rows, strict=True)
        if not found[clip.path]
    ]
    if missing:
        shown = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
        raise table_error(
            table.path,
            "every row's audio file to exist",
            f"{len(missing)} of {len(clips)} missing: {shown}",
            f"Paths are relative to {table.path.parent}: mend them or take the rows out.",
        )


def _group_hints(table: Table, group: str) -> tuple[str, ...]:
    if group in table.columns:
        return ()
    return tuple(
        f"The column {name!r} could be the group: --group-column {name} makes it so."
        for name in _GROUP_LIKE
        if name in table.columns
    )
