"""Which clips hold the very same bytes, without reading more of them than that takes."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path

from auricle.data.clip import Clip, file_fingerprint, sample_fingerprint

_EDGE = 8192  # bytes looked at, at either end, before a whole file is read


def content_keys(clips: Sequence[Clip]) -> list[Hashable]:
    """A key for each clip, equal for clips whose files, or samples, are byte for byte equal.

    Only files of equal size and equal edges are read whole. Missing and empty files equal none.
    """
    paths = {clip.path for clip in clips if clip.samples is None}
    keys: dict[Path, Hashable] = {path: path for path in paths}
    for same_size in _alike(paths, _size):
        for same_edges in _alike(same_size, _edges):
            for same in _alike(same_edges, file_fingerprint):
                first = min(same)
                keys.update((path, first) for path in same)
    return [keys[clip.path] if clip.samples is None else sample_fingerprint(clip) for clip in clips]


def short_id(clip: Clip) -> str:
    """Eight hexadecimal digits of the clip's file or samples; empty for a missing file."""
    if clip.samples is not None:
        return sample_fingerprint(clip)[:8]
    return file_fingerprint(clip.path)[:8] if clip.path.is_file() else ""


def _alike(paths: Iterable[Path], key: Callable[[Path], Hashable]) -> list[list[Path]]:
    """Sets of two or more paths with the same key; a key of None is like no other."""
    found: defaultdict[Hashable, list[Path]] = defaultdict(list)
    for path in paths:
        found[key(path)].append(path)
    return [same for value, same in found.items() if value is not None and len(same) > 1]


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size or None
    except OSError:
        return None


def _edges(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            digest = hashlib.sha256(file.read(_EDGE))
            size = file.seek(0, 2)
            file.seek(max(0, size - _EDGE))
            digest.update(file.read(_EDGE))
    except OSError:
        return None
    return digest.hexdigest()
