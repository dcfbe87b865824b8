"""The recordings of an archive: which there are, and which rate most of them have."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from auricle.errors import AuricleError, ConfigError, message
from auricle.io import audio_info, is_audio_path

_HIGHEST_RATE = 48_000

Note = Callable[[str], None]
"""Told a sentence for the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A file, and what tells whether it is still the same one.

    Attributes:
        path: as it was named.
        size: bytes; 0 for a file that is not there.
        changed_ns: when it was last changed, ns since 1970.
    """

    path: Path
    size: int
    changed_ns: int


def list_recordings(paths: Sequence[Path]) -> tuple[Recording, ...]:
    """Files as they are named; of folders, every sound file in them, by name; each file once.

    A file that does not exist is kept, so that reading it says so.

    Raises:
        ConfigError: no sound file at all.
    """
    found: dict[str, Recording] = {}
    for path in paths:
        inside = path.rglob("*") if path.is_dir() else ()
        files = sorted(p for p in inside if p.is_file() and is_audio_path(p))
        for file in files if path.is_dir() else [path]:
            found.setdefault(os.path.abspath(file), _look_at(file))
    if not found:
        raise ConfigError(
            message(
                "paths",
                expected="at least one sound file, or a folder that holds some",
                got=", ".join(map(str, paths)) or "none",
                remedy="Check the folder; see docs/data.md for the kinds of file that are read.",
            )
        )
    return tuple(found.values())


def _look_at(path: Path) -> Recording:
    try:
        status = path.stat()
    except OSError:
        return Recording(path=path, size=0, changed_ns=0)
    return Recording(path=path, size=status.st_size, changed_ns=status.st_mtime_ns)


def common_rate(recordings: Sequence[Recording], *, note: Note) -> int:
    """The most common rate of the recordings, Hz, at most 48 kHz; others are said to be resampled.

    Raises:
        AudioError: none of them can be read; the first one's reason.
    """
    rates: Counter[int] = Counter()
    for recording in recordings:
        try:
            rates[audio_info(recording.path).sample_rate] += 1
        except AuricleError:
            continue  # named when its turn comes
    if not rates:
        audio_info(recordings[0].path)
    common = min(rates.most_common(1)[0][0] if rates else _HIGHEST_RATE, _HIGHEST_RATE)
    others = sum(count for rate, count in rates.items() if rate != common)
    if others:
        note(f"{others} of {rates.total()} recordings are not at {common} Hz and will be resampled "
             "to it (--rate chooses another).")  # fmt: skip
    return common
