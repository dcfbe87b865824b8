"""What several commands share: reading a list of recordings, showing progress, writing text."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

from auricle.data import Manifest, read_manifest
from auricle.io import write_atomically


@runtime_checkable
class ManifestOptions(Protocol):
    """The words of a command that name a list of recordings."""

    @property
    def labels(self) -> Path | None: ...
    @property
    def label_column(self) -> str: ...
    @property
    def group_column(self) -> str | None: ...


@runtime_checkable
class TextSink(Protocol):
    """Where text goes: a terminal, a pipe or a file."""

    def write(self, text: str, /) -> int: ...
    def flush(self) -> None: ...
    def isatty(self) -> bool: ...


def open_manifest(
    path: Path,
    options: ManifestOptions,
    *,
    table_rate: int | None = None,
    one_class: bool = False,
) -> Manifest:
    """The recordings that a command's words name.

    Raises:
        ManifestError: nothing is there, or it cannot be understood.
    """
    return read_manifest(
        path,
        labels=options.labels,
        label_column=options.label_column,
        group_column=options.group_column,
        sample_rate=table_rate,
        one_class=one_class,
    )


def say(text: str) -> None:
    """A line for the person, beside what a program may read from standard output."""
    print(text, file=sys.stderr, flush=True)


def counter(
    task: str, *, stream: TextSink | None = None, every_s: float = 0.2
) -> Callable[[int, int | None], None]:
    """Progress on one line of a terminal; nothing where there is none."""
    out = stream or sys.stderr
    last = [0.0]

    def tell(done: int, total: int | None) -> None:
        now = time.monotonic()
        finished = total is not None and done >= total
        if out.isatty() and (now - last[0] > every_s or finished):
            last[0] = now
            of = "" if total is None else f" of {total}"
            print(f"\r{task}: {done}{of}", end="\n" if finished else "", file=out, flush=True)

    return tell


def write_text(path: Path, text: str) -> None:
    """A text file, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    with write_atomically(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
