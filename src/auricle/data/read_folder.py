"""A manifest from a folder of class folders."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from auricle.data.clip import Clip
from auricle.data.found import Found
from auricle.data.read_csv import split_name
from auricle.errors import ManifestError, message
from auricle.io import is_audio_path

BACKGROUND_FOLDER = "_background_noise_"
_NOT_DECODED = frozenset({".m4a", ".aac", ".wma", ".mp4", ".webm", ".amr", ".mka", ".ape"})
_SPLITS = frozenset({"train", "validation", "test"})


def read_folder(folder: Path, *, one_class: bool = False) -> Found:
    """The class is the first folder under ``folder``; files may lie deeper.

    Where all first folders are train, validation and test, the second is the class.
    Names that begin with a dot and the folder ``_background_noise_`` are left out.

    Args:
        folder: searched with its sub-folders.
        one_class: recordings that lie in the folder itself, without any class folder, are a class
            of its name.
    Raises:
        ManifestError: no audio lies in a class folder.
    """
    files = [path.relative_to(folder) for path in _walk(folder)]
    sounds = [path for path in files if is_audio_path(path)]
    has_splits = _has_splits(sounds)
    depth = 1 if has_splits else 0
    placed = [path for path in sounds if len(path.parts) > depth + 1]
    used = [path for path in placed if path.parts[depth] != BACKGROUND_FOLDER]
    if one_class and sounds and not placed:
        return _own_class(folder, files, sounds)
    if not used:
        raise _no_classes(folder, files, sounds)
    clips = tuple(
        Clip(
            path=folder / path,
            label=path.parts[depth],
            split=split_name(path.parts[0]) if has_splits else None,
        )
        for path in used
    )
    return Found(
        clips=clips,
        source="folder",
        root=folder,
        notes=_notes(
            files,
            num_unplaced=len(sounds) - len(placed),
            num_background=len(placed) - len(used),
            has_splits=has_splits,
        ),
    )


def _own_class(folder: Path, files: list[Path], sounds: list[Path]) -> Found:
    label = folder.resolve().name
    return Found(
        clips=tuple(Clip(path=folder / path, label=label) for path in sounds),
        source="folder of one class",
        root=folder,
        notes=_notes(files, num_unplaced=0, num_background=0, has_splits=False),
    )


def _walk(folder: Path) -> Iterator[Path]:
    """Every file, sorted, following links once; hidden and Mac resource names are left out."""
    seen: set[str] = set()
    for name, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(name)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "__MACOSX")
        yield from (Path(name) / file for file in sorted(files) if not file.startswith("."))


def _has_splits(sounds: list[Path]) -> bool:
    first = {split_name(path.parts[0]) for path in sounds if len(path.parts) > 1}
    return "train" in first and len(first) > 1 and first <= _SPLITS


def _notes(
    files: list[Path], *, num_unplaced: int, num_background: int, has_splits: bool
) -> tuple[str, ...]:
    notes = []
    if has_splits:
        notes.append("The first folders are a split (train, validation, test); classes lie below.")
    if num_unplaced:
        notes.append(f"{num_unplaced} audio files outside any class folder are left out.")
    if num_background:
        notes.append(f"{num_background} files of {BACKGROUND_FOLDER} are left out: it is no class.")
    for suffix, count in sorted(_foreign(files).items()):
        notes.append(f"{count} {suffix} files are left out: convert them to .flac or .wav first.")
    return tuple(notes)


def _foreign(files: list[Path]) -> Counter[str]:
    return Counter(path.suffix.lower() for path in files if path.suffix.lower() in _NOT_DECODED)


def _no_classes(folder: Path, files: list[Path], sounds: list[Path]) -> ManifestError:
    if sounds:
        got = f"{len(sounds)} audio files in the folder itself"
    elif foreign := _foreign(files):
        got = f"only {', '.join(f'{count} {s} files' for s, count in sorted(foreign.items()))}"
    elif files:
        got = f"{len(files)} files, none of them audio"
    else:
        got = "an empty folder"
    return ManifestError(
        message(
            str(folder),
            expected="a folder for each class with .wav, .flac, .ogg or .mp3 files in it",
            got=got,
            remedy="Sort the recordings into folders named after their classes, or list them in "
            "manifest.csv with the columns path,label.",
        )
    )
