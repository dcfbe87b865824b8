"""A table as Parquet, through pyarrow."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import numpy as np

from auricle._optional import require
from auricle.archive.parts import Entry, Rows
from auricle.archive.settings import TableConfig
from auricle.io import write_atomically


def pyarrow() -> ModuleType:
    """The package that writes Parquet.

    Raises:
        MissingExtraError: it is not installed.
    """
    require("pyarrow.parquet", extra="parquet", feature="A Parquet table")
    return require("pyarrow", extra="parquet", feature="A Parquet table")


def write_parquet(
    path: Path,
    entries: Iterable[Entry],
    *,
    config: TableConfig,
    columns: Sequence[str],
    frame_rate: float,
) -> None:
    """Write the rows as 32-bit floats, with the settings as JSON in the metadata's ``auricle``.

    Columns are those of `write_csv`.

    Raises:
        OutputError: it cannot be written.
        MissingExtraError: pyarrow is not installed.
    """
    arrow = pyarrow()
    schema = _schema(arrow, config, columns)
    with write_atomically(path) as temporary:
        with arrow.parquet.ParquetWriter(
            str(temporary),
            schema,
            compression="zstd",
            use_dictionary=["path"],
            use_byte_stream_split=list(columns),
        ) as writer:
            batch: list[object] = []
            size = 0
            for entry in entries:
                at = 0
                for rows in entry.read():
                    batch.append(_table(arrow, schema, entry, rows, at=at, frame_rate=frame_rate))
                    at += len(rows)
                    size += rows.nbytes
                    if size > _GROUP_BYTES:
                        writer.write_table(arrow.concat_tables(batch).combine_chunks())
                        batch, size = [], 0
            if batch:
                writer.write_table(arrow.concat_tables(batch).combine_chunks())


_GROUP_BYTES = 32_000_000  # of a row group, which is held in memory


def _schema(arrow: ModuleType, config: TableConfig, columns: Sequence[str]) -> object:
    text = arrow.dictionary(arrow.int32(), arrow.string())
    first = [("path", text if config.per == "frame" else arrow.string())]
    if config.per == "frame":
        first += [("time_s", arrow.float64())]
    else:
        first += [("duration_s", arrow.float64()), ("source_rate", arrow.int32())]
    numbers = [(name, arrow.float32()) for name in columns]
    settings = json.dumps(asdict(config))
    return arrow.schema([*first, *numbers], metadata={"auricle": settings})


def _table(
    arrow: ModuleType, schema: object, entry: Entry, rows: Rows, *, at: int, frame_rate: float
) -> object:
    name = os.fsencode(entry.recording.path).decode("utf-8", "backslashreplace")
    times = np.arange(at + 1, at + 1 + len(rows)) / frame_rate
    by_name = {
        "path": [name] * len(rows),
        "time_s": times,
        "duration_s": [entry.duration_s],
        "source_rate": [entry.source_rate],
    }
    arrays = []
    for index, field in enumerate(schema):  # type: ignore[arg-type,var-annotated]
        if field.name in by_name and index < 3:
            arrays.append(arrow.array(by_name[field.name], type=field.type))
    numbers = [arrow.array(np.ascontiguousarray(column)) for column in rows.T]
    return arrow.Table.from_arrays([*arrays, *numbers], schema=schema)
