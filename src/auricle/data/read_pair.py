"""The field's classic pair: audio_data.csv and labels.csv, a line a clip in each."""

from pathlib import Path

import numpy as np

from auricle.data.clip import Clip
from auricle.data.found import Found
from auricle.data.tables import read_cells, table_error
from auricle.errors import ManifestError
from auricle.io import is_audio_path

PAIR_NAME = "audio_data.csv"
LABELS_NAME = "labels.csv"

_LABEL_HEADERS = frozenset({"label", "labels", "class", "category", "target", "y"})
Lines = list[tuple[int, list[str]]]
Sounds = list[tuple[Path, np.ndarray | None, int | None]]


def read_pair(audio: Path, labels: Path, *, sample_rate: int | None) -> Found:
    """Read a table with a path, or a row of samples, per line, and one with a label per line.

    Headers and an index column, as pandas writes them, are recognised and left out.

    Args:
        audio: each line one path, relative to its folder, or samples in [-1, 1].
        labels: each line one label.
        sample_rate: Hz of the samples; needed for them, and of no use for paths.
    Raises:
        ManifestError: the two do not fit each other, or a cell is neither path nor number.
        AudioError: samples are NaN or infinite, or the rate is out of range.
    """
    if not labels.is_file():
        raise table_error(labels, "one label a line", "no such file", "Name it with --labels.")
    lines = _without_index(read_cells(audio))
    if not lines:
        raise table_error(audio, "a path or a row of samples a line", "no line", "Add lines.")
    has_paths = is_audio_path(Path(lines[-1][1][0].strip()))
    if has_paths:
        clips = _path_clips(audio, lines)
    else:
        clips = _sample_clips(audio, lines, sample_rate=sample_rate)
    names = _labels(labels, count=len(clips), audio=audio)
    labelled = tuple(
        Clip(path=path, label=name, samples=samples, sample_rate=rate)
        for (path, samples, rate), name in zip(clips, names, strict=True)
    )
    return Found(clips=labelled, source="audio_data+labels", root=audio.parent)


def _without_index(lines: Lines) -> Lines:
    """Take out the column that pandas writes with an empty name: 0, 1, 2, ..."""
    if not lines or lines[0][1][0].strip() or len(lines[0][1]) < 2:
        return lines
    if [cells[0].strip() for _, cells in lines[1:]] != [str(i) for i in range(len(lines) - 1)]:
        return lines
    return [(line, cells[1:]) for line, cells in lines]


def _path_clips(audio: Path, lines: Lines) -> Sounds:
    if not is_audio_path(Path(lines[0][1][0].strip())):
        lines = lines[1:]  # a header
    paths = [audio.parent / cells[0].strip() for _, cells in lines]
    missing = [
        f"{path} (line {line})"
        for (line, _), path in zip(lines, paths, strict=True)
        if not path.is_file()
    ]
    if missing:
        raise table_error(
            audio,
            "every line's audio file to exist",
            f"{len(missing)} of {len(paths)} missing: {', '.join(missing[:3])}",
            f"Paths are relative to {audio.parent}.",
        )
    return [(path, None, None) for path in paths]


def _sample_clips(audio: Path, lines: Lines, *, sample_rate: int | None) -> Sounds:
    if sample_rate is None:
        raise table_error(
            audio,
            "a sample rate for rows of samples",
            "none",
            "Give it in Hz: --sample-rate 16000 (sample_rate=16000).",
        )
    if _is_header(lines[0][1], num_lines=len(lines)):
        lines = lines[1:]
    return [
        (audio.with_name(f"{audio.name}#{row}"), _samples(audio, line, cells), sample_rate)
        for row, (line, cells) in enumerate(lines, start=1)
    ]


def _is_header(cells: list[str], *, num_lines: int) -> bool:
    """Names, or the column numbers 0, 1, 2, ... that pandas writes."""
    if num_lines < 2:
        return False
    counted = [str(index) for index in range(len(cells))]
    return len(cells) > 1 and cells == counted or _numbers(cells) is None


def _samples(audio: Path, line: int, cells: list[str]) -> np.ndarray:
    while cells and not cells[-1].strip():  # shorter rows are filled up with empty cells
        cells = cells[:-1]
    samples = _numbers(cells)
    if samples is None:
        raise _bad_row(audio, line, "cells that are no numbers")
    peak = float(np.abs(samples).max(initial=0.0))
    if np.isfinite(peak) and peak > 1.0:
        raise _bad_row(audio, line, f"a peak of {peak:g}")
    samples.setflags(write=False)
    return samples


def _bad_row(audio: Path, line: int, got: str) -> ManifestError:
    return table_error(
        audio,
        "a path to an audio file, or samples in [-1, 1], in each line",
        f"{got} in line {line}",
        "Divide 16-bit samples by 32768; paths need an audio suffix such as .wav.",
    )


def _numbers(cells: list[str]) -> np.ndarray | None:
    try:
        return np.array(cells, dtype=np.float64).astype(np.float32)
    except ValueError:
        return None


def _labels(path: Path, *, count: int, audio: Path) -> list[str]:
    names = [cells[0].strip() for _, cells in _without_index(read_cells(path))]
    if names and (len(names) == count + 1 or names[0].lower() in _LABEL_HEADERS):
        names = names[1:]  # a header
    if len(names) != count:
        raise table_error(
            path,
            f"{count} labels, one for each line of {audio.name}",
            f"{len(names)} labels",
            "Line up the two files.",
        )
    if "" in names:
        raise table_error(
            path, "a label in every line", f"none for clip {names.index('') + 1}", "Fill it in."
        )
    return names
