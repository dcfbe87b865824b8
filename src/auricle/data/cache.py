"""Features that are computed once."""

import os
import re
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from auricle.errors import ConfigError, OutputError, ShapeError, message
from auricle.io import write_atomically

Frames = Float32[np.ndarray, "frames features"]

_ENTRY = re.compile(r"[0-9a-f]{64}\.npy")
_LEFT_OVER = re.compile(r"\.[0-9a-f]{64}\.[0-9a-f]{12}\.tmp\.npy")
_FOLDER = re.compile(r"[0-9a-f]{2}")
_LEFT_OVER_AGE_S = 3600.0  # a temporary file this old belongs to a process that was killed
_TRIM_TO = 0.9  # of max_bytes, so that a full cache is not trimmed at every write
_TRAILER = b"crc1"


class FeatureCache:
    """A folder of arrays by key, which several processes may use and any of them may be killed.

    Each entry is a .npy file with a checksum behind it. It is written under another name and
    renamed, and checked when it is read: one that is broken is computed again.

    Args:
        folder: made when the first entry is written.
        max_bytes: above it, entries unused for longest are deleted; None: no limit.
    Raises:
        ConfigError: max_bytes is negative.
    """

    def __init__(self, folder: Path, *, max_bytes: int | None = None) -> None:
        if max_bytes is not None and max_bytes < 0:
            raise ConfigError(
                message("max_bytes", expected=">= 0", got=max_bytes, remedy="None is no limit.")
            )
        self.folder = folder
        self.max_bytes = max_bytes
        self._size: int | None = None  # counted when first needed

    def get_or_compute(self, key: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """The array of this key, memory-mapped and read-only; computed if it is not there.

        Args:
            key: any text; it should name the content of the audio and the whole configuration.
            compute: gives a float32 array [frames, features].
        Raises:
            ShapeError: what was computed is something else.
            OutputError: the cache cannot be written.
        """
        found = self.get(key)
        return self.put(key, compute()) if found is None else found

    def get(self, key: str) -> np.ndarray | None:
        """The array of this key, memory-mapped and read-only; None if it is not there."""
        return _load(self._path(key))

    def put(self, key: str, array: np.ndarray) -> np.ndarray:
        """Keep an array [frames, features] of float32 under a key; returns it as `get` would.

        Raises:
            ShapeError: it is something else.
            OutputError: the cache cannot be written.
        """
        if array.dtype != np.float32 or array.ndim != 2:
            raise ShapeError(
                message(
                    "features",
                    expected="float32 [frames, features]",
                    got=f"{array.dtype} {list(array.shape)}",
                    remedy="Convert what compute() returns.",
                )
            )
        path = self._path(key)
        self._write(path, array)
        stored = _load(path)
        return array if stored is None else stored

    def size_bytes(self) -> int:
        """Bytes of all entries."""
        return sum(status.st_size for _, status in self._entries())

    def clear(self) -> int:
        """Delete all entries, and nothing else that lies in the folder; return how many."""
        count = 0
        for path, _ in list(self._entries()):
            count += _delete(path)
        self._delete_left_overs(age_s=0.0)
        self._size = None
        return count

    def trim(self) -> int:
        """Delete the entries unused for longest until max_bytes is kept; return how many."""
        self._delete_left_overs(age_s=_LEFT_OVER_AGE_S)
        entries = sorted(self._entries(), key=lambda entry: entry[1].st_mtime_ns)
        size = sum(status.st_size for _, status in entries)
        count = 0
        if self.max_bytes is not None and size > self.max_bytes:
            for path, status in entries:
                if size <= self.max_bytes * _TRIM_TO:
                    break
                count += _delete(path)
                size -= status.st_size
        self._size = size
        return count

    def _path(self, key: str) -> Path:
        digest = sha256(key.encode()).hexdigest()
        return self.folder / digest[:2] / f"{digest}.npy"

    def _write(self, path: Path, array: np.ndarray) -> None:
        try:
            with write_atomically(path, durable=False) as temporary:  # it has a checksum
                _store(temporary, array)
        except OutputError:
            if _load(path) is None:  # otherwise another process was quicker (Windows)
                raise
        if self.max_bytes is None:
            return
        if self._size is None:
            self._size = self.size_bytes()
        else:
            with suppress(FileNotFoundError):  # another process has trimmed it away
                self._size += path.stat().st_size
        if self._size > self.max_bytes:
            self.trim()

    def _entries(self) -> Iterator[tuple[Path, os.stat_result]]:
        yield from self._files(_ENTRY)

    def _delete_left_overs(self, *, age_s: float) -> None:
        for path, status in list(self._files(_LEFT_OVER)):
            if time.time() - status.st_mtime >= age_s:
                _delete(path)

    def _files(self, name: re.Pattern[str]) -> Iterator[tuple[Path, os.stat_result]]:
        """Files of the cache with such a name; those that vanish meanwhile are passed over."""
        if not self.folder.is_dir():
            return
        for shelf in self.folder.iterdir():
            if not _FOLDER.fullmatch(shelf.name) or not shelf.is_dir():
                continue
            for path in shelf.iterdir():
                if name.fullmatch(path.name):
                    with suppress(OSError):
                        yield path, path.stat()


def default_cache_folder() -> Path:
    """Where features are kept: AURICLE_CACHE if it is set, else the platform's place for caches."""
    chosen = os.environ.get("AURICLE_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        base = Path(local) if local else Path.home() / "AppData" / "Local"
        return base / "auricle" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "auricle"
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "auricle"


def _store(path: Path, array: np.ndarray) -> None:
    contiguous = np.ascontiguousarray(array)
    with path.open("wb") as file:
        np.lib.format.write_array(file, contiguous, allow_pickle=False)
        file.write(_TRAILER + zlib.crc32(contiguous.data).to_bytes(4, "little"))


def _load(path: Path) -> np.ndarray | None:
    """The entry, or None where there is none or it is broken; reading it makes it young again."""
    try:
        array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
        with path.open("rb") as file:
            file.seek(-8, os.SEEK_END)
            trailer = file.read()
        if trailer != _TRAILER + zlib.crc32(np.ascontiguousarray(array).data).to_bytes(4, "little"):
            return None
        with suppress(OSError):  # a read-only cache
            os.utime(path)
    except (OSError, ValueError, EOFError):
        return None
    return array


def _delete(path: Path) -> bool:
    """Whether it was deleted; on Windows a mapped file cannot be."""
    try:
        path.unlink()
    except OSError:
        return False
    return True
