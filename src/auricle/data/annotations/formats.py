"""Which format a file of annotations has, and who reads it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, assert_never

from auricle.data.annotations.parsed import Parsed, bad_annotation, read_text
from auricle.data.annotations.recordings import MANIFESTS
from auricle.data.annotations.simple_csv import is_simple_csv, read_simple_csv
from auricle.data.tables import read_table

AnnotationFormat = Literal["csv"]

_SUFFIXES = frozenset({".txt", ".csv", ".tsv"})
_KNOWN = "a simple CSV (path,onset_s,offset_s,label)"


def annotation_files(
    paths: Sequence[Path], *, format: AnnotationFormat | Literal["auto"]
) -> list[Path]:
    """The files that these paths mean: themselves, and of folders every annotation in them."""
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise bad_annotation(path, "a file or folder of annotations", "none", "Check the path.")
        files += _in_folder(path) if path.is_dir() else [path]
    return files


def guess_format(path: Path) -> AnnotationFormat:
    """The format of a file, from its name and content."""
    if is_simple_csv(read_table(path).columns):
        return "csv"
    raise bad_annotation(path, f"annotations: {_KNOWN}", read_text(path)[:40], "Name it.")


def parse(
    path: Path, format: AnnotationFormat, *, label_column: str | None, tier: str | None
) -> Parsed:
    """Read a file of a format that is known."""
    match format:
        case "csv":
            return read_simple_csv(path, label_column=label_column)
        case _:
            assert_never(format)


def _in_folder(folder: Path) -> list[Path]:
    names = (p for p in sorted(folder.rglob("*")) if p.name not in MANIFESTS)
    return [path for path in names if path.suffix.lower() in _SUFFIXES]
