"""What is done so far, in a folder beside the output, so that a run that was killed goes on.

A part is two files: ``NAME.f32``, rows of 32-bit floats one after another, and ``NAME.json``, which
says whose rows they are. The second is written, under another name and renamed, when the first is
complete and on the disk; without it the first counts for nothing.
"""

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

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
    """A recording's rows.

    Attributes:
        recording: whose they are.
        numbers: the rows themselves, or the file of numbers that holds them.
        first: number of its first row in that file.
        rows: how many there are.
        columns: numbers a row.
        duration_s: length of the recording, seconds.
        source_rate: its sample rate before resampling, Hz.
    """

    recording: Recording
    numbers: Rows | Path = field(compare=False)
    first: int
    rows: int
    columns: int
    duration_s: float
    source_rate: int

    def read(self) -> Iterator[Rows]:
        """The rows, so many at a time that memory does not grow with the recording."""
        if not isinstance(self.numbers, Path):
            yield self.numbers
            return
        for start in range(0, self.rows, _ROWS_AT_ONCE):
            count = min(_ROWS_AT_ONCE, self.rows - start)
            offset = (self.first + start) * self.columns * _BYTES
            flat = np.fromfile(self.numbers, dtype="<f4", count=count * self.columns, offset=offset)
            yield flat.reshape(count, self.columns).astype(np.float32, copy=False)


def write_part(folder: Path, entries: Sequence[Entry]) -> None:
    """Put rows that are in memory on the disk, as one part that counts when this returns.

    Args:
        folder: where parts are.
        entries: at least one, all with as many columns.
    """
    data, placed, rows = folder / f"{secrets.token_hex(8)}.f32", [], 0
    with data.open("wb") as file:
        for entry in entries:
            for block in entry.read():
                file.write(np.ascontiguousarray(block, dtype="<f4").data)
            placed.append(replace(entry, numbers=data, first=rows))
            rows += entry.rows
        file.flush()
        os.fsync(file.fileno())
    write_index(data, placed)


def write_index(data: Path, entries: Sequence[Entry]) -> None:
    """Make a file of numbers a part that counts."""
    files = [
        {
            "path": str(entry.recording.path),
            "size": entry.recording.size,
            "changed_ns": entry.recording.changed_ns,
            "first": entry.first,
            "rows": entry.rows,
            "duration_s": entry.duration_s,
            "source_rate": entry.source_rate,
        }
        for entry in entries
    ]
    index = {
        "columns": entries[0].columns,
        "rows": entries[-1].first + entries[-1].rows,
        "files": files,
    }
    with write_atomically(data.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps(index), encoding="utf-8")


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
                numbers=data,
                first=one["first"],
                rows=one["rows"],
                columns=columns,
                duration_s=float(one["duration_s"]),
                source_rate=one["source_rate"],
            )
    except (OSError, ValueError, KeyError, TypeError):
        return


def check_parts(folder: Path, settings: object) -> None:
    """See that the parts in a folder, if there are any, were made with these settings.

    Args:
        folder: beside the output; it exists.
        settings: a frozen dataclass; what must be equal for rows to stand in one table.
    Raises:
        OutputError: the parts were made with other settings, or the folder is something else.
    """
    note = folder / "settings"
    if not note.is_file():
        if any(path.name != "lock" for path in folder.iterdir()):
            remedy = "Move it, or choose another output."
            raise _foreign(folder, "something else of that name", remedy)
    elif note.read_text(encoding="utf-8") != _as_text(settings):
        raise _foreign(
            folder,
            "those of a run with other settings",
            "Give that run's words to go on with it, delete the folder to begin anew, or choose "
            "another output.",
        )


def note_settings(folder: Path, settings: object) -> None:
    """Before the first part: what it was made with, unless that stands there already."""
    note = folder / "settings"
    if not note.is_file():
        with write_atomically(note) as temporary:
            temporary.write_text(_as_text(settings), encoding="utf-8")


def remove_parts(folder: Path) -> None:
    """Delete the parts, and the folder unless something else lies in it."""
    for pattern in ("*.json", "*.f32", "settings", "lock", ".*.tmp*"):
        for path in folder.glob(pattern):
            with suppress(OSError):
                path.unlink()
    with suppress(OSError):
        folder.rmdir()


def _as_text(settings: object) -> str:
    return json.dumps(asdict(settings), sort_keys=True)  # type: ignore[call-overload]


def _foreign(folder: Path, got: str, remedy: str) -> OutputError:
    return OutputError(
        message(str(folder), expected="parts of this very table", got=got, remedy=remedy)
    )
