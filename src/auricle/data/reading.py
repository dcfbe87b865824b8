"""The one door for every kind of list of recordings."""

from dataclasses import replace
from pathlib import Path

from auricle.data.found import Found
from auricle.data.groups import NO_GROUPS, infer_groups
from auricle.data.manifest import Manifest
from auricle.data.read_csv import is_manifest_table, read_csv
from auricle.data.read_folder import read_folder
from auricle.data.read_known import (
    is_esc50,
    is_speech_commands,
    read_esc50,
    read_speech_commands,
)
from auricle.data.read_pair import LABELS_NAME, PAIR_NAME, read_pair
from auricle.errors import ManifestError, message
from auricle.io import is_audio_path

_OUR_TABLES = ("manifest.csv", "manifest.tsv")
_TABLES = (*_OUR_TABLES, "metadata.csv", "metadata.tsv")  # other programs write metadata, too


def read_manifest(
    path: Path,
    *,
    labels: Path | None = None,
    label_column: str = "label",
    group_column: str | None = None,
    sample_rate: int | None = None,
    one_class: bool = False,
) -> Manifest:
    """Read a list of labelled recordings, whatever form it has.

    Understood are: a folder of class folders; a CSV or TSV with the columns path and label (and
    group, split, fold, start, end, if they are there), or a folder that holds one as
    manifest.csv or metadata.csv; audio_data.csv with labels.csv; ESC-50; Speech Commands.

    Args:
        path: the folder or the table.
        labels: the table of labels, where ``path`` has none: one label a line.
        label_column: which column is the class.
        group_column: which column is the group, such as the speaker; None takes ``group``.
        sample_rate: Hz, of a table whose rows are samples.
        one_class: a folder that holds recordings and no class folders is a class of its name.
    Raises:
        ManifestError: nothing is there, or it cannot be understood.
        AudioError: rows of samples are no sound.
    """
    if not path.exists():
        raise _refused(path, "nothing there", "Check the path.")
    if labels is not None or _is_pair(path):
        found = _pair(path, labels=labels, sample_rate=sample_rate)
    elif path.is_dir():
        found = _folder(
            path, label_column=label_column, group_column=group_column, one_class=one_class
        )
    elif path.parent.name == "meta" and is_esc50(path.parent.parent):
        found = read_esc50(path.parent.parent, group_column=group_column)
    elif is_audio_path(path):
        raise _refused(path, "one audio file", "Name the folder that holds the class folders.")
    else:
        found = read_csv(path, label_column=label_column, group_column=group_column)
    groups, rule = infer_groups(found.clips, column=found.group_column)
    return Manifest(
        clips=tuple(replace(c, group=g) for c, g in zip(found.clips, groups, strict=True)),
        source=found.source,
        root=found.root,
        group_rule=rule,
        notes=found.notes + (found.group_hints if rule == NO_GROUPS else ()),
    )


def _folder(
    path: Path, *, label_column: str, group_column: str | None, one_class: bool = False
) -> Found:
    tables = [path / name for name in _TABLES if (path / name).is_file()]
    for table in tables:
        ours = table.name in _OUR_TABLES
        if ours or is_manifest_table(table, label_column=label_column):
            return read_csv(table, label_column=label_column, group_column=group_column)
    if is_esc50(path):
        return read_esc50(path, group_column=group_column)
    wanted = label_column != "label" or group_column is not None
    if tables and wanted:
        return read_csv(tables[0], label_column=label_column, group_column=group_column)
    if wanted:
        raise _refused(
            path, "no manifest.csv or metadata.csv", "A column can only be chosen from a table."
        )
    if is_speech_commands(path):
        return read_speech_commands(path)
    return _class_folders(path, tables, one_class=one_class)


def _class_folders(path: Path, tables: list[Path], *, one_class: bool) -> Found:
    inner = [entry for entry in path.iterdir() if entry.is_dir() and entry.name[0] not in "._"]
    if len(inner) == 1 and (is_esc50(inner[0]) or is_speech_commands(inner[0])):
        return _folder(inner[0], label_column="label", group_column=None)
    found = read_folder(path, one_class=one_class)
    if not tables:
        return found
    columns = "it has not both columns path and label"
    note = f"{tables[0].name} is not used: {columns}; the class folders are."
    return replace(found, notes=(*found.notes, note))


def _is_pair(path: Path) -> bool:
    if path.is_dir():
        return (path / PAIR_NAME).is_file() and (path / LABELS_NAME).is_file()
    return path.name == PAIR_NAME and (path.parent / LABELS_NAME).is_file()


def _pair(path: Path, *, labels: Path | None, sample_rate: int | None) -> Found:
    table = path / PAIR_NAME if path.is_dir() else path
    return read_pair(table, labels or table.parent / LABELS_NAME, sample_rate=sample_rate)


def _refused(path: Path, got: str, remedy: str) -> ManifestError:
    return ManifestError(
        message(
            str(path),
            expected="a folder of class folders, or a CSV with the columns path,label",
            got=got,
            remedy=remedy,
        )
    )
