"""One run at a time in a folder; a lock that a killed process cannot leave behind."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from auricle.errors import OutputError, message


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder; the system lets go when the process ends, however it ends.

    Raises:
        OutputError: another run holds it.
    """
    with (folder / "lock").open("ab") as file:
        try:
            _lock(file)
        except OSError as error:
            raise OutputError(
                message(
                    str(folder),
                    expected="one run at a time",
                    got="another that is writing there now",
                    remedy="Wait for it or stop it, or choose another output.",
                )
            ) from error
        yield


def _lock(file: BinaryIO) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
