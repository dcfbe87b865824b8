"""Unpacking an archive that one does not trust: files and folders, below one folder only."""

import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from auricle.errors import DownloadError, OutputError, message

_CHUNK_BYTES = 1 << 18
_Source = IO[bytes] | io.BufferedIOBase
_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,
    OSError,
)


def unpack_archive(archive: Path, folder: Path, *, max_bytes: int, strip_top: bool) -> None:
    """Write the files of a zip or tar archive below ``folder``.

    Args:
        archive: zip, or tar with any compression that Python reads.
        folder: made if absent.
        max_bytes: the most that may come out, bytes.
        strip_top: leave out the first part of each path.
    Raises:
        DownloadError: the archive is damaged, grows past ``max_bytes``, or holds a link, a device
            or a path that leaves the folder. What was written until then stays.
        OutputError: a file cannot be written.
    """
    left = max_bytes
    members = _zip_members(archive) if zipfile.is_zipfile(archive) else _tar_members(archive)
    while True:
        try:
            name, source = next(members)
        except StopIteration:
            return
        except DownloadError:
            raise
        except _DAMAGED as error:
            raise _damaged(archive, error) from error
        inner = _safe_path(archive, name, strip_top=strip_top)
        if inner is not None:
            left -= _write(archive, source, folder / inner, max_bytes=left)


def _zip_members(archive: Path) -> Iterator[tuple[str, _Source]]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _refused(archive, info.filename, "a link or a device")
            if not info.is_dir():
                with opened.open(info) as source:
                    yield info.filename, source


def _tar_members(archive: Path) -> Iterator[tuple[str, _Source]]:
    with tarfile.open(archive, "r:*") as opened:
        for info in opened:
            if not (info.isreg() or info.isdir()):
                raise _refused(archive, info.name, "a link or a device")
            source = opened.extractfile(info)
            if source is not None:
                with source:
                    yield info.name, source
        rest = opened.fileobj
        while rest is not None and rest.read(_CHUNK_BYTES):
            pass  # the checksum of a compressed tar stands at its very end


def _safe_path(archive: Path, name: str, *, strip_top: bool) -> Path | None:
    """The path below the folder; None for what lies above the part that is left out."""
    path = PurePosixPath(name)
    odd = any(part == ".." or set(part) & set('\\:\0<>"|?*') for part in path.parts)
    if odd or path.is_absolute():
        raise _refused(archive, name, "a path that leaves its folder, or that not all systems have")
    parts = path.parts[1:] if strip_top else path.parts
    return Path(*parts) if parts else None


def _write(archive: Path, source: _Source, target: Path, *, max_bytes: int) -> int:
    written = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as sink:
            while chunk := _read(archive, source):
                written += len(chunk)
                if written > max_bytes:
                    raise _refused(archive, target.name, "more bytes than the data set has")
                sink.write(chunk)
    except DownloadError:
        raise
    except OSError as error:
        raise OutputError(
            message(
                str(target),
                expected="a place that can be written",
                got=f"{type(error).__name__}: {error}",
                remedy="Choose another folder, or free some space.",
            )
        ) from error
    return written


def _read(archive: Path, source: _Source) -> bytes:
    try:
        return source.read(_CHUNK_BYTES)
    except _DAMAGED as error:
        raise _damaged(archive, error) from error


def _damaged(archive: Path, error: Exception) -> DownloadError:
    return DownloadError(
        message(
            str(archive),
            expected="a whole zip or tar archive",
            got=f"{type(error).__name__}: {error}",
            remedy="Fetch it again, or from another --mirror.",
        )
    )


def _refused(archive: Path, name: str, what: str) -> DownloadError:
    return DownloadError(
        message(
            str(archive),
            expected="only files and folders, of plain names and of the known size",
            got=f"{what} ({name!r})",
            remedy="Do not trust this archive; fetch it from another --mirror.",
        )
    )
