"""From recordings to one table of features."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auricle.archive.csv_table import write_csv
from auricle.archive.front_end import columns_of, open_front_end
from auricle.archive.lock import hold
from auricle.archive.parquet_table import pyarrow, write_parquet
from auricle.archive.parts import Entry, check_parts, read_parts, remove_parts
from auricle.archive.recordings import Note, Recording, common_rate, list_recordings
from auricle.archive.settings import Per, TableConfig
from auricle.archive.shelf import Shelf
from auricle.archive.work import Progress, Skipped, work_through
from auricle.errors import AudioError, ConfigError, OutputError, message
from auricle.features import Feature
from auricle.io import Channel, check_writable

_WRITERS = {".csv": write_csv, ".parquet": write_parquet}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableResult:
    """What a table holds.

    Attributes:
        output: the file.
        files: recordings in it.
        rows: rows in it.
        columns: names of the numbers in a row.
        resampled: recordings that were at another rate.
        sample_rate: that it was computed at, Hz.
        skipped: recordings that are not in it.
        seconds: of sound, in all.
    """

    output: Path
    files: int
    rows: int
    columns: tuple[str, ...]
    resampled: int
    sample_rate: int
    skipped: tuple[Skipped, ...]
    seconds: float


def feature_table(
    paths: Sequence[Path | str],
    output: Path | str,
    *,
    features: Sequence[str | Feature] = ("mfcc",),
    sample_rate: int | None = None,
    hop_ms: float = 10.0,
    per: Per = "file",
    statistics: Sequence[str] = ("mean", "deviation", "p10", "p50", "p90"),
    channel: Channel = "mono",
    jobs: int = 1,
    progress: Progress | None = None,
    note: Note | None = None,
) -> TableResult:
    """Features of recordings as a table: `write_table` for people.

    Args:
        paths: recordings, and folders of them.
        output: a name that ends in .csv or .parquet.
        features: side by side: names, or values such as ``Mfcc(convention="kaldi")``.
        sample_rate: Hz; the most common of the recordings if None, at most 48000.
        hop_ms, per, statistics, channel: as in `TableConfig`.
        jobs, progress, note: as in `write_table`.
    Raises:
        AudioError, ConfigError, MissingExtraError, OutputError: as `write_table`.

    >>> feature_table(["recordings"], "features.csv", features=("mfcc", "chroma"))  # doctest: +SKIP
    """
    check_table_path(Path(output))
    recordings = list_recordings([Path(path) for path in paths])
    if sample_rate is None:
        sample_rate = common_rate(recordings, note=note or _quietly)
    config = TableConfig(
        sample_rate=sample_rate,
        features=tuple(features),
        hop_ms=hop_ms,
        per=per,
        statistics=tuple(statistics),
        channel=channel,
    )
    return write_table(
        recordings, Path(output), config=config, jobs=jobs, progress=progress, note=note
    )


def _quietly(text: str) -> None:
    """Where nobody wants to be told."""


def check_table_path(output: Path) -> None:
    """Refuse a name that no table can be written to, before any work is done.

    Raises:
        ConfigError: neither .csv nor .parquet.
        MissingExtraError: .parquet, and pyarrow is not installed.
        OutputError: the place cannot be written.
    """
    if output.suffix.lower() not in _WRITERS:
        raise ConfigError(
            message(
                "output",
                expected="a name that ends in .csv or .parquet",
                got=output,
                remedy="For example: -o features.csv.",
            )
        )
    if output.suffix.lower() == ".parquet":
        pyarrow()
    check_writable(output)


def parts_folder(output: Path) -> Path:
    """Where a table's parts are until it is complete."""
    return output.with_name(f"{output.name}.parts")


def write_table(
    recordings: Sequence[Recording],
    output: Path,
    *,
    config: TableConfig,
    jobs: int = 1,
    progress: Progress | None = None,
    note: Note | None = None,
) -> TableResult:
    """Compute every recording's rows and write them, in order, as one CSV or Parquet file.

    What is done is kept until the table is complete, about once a second in the folder
    ``OUTPUT.parts``: the same call after a crash, a kill or a full disk goes on from there. A
    recording that was changed meanwhile is computed again. The table is written whole or not at
    all.

    Args:
        recordings: from `list_recordings`.
        output: a name that ends in .csv or .parquet.
        config: what to compute.
        jobs: most processes; more than one needs a main module that may be imported.
        progress: told how much is done of how much.
        note: told sentences for the person.
    Raises:
        AudioError: no recording at all could be read.
        ConfigError, MissingExtraError, OutputError: as `check_table_path`, or the parts there
            are of another table.
    """
    check_table_path(output)
    columns = columns_of(config)
    folder = parts_folder(output)
    folder.mkdir(parents=True, exist_ok=True)
    with hold(folder):
        check_parts(folder, config)
        left = _left(recordings, folder, columns=columns, note=note)
        shelf = Shelf(folder, settings=config)
        skipped = tuple(
            work_through(left, config, shelf=shelf, folder=folder, jobs=jobs, progress=progress)
        )
        entries = _in_order(recordings, read_parts(folder, columns=len(columns)) | shelf.held)
        if not entries and len(skipped) == len(recordings):
            remove_parts(folder)
            raise _nothing(skipped)
        if len(entries) + len(skipped) != len(recordings):
            raise _vanished(folder)
        _WRITERS[output.suffix.lower()](
            output,
            entries,
            config=config,
            columns=columns,
            frame_rate=open_front_end(config).frame_rate,
        )
    remove_parts(folder)
    return _result(output, entries, config=config, columns=columns, skipped=skipped)


def _left(
    recordings: Sequence[Recording], folder: Path, *, columns: Sequence[str], note: Note | None
) -> list[Recording]:
    done = read_parts(folder, columns=len(columns))
    left = [recording for recording in recordings if recording not in done]
    kept = len(recordings) - len(left)
    if kept and note is not None:
        note(f"Going on: {kept} of {len(recordings)} recordings are done already.")
    return left


def _in_order(recordings: Sequence[Recording], done: dict[Recording, Entry]) -> list[Entry]:
    return [done[recording] for recording in recordings if recording in done]


def _vanished(folder: Path) -> OutputError:
    return OutputError(
        message(
            str(folder),
            expected="every part that was written there",
            got="fewer",
            remedy="Were they deleted while the table was made? The same command makes them anew.",
        )
    )


def _nothing(skipped: Sequence[Skipped]) -> AudioError:
    return AudioError(
        message(
            "recordings",
            expected="at least one that can be read",
            got=f"{len(skipped)} that cannot",
            remedy=f"The first: {skipped[0].reason}" if skipped else "Name some.",
        )
    )


def _result(
    output: Path,
    entries: Sequence[Entry],
    *,
    config: TableConfig,
    columns: tuple[str, ...],
    skipped: tuple[Skipped, ...],
) -> TableResult:
    return TableResult(
        output=output,
        files=len(entries),
        rows=sum(entry.rows for entry in entries),
        columns=columns,
        resampled=sum(entry.source_rate != config.sample_rate for entry in entries),
        sample_rate=config.sample_rate,
        skipped=skipped,
        seconds=sum(entry.duration_s for entry in entries),
    )
