"""Checking what came out of an archive against what it must hash to."""

import hashlib
import json
from pathlib import Path
from typing import Literal

from auricle.errors import DownloadError, message
from auricle.io.catalogue import ContentCheck, Dataset
from auricle.io.transfer import file_digest

_NOISE_FOLDER = "_background_noise_"


def verify_contents(dataset: Dataset, root: Path, *, pins: Path) -> dict[str, str]:
    """Check an unpacked data set: its digests, and the number of its recordings.

    Args:
        dataset: says what must be found.
        root: the unpacked folder.
        pins: file in which the digests of the first fetch are kept, for content that has no
            published checksum; written if absent.
    Returns:
        Each checked path with its digest.
    Raises:
        DownloadError: something is missing or differs.
    """
    found = {check.path: _digest(dataset, check, root) for check in dataset.contents}
    pinned = _read_pins(pins)
    for check in dataset.contents:
        expected = check.digest or pinned.get(check.path)
        if expected is not None and found[check.path] != expected:
            raise _differs(dataset, check, expected, found[check.path], pins)
    number = sum(1 for path in root.rglob("*.wav") if _NOISE_FOLDER not in path.parts)
    if number != dataset.num_recordings:
        raise DownloadError(
            message(
                dataset.name,
                expected=f"{dataset.num_recordings} recordings in the archive",
                got=number,
                remedy="Fetch it again, or from another --mirror.",
            )
        )
    fresh = {check.path: found[check.path] for check in dataset.contents if check.digest is None}
    if fresh and not pinned:
        pins.write_text(json.dumps(fresh, indent=2) + "\n", encoding="utf-8")
    return found


def folder_digest(folder: Path) -> str:
    """SHA-256 of the list that ``find NAME -type f | sort | xargs sha256sum`` prints.

    NAME is the folder's own name, and the order is that of the bytes of the paths.
    """
    files = [path for path in folder.rglob("*") if path.is_file()]
    names = {path.relative_to(folder.parent).as_posix(): path for path in files}
    digest = hashlib.sha256()
    for name in sorted(names, key=str.encode):
        digest.update(f"{file_digest(names[name], 'sha256')}  {name}\n".encode())
    return digest.hexdigest()


def _digest(dataset: Dataset, check: ContentCheck, root: Path) -> str:
    """The digest of a file or a folder, with the name of its algorithm."""
    path = root / check.path
    if path.is_dir():
        return f"sha256:{folder_digest(path)}"
    if path.is_file():
        algorithm: Literal["md5", "sha256"] = (
            "md5" if (check.digest or "").startswith("md5:") else "sha256"
        )
        return f"{algorithm}:{file_digest(path, algorithm)}"
    raise DownloadError(
        message(
            dataset.name,
            expected=f"{check.path} in the archive",
            got="an archive without it",
            remedy="Fetch it again, or from another --mirror.",
        )
    )


def _differs(
    dataset: Dataset, check: ContentCheck, expected: str, found: str, pins: Path
) -> DownloadError:
    trusted = "" if check.digest else f" If the set was changed on purpose, delete {pins}."
    return DownloadError(
        message(
            f"{dataset.name}: {check.path}",
            expected=expected,
            got=found,
            remedy=f"What came was removed; try again, or another --mirror.{trusted}",
        )
    )


def _read_pins(pins: Path) -> dict[str, str]:
    try:
        record = json.loads(pins.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(pins, str(error)) from error
    if not isinstance(record, dict):
        raise _unreadable(pins, "something else")
    return {str(path): str(digest) for path, digest in record.items()}


def _unreadable(pins: Path, found: str) -> DownloadError:
    return DownloadError(
        message(
            str(pins),
            expected="the digests of the first fetch, as JSON",
            got=found,
            remedy="Delete this file to trust the next fetch.",
        )
    )
