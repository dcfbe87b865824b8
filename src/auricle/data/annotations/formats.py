"""Which format a file of annotations has, and who reads it."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, assert_never

from auricle.data.annotations.audacity import read_audacity
from auricle.data.annotations.dcase import HEADER, read_dcase
from auricle.data.annotations.elan import ROOT as ELAN_ROOT
from auricle.data.annotations.elan import read_elan
from auricle.data.annotations.koumura import ROOT as KOUMURA_ROOT
from auricle.data.annotations.koumura import read_koumura
from auricle.data.annotations.parsed import Parsed, bad_annotation, read_text
from auricle.data.annotations.raven import is_raven, read_raven
from auricle.data.annotations.recordings import MANIFESTS
from auricle.data.annotations.simple_csv import is_simple_csv, read_simple_csv
from auricle.data.annotations.textgrid import read_textgrid
from auricle.data.tables import delimiter_of

AnnotationFormat = Literal["raven", "audacity", "textgrid", "elan", "dcase", "csv", "koumura"]

SUFFIXES: dict[AnnotationFormat, str] = {
    "raven": ".txt",
    "audacity": ".txt",
    "textgrid": ".TextGrid",
    "elan": ".eaf",
    "dcase": ".tsv",
    "csv": ".csv",
    "koumura": ".xml",
}
_READ_SUFFIXES = frozenset(suffix.lower() for suffix in SUFFIXES.values())
_NUMBERS = re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?\t[-+]?[\d.,]+(e[-+]?\d+)?(\t|$)", re.I)
_NAMED_NUMBERS = re.compile(r"[^\t]+\t[\d.]+\t[\d.]+\t[^\t]+$")


def annotation_files(
    paths: Sequence[Path], *, format: AnnotationFormat | Literal["auto"]
) -> tuple[list[tuple[Path, Path]], list[Path]]:
    """The files that these paths mean: themselves, and of folders every annotation in them.

    Of a folder those are taken whose suffix fits the format, or, where it is "auto", whose
    format can be told.

    Returns:
        The files, each with the folder that was named or in which it lies; and the files of
        folders that were passed over though their suffix would fit.
    Raises:
        ManifestError: nothing is there.
    """
    files: list[tuple[Path, Path]] = []
    passed_over: list[Path] = []
    for path in paths:
        if not path.exists():
            raise bad_annotation(
                path, "a file or a folder of annotations", "nothing there", "Check the path."
            )
        if path.is_dir():
            taken, others = _in_folder(path, format)
            files += [(file, path) for file in taken]
            passed_over += others
        else:
            files.append((path, path.parent))
    if not files:
        raise bad_annotation(
            paths[0] if paths else Path("."),
            f"annotations ({', '.join(SUFFIXES)})",
            "none",
            "Name a file, or the format with --from.",
        )
    return files, passed_over


def guess_format(path: Path) -> AnnotationFormat:
    """The format of a file, from its name and content.

    Raises:
        ManifestError: it is none that auricle knows.
    """
    found = _guess(path)
    if found is None:
        raise bad_annotation(
            path,
            f"annotations in one of the formats {', '.join(SUFFIXES)}",
            f"a file that begins with {read_text(path)[:40]!r}",
            "Name the format with --from.",
        )
    return found


def parse(
    path: Path, format: AnnotationFormat, *, label_column: str | None, tier: str | None
) -> Parsed:
    """Read a file of a format that is known.

    Raises:
        ManifestError: the file cannot be understood.
    """
    match format:
        case "raven":
            return read_raven(path, label_column=label_column)
        case "audacity":
            return read_audacity(path)
        case "textgrid":
            return read_textgrid(path, tier=tier)
        case "elan":
            return read_elan(path, tier=tier)
        case "dcase":
            return read_dcase(path, label_column=label_column)
        case "csv":
            return read_simple_csv(path, label_column=label_column)
        case "koumura":
            return read_koumura(path)
        case _:
            assert_never(format)


def _in_folder(
    folder: Path, format: AnnotationFormat | Literal["auto"]
) -> tuple[list[Path], list[Path]]:
    names = (p for p in sorted(folder.rglob("*")) if p.name not in MANIFESTS and p.is_file())
    if format != "auto":
        return [path for path in names if path.suffix.lower() == SUFFIXES[format].lower()], []
    fitting = [path for path in names if path.suffix.lower() in _READ_SUFFIXES]
    told = {path: _guess(path) is not None for path in fitting}
    return [path for path in fitting if told[path]], [path for path in fitting if not told[path]]


def _guess(path: Path) -> AnnotationFormat | None:
    suffix = path.suffix.lower()
    if suffix == ".textgrid":
        return "textgrid"
    if suffix == ".eaf":
        return "elan"
    text = read_text(path)
    if suffix == ".xml" or text.lstrip().startswith("<"):
        return _guess_xml(text[:5000])
    if 'File type = "ooTextFile' in text[:200]:
        return "textgrid"
    return _guess_table(path, next(iter(text.splitlines()), ""))


def _guess_xml(head: str) -> AnnotationFormat | None:
    if f"<{KOUMURA_ROOT}" in head:
        return "koumura"
    return "elan" if f"<{ELAN_ROOT}" in head else None


def _guess_table(path: Path, first_line: str) -> AnnotationFormat | None:
    if is_raven(first_line):
        return "raven"
    if _NUMBERS.match(first_line):
        return "audacity"
    names = tuple(name.strip().lower() for name in first_line.split("\t"))
    if names[:3] == HEADER[:3] or _NAMED_NUMBERS.match(first_line):
        return "dcase"
    cells = next(csv.reader([first_line], delimiter=delimiter_of(path, first_line)), [])
    return "csv" if is_simple_csv(tuple(cell.strip().lower() for cell in cells)) else None
