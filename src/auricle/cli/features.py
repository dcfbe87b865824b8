"""``auricle features``."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from auricle.archive import (
    TableConfig,
    TableResult,
    check_table_path,
    common_rate,
    list_recordings,
    write_table,
)
from auricle.archive.work import Progress
from auricle.cli.commands import Features
from auricle.cli.reading import say
from auricle.errors import ConfigError, message


def run(command: Features) -> int:
    """Write the table; 1 when any file could not be read."""
    check_table_path(command.output)
    jobs = _jobs(command.jobs)
    recordings = list_recordings(command.paths)
    rate = common_rate(recordings, note=say) if command.rate is None else command.rate
    config = TableConfig(
        sample_rate=rate,
        features=_words(command.features),
        hop_ms=command.hop_ms,
        per=command.per,
        statistics=_words(command.statistics),
        channel=command.channel,
    )
    with _bar() as progress:
        result = write_table(
            recordings, command.output, config=config, jobs=jobs, progress=progress, note=say
        )
    _tell(result, config, total=len(recordings))
    return 1 if result.skipped else 0


def _tell(result: TableResult, config: TableConfig, *, total: int) -> None:
    for one in result.skipped:
        say(f"auricle: {one.reason}")
    if result.resampled:
        say(f"auricle: {result.resampled} of {total} recordings were resampled to "
            f"{config.sample_rate} Hz.")  # fmt: skip
    if result.skipped:
        say(f"auricle: {len(result.skipped)} of {total} recordings could not be read; the others "
            "are in the table.")  # fmt: skip
    print(f"{result.output}: {result.rows} rows of {len(result.columns)} numbers from "
          f"{result.files} recordings, {result.seconds / 60:.1f} minutes at "
          f"{config.sample_rate} Hz.")  # fmt: skip


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
