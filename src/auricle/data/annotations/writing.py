"""Annotations into files of every format, each whole or not at all."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import assert_never

from auricle.data.annotations.audacity import audacity_text
from auricle.data.annotations.dcase import dcase_text
from auricle.data.annotations.elan import elan_text, is_whole_milliseconds
from auricle.data.annotations.event import AnnotatedRecording, Annotations
from auricle.data.annotations.formats import SUFFIXES, AnnotationFormat
from auricle.data.annotations.koumura import is_whole_samples, koumura_text
from auricle.data.annotations.raven_writing import raven_text
from auricle.data.annotations.simple_csv import simple_csv_text
from auricle.data.annotations.textgrid import textgrid_text
from auricle.errors import OutputError, message
from auricle.io import write_atomically

_OF_ONE_RECORDING = frozenset({"raven", "audacity", "textgrid", "elan"})


def write_annotations(
    annotations: Annotations,
    path: Path,
    *,
    format: AnnotationFormat,
    keep: Iterable[Path] = (),
) -> tuple[Path, ...]:
    """Write annotations so that `read_annotations` reads the same events back.

    csv, dcase and koumura are one file for all recordings; raven, audacity, textgrid and elan
    are a file for each, named after the recording: ``path`` is a folder, or, where it has the
    format's suffix and there is one recording, that file. All texts are made before the first
    file is written; each file is written whole or not at all.

    Args:
        annotations: any.
        path: the file or folder.
        format: which.
        keep: files that must not be overwritten, such as those that were read.
    Returns:
        The files.
    Raises:
        ManifestError: a label cannot be held by the format.
        OutputError: a file cannot be written, or two recordings would go to one file.
    """
    texts = _texts(annotations, path, format)
    _check_places(texts, kept={place.resolve() for place in keep})
    for place, text in texts:
        with write_atomically(place) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")
    return tuple(place for place, _ in texts)


def what_is_lost(annotations: Annotations, format: AnnotationFormat) -> tuple[str, ...]:
    """A sentence for each thing that the format cannot hold and that is there."""
    events, parts = annotations.events, annotations.recordings
    checks = {
        "frequency bounds": any(e.low_hz is not None or e.high_hz is not None for e in events),
        "scores": any(event.score is not None for event in events),
        _ABOUT: any((p.split, p.group, p.fold) != (None,) * 3 for p in parts),
        _FINE: not all(map(is_whole_milliseconds, events)),
        _FINER: not all(map(is_whole_samples, parts)),
    }
    lost = [what for what in _CANNOT_HOLD[format] if checks[what]]
    ends = dict.fromkeys((_FINE, _FINER), "they are rounded to it")
    return tuple(f"{format} cannot hold {w}: {ends.get(w, 'they are left out')}." for w in lost)


_ABOUT = "splits, groups and folds"
_FINE = "times finer than a millisecond"
_FINER = "times finer than a sample"
_CANNOT_HOLD: dict[AnnotationFormat, tuple[str, ...]] = {
    "raven": (_ABOUT,),
    "audacity": ("scores", _ABOUT),
    "textgrid": ("frequency bounds", "scores", _ABOUT),
    "elan": ("frequency bounds", "scores", _ABOUT, _FINE),
    "dcase": ("frequency bounds", "scores", _ABOUT),
    "csv": (),
    "koumura": ("frequency bounds", "scores", _ABOUT, _FINER),
}


def _texts(
    annotations: Annotations, path: Path, format: AnnotationFormat
) -> list[tuple[Path, str]]:
    match format:
        case "csv":
            return [(path, simple_csv_text(annotations, output=path))]
        case "dcase":
            return [(path, dcase_text(annotations, output=path))]
        case "koumura":
            return [(path, koumura_text(annotations, output=path))]
        case "raven":
            return _each(annotations, path, format, lambda r, p: raven_text(r, source=p))
        case "audacity":
            return _each(annotations, path, format, lambda r, p: audacity_text(r, source=p))
        case "textgrid":
            return _each(annotations, path, format, lambda r, _: textgrid_text(r))
        case "elan":
            return _each(annotations, path, format, lambda r, _: elan_text(r))
        case _:
            assert_never(format)


def _each(
    annotations: Annotations,
    path: Path,
    format: AnnotationFormat,
    text: Callable[[AnnotatedRecording, Path], str],
) -> list[tuple[Path, str]]:
    suffix = SUFFIXES[format]
    if path.suffix.lower() == suffix.lower() and not path.is_dir():
        if len(annotations) != 1:
            raise _bad_place(
                path,
                f"a folder, since {format} has a file for each recording",
                f"one file for {len(annotations)} recordings",
                "Name a folder with --output.",
            )
        return [(path, text(annotations.recordings[0], path))]
    places = [
        path / _inside(part.path, annotations.root, suffix) for part in annotations.recordings
    ]
    parts = zip(annotations.recordings, places, strict=True)
    return [(place, text(recording, place)) for recording, place in parts]


def _inside(audio: Path, root: Path, suffix: str) -> Path:
    """Where in the folder: as the recording lies under the root, or by its name alone."""
    inside = audio.is_relative_to(root)
    place = audio.relative_to(root) if inside else Path(audio.name)
    return place.with_name(place.stem + suffix)


def _check_places(texts: list[tuple[Path, str]], *, kept: set[Path]) -> None:
    seen: set[Path] = set()
    for place, _ in texts:
        if place in seen:
            raise _bad_place(
                place, "a file for each recording", "two of them", "Rename one of the recordings."
            )
        if place.resolve() in kept:
            raise _bad_place(
                place, "an output beside the input", "the input", "Choose another --output."
            )
        seen.add(place)


def _bad_place(path: Path, expected: str, got: str, remedy: str) -> OutputError:
    return OutputError(message(str(path), expected=expected, got=got, remedy=remedy))
