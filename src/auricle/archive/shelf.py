"""What was computed and is not on the disk yet."""

import time
from collections.abc import Sequence
from pathlib import Path

from auricle.archive.parts import Entry, note_settings, write_part
from auricle.archive.recordings import Recording

_KEEP_S = 1.0  # of work that a kill may lose; a table that takes less needs no parts
_KEEP_BYTES = 16_000_000
_BYTES = 4  # of a number


class Shelf:
    """Keeps finished rows in memory, and puts them on the disk about once a second.

    The system takes milliseconds to make a file safe, in which a dozen recordings are worked
    through.

    Args:
        folder: where parts go.
        settings: as in `parts.check_parts`.
    """

    def __init__(self, folder: Path, *, settings: object) -> None:
        self._folder, self._settings = folder, settings
        self._held: list[Entry] = []
        self._bytes, self._emptied = 0, time.monotonic()

    @property
    def held(self) -> dict[Recording, Entry]:
        """What is in memory alone."""
        return {entry.recording: entry for entry in self._held}

    def put(self, entries: Sequence[Entry]) -> None:
        """Take what is done; those of a part that is on the disk already are let go.

        Raises:
            OSError, OutputError: the disk is full or gone.
        """
        new = [entry for entry in entries if not isinstance(entry.numbers, Path)]
        self._held += new
        self._bytes += sum(entry.rows * entry.columns * _BYTES for entry in new)
        if time.monotonic() - self._emptied >= _KEEP_S or self._bytes > _KEEP_BYTES:
            self.write_out()

    def write_out(self) -> None:
        """Put everything on the disk; it counts when this returns.

        Raises:
            OSError, OutputError: the disk is full or gone.
        """
        if self._held:
            note_settings(self._folder, self._settings)
            write_part(self._folder, self._held)
        self._held, self._bytes, self._emptied = [], 0, time.monotonic()
