"""A manifest as a table that can be given back."""

import csv
import os
from pathlib import Path

from auricle.data.clip import Clip
from auricle.data.manifest import Manifest
from auricle.io import write_atomically, write_audio

_OPTIONAL = ("group", "split", "fold", "start", "end")


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Write a CSV (or TSV, by its suffix) that `read_manifest` takes back.

    Audio under the table's folder is named relative to it, other audio by its full path. Samples
    in memory are written, without loss, as .wav files into a folder beside the table.

    Args:
        manifest: any.
        path: the table.
    Raises:
        OutputError: a file cannot be written.
    """
    rows = [_row(clip, number, path) for number, clip in enumerate(manifest.clips, start=1)]
    columns = ["path", "label", *(name for name in _OPTIONAL if any(row[name] for row in rows))]
    delimiter = "\t" if path.suffix.lower() in {".tsv", ".tab"} else ","
    with (
        write_atomically(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as f,
    ):
        writer = csv.writer(f, delimiter=delimiter, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([row[name] for name in columns] for row in rows)


def _row(clip: Clip, number: int, table: Path) -> dict[str, str]:
    return {
        "path": _audio_path(clip, number, table),
        "label": clip.label,
        "group": clip.group or "",
        "split": clip.split or "",
        "fold": "" if clip.fold is None else str(clip.fold),
        "start": repr(float(clip.start_s)) if clip.start_s else "",
        "end": "" if clip.end_s is None else repr(float(clip.end_s)),
    }


def _audio_path(clip: Clip, number: int, table: Path) -> str:
    if clip.samples is not None and clip.sample_rate is not None:
        sound = table.parent / f"{table.stem}_audio" / f"{number:06d}.wav"
        write_audio(sound, clip.samples, clip.sample_rate, depth="float")
        return sound.relative_to(table.parent).as_posix()
    audio = Path(os.path.abspath(clip.path))
    folder = Path(os.path.abspath(table.parent))
    return (
        audio.relative_to(folder).as_posix() if audio.is_relative_to(folder) else audio.as_posix()
    )
