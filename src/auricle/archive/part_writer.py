"""The rows of some recordings, gathered."""

import os
import secrets
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from auricle.archive.parts import Entry, Rows, note_settings, write_index
from auricle.archive.recordings import Recording

_HELD_BYTES = 16_000_000  # of rows in memory; more go to a file at once
_BYTES = 4  # of a number


class PartWriter:
    """Gathers the rows of some recordings: in memory, or in a file where they are many.

    Args:
        folder: where parts are.
        columns: numbers a row.
        settings: as in `check_parts`.
    """

    def __init__(self, folder: Path, *, columns: int, settings: object) -> None:
        self.folder, self.columns, self._settings = folder, columns, settings
        self._data = folder / f"{secrets.token_hex(8)}.f32"
        self._file: BinaryIO | None = None
        self._held: list[Rows] = []
        self._entries: list[Entry] = []
        self._begun = self._rows = self._on_disk = 0
        self._closed = False

    def add(self, rows: Rows) -> None:
        """Some rows of the recording at hand."""
        self._held.append(rows)
        self._rows += len(rows)
        if (self._rows - self._on_disk) * self.columns * _BYTES > _HELD_BYTES:
            self._spill()

    def done(self, recording: Recording, *, duration_s: float, source_rate: int) -> None:
        """The rows since the last call are all of this recording's."""
        self._entries.append(
            Entry(
                recording=recording,
                numbers=self._data,
                first=self._begun,
                rows=self._rows - self._begun,
                columns=self.columns,
                duration_s=duration_s,
                source_rate=source_rate,
            )
        )
        self._begun = self._rows

    def failed(self) -> None:
        """Forget the rows since the last call: their recording cannot be read to its end."""
        while self._held and self._rows > self._begun:
            self._rows -= len(self._held.pop())
        if self._file is not None and self._on_disk > self._begun:
            self._file.flush()
            self._file.truncate(self._begun * self.columns * _BYTES)
            self._file.seek(0, os.SEEK_END)
            self._rows = self._on_disk = self._begun

    def close(self) -> list[Entry]:
        """What was done: on the disk, where it counts from now on, or still in memory."""
        self._closed = True
        if self._file is None:
            return self._in_memory()
        self._spill()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if self._entries:
            write_index(self._data, self._entries)
        else:
            self._data.unlink()
        return self._entries

    def discard(self) -> None:
        """Leave nothing behind, unless it was closed."""
        if self._closed or self._file is None:
            return
        self._file.close()
        with suppress(OSError):
            self._data.unlink(missing_ok=True)

    def _spill(self) -> None:
        if self._file is None:
            note_settings(self.folder, self._settings)
            self._file = self._data.open("wb")
        for rows in self._held:
            self._file.write(np.ascontiguousarray(rows, dtype="<f4").data)
        self._held.clear()
        self._on_disk = self._rows

    def _in_memory(self) -> list[Entry]:
        blocks, found = iter(self._held), []
        for entry in self._entries:
            mine: list[Rows] = []
            while sum(map(len, mine)) < entry.rows:
                mine.append(next(blocks))
            numbers = mine[0] if len(mine) == 1 else np.concatenate(mine)
            found.append(replace(entry, numbers=numbers, first=0))
        return found
