"""A table as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from auricle.archive.parts import Entry
from auricle.archive.settings import TableConfig
from auricle.io import write_atomically


def write_csv(
    path: Path,
    entries: Iterable[Entry],
    *,
    config: TableConfig,
    columns: Sequence[str],
    frame_rate: float,
) -> None:
    """Write the rows, with 7 digits each, which is what 32-bit floats hold.

    A row a file: path, duration_s, source_rate, numbers. A row a frame: path, time_s, numbers;
    time_s is when the frame was complete.

    Raises:
        OutputError: it cannot be written.
    """
    numbers = ",".join(["%.7g"] * len(columns)) + "\n"
    first = ("path", "time_s") if config.per == "frame" else ("path", "duration_s", "source_rate")
    with write_atomically(path) as temporary:
        with temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow([*first, *columns])
            for entry in entries:
                name = _quoted(str(entry.recording.path))
                at = 0
                for rows in entry.read():
                    heads = _heads(entry, len(rows), at, config=config, frame_rate=frame_rate)
                    lines = zip(heads, rows.tolist(), strict=True)
                    file.writelines(f"{name},{head},{numbers % (*row,)}" for head, row in lines)
                    at += len(rows)


def _heads(
    entry: Entry, count: int, at: int, *, config: TableConfig, frame_rate: float
) -> Iterable[str]:
    """What stands between the path and the numbers of each row."""
    if config.per == "file":
        return [f"{entry.duration_s:.6f},{entry.source_rate}"]
    return (f"{index / frame_rate:.6f}" for index in range(at + 1, at + 1 + count))


def _quoted(text: str) -> str:
    """A cell as CSV wants it."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow([text])
    return buffer.getvalue()
