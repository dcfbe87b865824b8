"""Manifests of published data sets, as they are unpacked."""

from dataclasses import replace
from pathlib import Path

from auricle.data.found import Found
from auricle.data.read_csv import clips_from_table
from auricle.data.read_folder import read_folder
from auricle.data.tables import read_table

ESC50_TABLE = Path("meta") / "esc50.csv"
_VALIDATION_LIST = "validation_list.txt"
_TESTING_LIST = "testing_list.txt"


def is_esc50(folder: Path) -> bool:
    """Whether the folder is ESC-50 as published."""
    return (folder / ESC50_TABLE).is_file() and (folder / "audio").is_dir()


def read_esc50(folder: Path, *, group_column: str | None = None) -> Found:
    """ESC-50: the class is ``category``, the folds are official."""
    return clips_from_table(
        read_table(folder / ESC50_TABLE),
        audio=folder / "audio",
        source="esc50",
        label_column="category",
        group_column=group_column,
    )


def is_speech_commands(folder: Path) -> bool:
    """Whether the folder is Speech Commands as published."""
    return (folder / _VALIDATION_LIST).is_file() and (folder / _TESTING_LIST).is_file()


def read_speech_commands(folder: Path) -> Found:
    """Speech Commands: class folders, and two lists of files that are not for training."""
    found = read_folder(folder)
    splits = dict.fromkeys(_lines(folder / _VALIDATION_LIST), "validation")
    splits |= dict.fromkeys(_lines(folder / _TESTING_LIST), "test")
    clips = tuple(
        replace(clip, split=splits.get(clip.path.relative_to(folder).as_posix(), "train"))
        for clip in found.clips
    )
    return replace(found, clips=clips, source="speech_commands")


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
