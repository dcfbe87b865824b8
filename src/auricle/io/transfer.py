"""Fetching one file over HTTP: it resumes where it stopped, and never leaves half a file behind."""

import hashlib
import http.client
import json
import time
import urllib.error
import urllib.request
import urllib.response
from collections.abc import Callable
from email.message import Message
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, Literal

from auricle.errors import DownloadError, OutputError, message

Progress = Callable[[int, int | None], None]
_Response = http.client.HTTPResponse | urllib.response.addinfourl
_CHUNK_BYTES = 1 << 18
_FRUITLESS_ATTEMPTS = 3
_RETRIED_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})


class _Broken(Exception):
    """The connection ended before the file did; what came is kept and the rest can follow."""


def download_file(
    url: str,
    target: Path,
    *,
    sha256: str | None = None,
    progress: Progress | None = None,
    timeout_s: float = 30.0,
    wait_s: float = 1.0,
) -> Path:
    """Fetch ``url`` into ``target``, which appears only when it is whole and right.

    What has come so far waits in ``target`` + ``.part``; a later call asks the server for the rest
    only, and starts again where the server cannot do that or its file has changed.

    Args:
        url: http, https or file.
        target: its folder is made if absent; a right file that is there already is kept.
        sha256: what the whole file must hash to, in hexadecimal; unchecked if None.
        progress: called with the bytes so far and the bytes in all, None if the server hides it.
        timeout_s: longest silence of the server, s.
        wait_s: pause before another attempt, s; it doubles while nothing comes. After three
            attempts that bring nothing new, the fetch is given up.
    Returns:
        ``target``.
    Raises:
        DownloadError: no network, the server refuses, the file breaks off, the checksum differs.
        OutputError: the file cannot be written.
    """
    if target.is_file() and (sha256 is None or file_digest(target, "sha256") == sha256):
        return target
    part = target.with_name(target.name + ".part")
    _make_folder(target.parent)
    best, fruitless = _size(part), 0
    while True:
        try:
            _fetch_rest(url, part, progress=progress, timeout_s=timeout_s)
            break
        except _Broken as broken:
            fruitless = 0 if _size(part) > best else fruitless + 1
            best = max(best, _size(part))
            if fruitless == _FRUITLESS_ATTEMPTS:
                raise _unreachable(url, part, str(broken)) from broken
            time.sleep(wait_s * 2**fruitless)
    _finish(url, part, target, sha256)
    return target


def _fetch_rest(url: str, part: Path, *, progress: Progress | None, timeout_s: float) -> None:
    """One request for what is missing; returns when the part is the whole file."""
    have, tag = _size(part), _read_tag(part, url)
    headers = {"User-Agent": f"auricle/{version('auricle')}", "Accept-Encoding": "identity"}
    if have and tag is not None:
        headers |= {"Range": f"bytes={have}-"} | ({"If-Range": tag} if tag else {})
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:
            start, total = _extent(response, have)
            _write_tag(part, url, response.headers)
            with _open_part(part, append=start > 0) as sink:
                _copy(response, sink, start=start, total=total, progress=progress)
    except OutputError:
        raise
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(url, part, error.code, error.reason) from error
    except urllib.error.URLError as error:
        raise _Broken(f"{error.reason}") from error
    except (http.client.HTTPException, OSError) as error:
        raise _Broken(f"{type(error).__name__}: {error}") from error
    if total is not None and _size(part) < total:
        raise _Broken(f"the connection closed after {_size(part)} of {total} bytes")
    if total is not None and _size(part) > total:
        _discard(part)
        raise _Broken("more bytes than the server announced")


def _extent(response: _Response, have: int) -> tuple[int, int | None]:
    """Where the answer starts in the file, and the size of the whole file."""
    length = response.headers.get("Content-Length")
    total = int(length) if length is not None and length.isdigit() else None
    if getattr(response, "status", 200) != 206:
        return 0, total
    extent = response.headers.get("Content-Range", "")
    start, _, rest = extent.removeprefix("bytes ").partition("-")
    if start != str(have):
        raise _Broken(f"the server sent a part that was not asked for ({extent!r})")
    size = rest.rpartition("/")[2]
    return have, int(size) if size.isdigit() else None


def _copy(
    response: _Response,
    sink: BinaryIO,
    *,
    start: int,
    total: int | None,
    progress: Progress | None,
) -> None:
    done = start
    while chunk := response.read(_CHUNK_BYTES):
        try:
            sink.write(chunk)
        except OSError as error:
            raise file_problem(Path(sink.name), error) from error
        done += len(chunk)
        if progress is not None:
            progress(done, total)


def _refusal(url: str, part: Path, code: int, reason: str) -> Exception:
    """The right error for a status of refusal."""
    if code == 416:  # the part is longer than the file, or the file has changed
        _discard(part)
        return _Broken("the server does not hold the rest of this file")
    if code in _RETRIED_STATUS:
        return _Broken(f"HTTP {code} {reason}")
    return DownloadError(
        message(
            url,
            expected="a file at this address",
            got=f"HTTP {code} {reason}",
            remedy="Name a server that has it with --mirror URL.",
        )
    )


def _finish(url: str, part: Path, target: Path, sha256: str | None) -> None:
    """Check the whole part and give it its name."""
    if sha256 is not None:
        found = file_digest(part, "sha256")
        if found != sha256:
            _discard(part)
            raise DownloadError(
                message(
                    url,
                    expected=f"SHA-256 {sha256}",
                    got=found,
                    remedy="What came was removed; try again, or another --mirror.",
                )
            )
    try:
        part.replace(target)
    except OSError as error:
        raise file_problem(target, error) from error
    _tag_path(part).unlink(missing_ok=True)


def _unreachable(url: str, part: Path, reason: str) -> DownloadError:
    kept = _size(part)
    resume = f" {kept} bytes are kept, and the next run asks for the rest." if kept else ""
    return DownloadError(
        message(
            url,
            expected="the whole file",
            got=reason,
            remedy=f"Check the network, or name another server with --mirror URL.{resume}",
        )
    )


def file_problem(path: Path, error: OSError) -> OutputError:
    """The error to raise where a file cannot be written."""
    return OutputError(
        message(
            str(path),
            expected="a place that can be written",
            got=f"{type(error).__name__}: {error}",
            remedy="Choose another folder, or free some space.",
        )
    )


def _open_part(part: Path, *, append: bool) -> BinaryIO:
    try:
        return part.open("ab" if append else "wb")
    except OSError as error:
        raise file_problem(part, error) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise file_problem(folder, error) from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def file_digest(path: Path, algorithm: Literal["md5", "sha256"]) -> str:
    """The digest of a file's bytes, in hexadecimal."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, algorithm).hexdigest()


def _tag_path(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _write_tag(part: Path, url: str, headers: Message) -> None:
    """Remember which version of which file the part belongs to."""
    tag = headers.get("ETag") or headers.get("Last-Modified") or ""
    record = {"url": url, "tag": "" if tag.startswith("W/") else tag}
    try:
        _tag_path(part).write_text(json.dumps(record), encoding="utf-8")
    except OSError as error:
        raise file_problem(part, error) from error


def _read_tag(part: Path, url: str) -> str | None:
    """The version of the part; None if it is not known to belong to ``url``."""
    try:
        record = json.loads(_tag_path(part).read_text(encoding="utf-8"))
        return str(record["tag"]) if record["url"] == url else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _tag_path(part).unlink(missing_ok=True)
