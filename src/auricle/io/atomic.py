"""Files that are written whole or not at all."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from auricle.errors import AuricleError, OutputError, message


@contextmanager
def write_atomically(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Write a file under a temporary name beside it, and rename it when it is complete.

    A crash, a full disk or Ctrl-C leaves the old file whole. Folders that are missing are made.

    Args:
        path: where the file shall be; a symbolic link is followed.
        durable: wait until it is on the disk, which takes milliseconds; without, a failing power
            supply can leave a broken file, so its reader must be able to tell.
    Yields:
        The temporary name, with the same suffix. The caller creates and closes that file.
    Raises:
        OutputError: the place cannot be written, or the system failed while it was written.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.stem}.{secrets.token_hex(6)}.tmp{target.suffix}")
    try:
        check_writable(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        if durable:
            _flush(temporary)
        os.replace(temporary, target)
        if durable:
            _flush_folder(target.parent)
    except AuricleError:
        raise
    except OSError as error:
        raise _failed(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Refuse a place for output that will not work, before hours of work go into it.

    Nothing is created. A disk that fills up later is found out later.

    Raises:
        OutputError: a folder, a device or a read-only file is there, or the folder is read-only.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise _refused(path, "a folder", "Add the name of a file.")
    if target.exists() and not target.is_file():
        raise _refused(path, "a device or a pipe", "Name an ordinary file.")
    if target.exists() and not _may_write(target):
        raise _refused(path, "a read-only file", "Choose another name or make it writable.")
    folder = _first_existing(target.parent)
    if not folder.is_dir():
        raise _refused(path, f"{folder}, which is no folder", "Choose another folder.")
    if not _may_write(folder):
        raise _refused(path, f"the read-only folder {folder}", "Choose a folder of your own.")


def _may_write(path: Path) -> bool:
    """By its rights, and by its mode: an administrator may do all, but was told not to."""
    wanted = os.W_OK | os.X_OK if path.is_dir() else os.W_OK
    any_write = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    marked = os.name != "nt" and not path.stat().st_mode & any_write
    return os.access(path, wanted) and not marked


def _first_existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _refused(path: Path, got: str, remedy: str) -> OutputError:
    return OutputError(
        message(
            str(path), expected="a place for a file that can be written", got=got, remedy=remedy
        )
    )


def _failed(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(
        message(
            str(path),
            expected="to write the file",
            got=f"{reason!r} from the system",
            remedy="Free space or choose another place; what was there before is untouched.",
        )
    )


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name durable; Windows cannot open a folder and does not need it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
