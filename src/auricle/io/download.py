"""Fetching a public data set: one call from its name to a folder that `read_manifest` takes."""

import csv
import json
import re
import shutil
from pathlib import Path

from auricle.errors import ConfigError, DownloadError, OutputError, message
from auricle.io.catalogue import DATASETS, Dataset
from auricle.io.transfer import Progress, download_file, file_problem
from auricle.io.unpack import unpack_archive
from auricle.io.verify import verify_contents

_MARKER = "auricle-dataset.json"
_FSDD_NAME = re.compile(r"(?P<digit>\d)_(?P<speaker>[a-z]+)_(?P<take>\d+)\.wav")
_FSDD_TEST_TAKES = 5  # the set's own rule: takes 0 to 4 of each digit and speaker are the test set


def fetch_dataset(
    name: str,
    folder: Path | str,
    *,
    mirror: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Fetch a public data set, check it, unpack it, and leave it as `read_manifest` understands it.

    Stopped at any moment, the next call goes on where this one was; a set that is there already is
    not fetched again. The archive is removed once its content stands in its place. The licence is
    ``DATASETS[name].licence``: show it.

    Args:
        name: a key of `DATASETS`.
        folder: the set arrives in ``folder / name``.
        mirror: a server's address, or a folder, that holds ``DATASETS[name].archive``; the
            checksums stay the same.
        progress: called with the bytes so far and the bytes in all (None if not known).
    Returns:
        ``folder / name``.
    Raises:
        ConfigError: no data set of this name, or the mirror is no address.
        DownloadError: it cannot be fetched, is damaged, or fails its checksum.
        OutputError: the folder holds something else, or cannot be written.
    """
    if name not in DATASETS:
        raise ConfigError(
            message(
                "name",
                expected=f"one of {', '.join(sorted(DATASETS))}",
                got=repr(name),
                remedy="`auricle datasets` lists them.",
            )
        )
    dataset, root = DATASETS[name], Path(folder)
    final = root / name
    if (final / _MARKER).is_file():
        return final
    _check_free(final)
    archive = root / dataset.archive
    url = dataset.url if mirror is None else _mirror_url(mirror, dataset.archive)
    download_file(url, archive, sha256=dataset.sha256, progress=progress)
    _install(dataset, archive, final)
    archive.unlink(missing_ok=True)
    return final


def _mirror_url(mirror: str, archive: str) -> str:
    if re.match(r"(https?|file)://", mirror):
        return f"{mirror.rstrip('/')}/{archive}"
    if Path(mirror).is_dir():
        return (Path(mirror).resolve() / archive).as_uri()
    raise ConfigError(
        message(
            "mirror",
            expected="an address that starts with http:// or https://, or a folder",
            got=repr(mirror),
            remedy=f"Give the place that holds {archive}, without the file's name.",
        )
    )


def _check_free(final: Path) -> None:
    if final.exists() and (not final.is_dir() or any(final.iterdir())):
        raise OutputError(
            message(
                str(final),
                expected="an absent folder, an empty one, or this data set",
                got="something else",
                remedy="Choose another folder, or move that one away.",
            )
        )


def _install(dataset: Dataset, archive: Path, final: Path) -> None:
    """Unpack beside the final place, check there, and rename: the set appears whole or not."""
    staging = final.with_name(f".{final.name}.unpacking")
    shutil.rmtree(staging, ignore_errors=True)
    try:
        unpack_archive(
            archive,
            staging,
            max_bytes=dataset.max_unpacked_bytes,
            strip_top=dataset.strip_top,
        )
        found = verify_contents(dataset, staging, pins=final.with_name(f"{final.name}.pins.json"))
        if dataset.name == "fsdd":
            _write_fsdd_manifest(staging)
        marker = {"url": dataset.url, "licence": dataset.licence, "contents": found}
        (staging / _MARKER).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")
        if final.is_dir():
            final.rmdir()
        staging.replace(final)
    except DownloadError:
        archive.unlink(missing_ok=True)
        shutil.rmtree(staging, ignore_errors=True)
        raise
    except OutputError:
        raise
    except OSError as error:
        raise file_problem(final, error) from error


def _write_fsdd_manifest(root: Path) -> None:
    """List the digits with their speaker as group and with the official split."""
    rows = []
    for path in sorted((root / "recordings").iterdir()):
        parts = _FSDD_NAME.fullmatch(path.name)
        if parts is not None:
            split = "test" if int(parts["take"]) < _FSDD_TEST_TAKES else "train"
            rows.append((f"recordings/{path.name}", parts["digit"], parts["speaker"], split))
    with (root / "manifest.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(("path", "label", "group", "split"))
        writer.writerows(rows)
