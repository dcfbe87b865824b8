"""``auricle features``."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from auricle.archive import TableResult, feature_table
from auricle.archive.work import Progress
from auricle.cli.reading import say
from auricle.cli.sound_commands import Features
from auricle.errors import ConfigError, message


def run(command: Features) -> int:
    """Write the table; 1 when any file could not be read."""
    jobs = _jobs(command.jobs)
    with _bar() as progress:
        result = feature_table(
            command.paths,
            command.output,
            features=_words(command.features),
            sample_rate=command.rate,
            hop_ms=command.hop_ms,
            per=command.per,
            statistics=_words(command.statistics),
            channel=command.channel,
            jobs=jobs,
            progress=progress,
            note=say,
        )
    _tell(result)
    return 1 if result.skipped else 0


def _tell(result: TableResult) -> None:
    total = result.files + len(result.skipped)
    for one in result.skipped:
        say(f"auricle: {one.reason}")
    if result.resampled:
        say(f"auricle: {result.resampled} of {total} recordings were resampled to "
            f"{result.sample_rate} Hz.")  # fmt: skip
    if result.skipped:
        say(f"auricle: {len(result.skipped)} of {total} recordings could not be read; the others "
            "are in the table.")  # fmt: skip
    print(f"{result.output}: {result.rows} rows of {len(result.columns)} numbers from "
          f"{result.files} recordings, {result.seconds / 60:.1f} minutes at "
          f"{result.sample_rate} Hz.")  # fmt: skip


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _jobs(asked: int | None) -> int:
    if asked is not None and asked < 1:
        raise ConfigError(
            message("jobs", expected=">= 1", got=asked, remedy="1 uses this process alone.")
        )
    if asked is not None:
        return asked
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _bar() -> Iterator[Progress | None]:
    """A bar with the time that is left, on a terminal; nothing where there is none."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("features"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bar(*columns, TextColumn("left"), console=Console(stderr=True)) as bar:
        task = bar.add_task("features", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
