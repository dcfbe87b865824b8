"""What is done so far, in a folder beside the output, so that a run that was killed goes on.

A part is two files: ``NAME.f32``, rows of 32-bit floats one after another, and ``NAME.json``, which
says whose rows they are. The second is written, under another name and renamed, when the first is
complete and on the disk; without it the first counts for nothing.
"""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from jaxtyping import Float32

from auricle.archive.recordings import Recording
from auricle.errors import OutputError, message
from auricle.io import write_atomically

_ROWS_AT_ONCE = 1 << 15
_BYTES = 4  # of a number

Rows = Float32[np.ndarray, "rows columns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A recording's rows in a part.

    Attributes:
        recording: whose they are.
        part: the file of numbers.
        first: number of its first row in that file.
        rows: how many there are.
        columns: numbers a row.
        duration_s: length of the recording, seconds.
        source_rate: its sample rate before resampling, Hz.
    """

    recording: Recording
    part: Path
    first: int
    rows: int
    columns: int
    duration_s: float
    source_rate: int

    def read(self) -> Iterator[Rows]:
        """The rows, so many at a time that memory does not grow with the recording."""
        for start in range(0, self.rows, _ROWS_AT_ONCE):
            count = min(_ROWS_AT_ONCE, self.rows - start)
            offset = (self.first + start) * self.columns * _BYTES
            flat = np.fromfile(self.part, dtype="<f4", count=count * self.columns, offset=offset)
            yield flat.reshape(count, self.columns).astype(np.float32, copy=False)


class PartWriter:
    """Writes one part; nothing of it counts before `close`.

    Args:
        folder: where parts are.
        columns: numbers a row.
    """

    def __init__(self, folder: Path, *, columns: int) -> None:
        self.folder, self.columns = folder, columns
        self.data = folder / f"{secrets.token_hex(8)}.f32"
        self._file: BinaryIO = self.data.open("wb")
        self._entries: list[dict[str, object]] = []
        self._begun = self._rows = 0
        self._closed = False

    def add(self, rows: Rows) -> None:
        """Some rows of the recording at hand."""
        self._file.write(np.ascontiguousarray(rows, dtype="<f4").data)
        self._rows += len(rows)

    def done(self, recording: Recording, *, duration_s: float, source_rate: int) -> None:
        """The rows since the last call are all of this recording's."""
        self._entries.append(
            {
                "path": str(recording.path),
                "size": recording.size,
                "changed_ns": recording.changed_ns,
                "first": self._begun,
                "rows": self._rows - self._begun,
                "duration_s": duration_s,
                "source_rate": source_rate,
            }
        )
        self._begun = self._rows

    def failed(self) -> None:
        """Forget the rows since the last call: their recording cannot be read to its end."""
        self._file.flush()
        self._file.truncate(self._begun * self.columns * _BYTES)
        self._file.seek(0, os.SEEK_END)
        self._rows = self._begun

    def close(self) -> None:
        """Make the part count, if it holds anything."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if not self._entries:
            self.data.unlink()
            return
        index = {"columns": self.columns, "rows": self._rows, "files": self._entries}
        with write_atomically(self.data.with_suffix(".json")) as temporary:
            temporary.write_text(json.dumps(index), encoding="utf-8")
        self._closed = True

    def discard(self) -> None:
        """Leave nothing behind, unless the part counts."""
        if self._closed:
            return
        self._file.close()
        with suppress(OSError):
            self.data.unlink(missing_ok=True)


def read_parts(folder: Path, *, columns: int) -> dict[Recording, Entry]:
    """Every recording that is done. A part that is not whole is none."""
    found: dict[Recording, Entry] = {}
    for index in sorted(folder.glob("*.json")):
        for entry in _entries(index, columns=columns):
            found[entry.recording] = entry
    return found


def _entries(index: Path, *, columns: int) -> Iterator[Entry]:
    data = index.with_suffix(".f32")
    try:
        content = json.loads(index.read_text(encoding="utf-8"))
        whole = data.stat().st_size == content["rows"] * columns * _BYTES
        if not whole or content["columns"] != columns:
            return
        for one in content["files"]:
            recording = Recording(
                path=Path(one["path"]), size=one["size"], changed_ns=one["changed_ns"]
            )
            yield Entry(
                recording=recording,
                part=data,
                first=one["first"],
                rows=one["rows"],
                columns=columns,
                duration_s=float(one["duration_s"]),
                source_rate=one["source_rate"],
            )
    except (OSError, ValueError, KeyError, TypeError):
        return


def open_parts(folder: Path, settings: object) -> None:
    """Note the settings in an empty folder, or see that its parts were made with the same.

    Args:
        folder: beside the output; it exists.
        settings: a frozen dataclass; what must be equal for rows to stand in one table.
    Raises:
        OutputError: the parts were made with other settings, or the folder is something else.
    """
    wanted = json.dumps(asdict(settings), sort_keys=True)  # type: ignore[call-overload]
    note = folder / "settings"
    if not note.is_file() and any(path.name != "lock" for path in folder.iterdir()):
        raise _foreign(folder, "something else of that name", "Move it, or choose another output.")
    if note.is_file() and note.read_text(encoding="utf-8") != wanted:
        raise _foreign(
            folder,
            "those of a run with other settings",
            "Give that run's words to go on with it, delete the folder to begin anew, or choose "
            "another output.",
        )
    if not note.is_file():
        with write_atomically(note) as temporary:
            temporary.write_text(wanted, encoding="utf-8")


def remove_parts(folder: Path) -> None:
    """Delete the parts, and the folder unless something else lies in it."""
    for pattern in ("*.json", "*.f32", "settings", "lock", ".*.tmp*"):
        for path in folder.glob(pattern):
            with suppress(OSError):
                path.unlink()
    with suppress(OSError):
        folder.rmdir()


def _foreign(folder: Path, got: str, remedy: str) -> OutputError:
    return OutputError(
        message(str(folder), expected="parts of this very table", got=got, remedy=remedy)
    )
