"""How much memory ``auricle predict`` needs for a long recording, beside a short one.

    python -m bench.memory [--model PATH] [--hours 8] [--threads 2]

JSON keys: ``rss_1min_mb`` and ``rss_8h_mb``, the largest resident set of the process, MB of 10^6
bytes (aim: within 100 of each other); ``predict_8h_s``, the time that the long one took, s.
"""

import csv
import io
import shutil
import sys
import tempfile
import time
import wave
from pathlib import Path

from bench._command import (
    auricle_command,
    command_parser,
    environment,
    run_command,
    wait_and_watch,
    workplace,
)
from bench._table import emit_json, print_table

_RATE = 16000


def main() -> None:
    """Measure, print the table and the line of JSON."""
    parser = command_parser(__doc__)
    parser.add_argument("--hours", type=float, default=8.0, help="the long recording (default 8)")
    options = parser.parse_args()
    with workplace(options) as (folder, model):
        _check_space(folder, options.hours)
        minute = _write_minute(folder / "minute.wav")
        long = _repeat(minute, folder / "long.wav", times=round(options.hours * 60))
        run_command(auricle_command("predict", model, minute))  # compiled kernels are cached
        figures = [
            (path.stem, *_measure(model, path, duration_s))
            for path, duration_s in ((minute, 60.0), (long, 3600.0 * options.hours))
        ]
    (_, short_mb, _), (_, long_mb, long_s) = figures
    print_table(("recording", "peak resident set, MB", "s"), figures)
    print(f"\nDifference: {long_mb - short_mb:.1f} MB")
    hours = f"{options.hours:g}h"
    emit_json(
        {
            "rss_1min_mb": round(short_mb, 1),
            f"rss_{hours}_mb": round(long_mb, 1),
            f"predict_{hours}_s": round(long_s, 1),
        }
    )


def _check_space(folder: Path, hours: float) -> None:
    need, free = hours * 3600 * _RATE * 2 + 1e8, shutil.disk_usage(folder).free
    if free < need:
        sys.exit(f"{folder}: expected {need / 1e9:.1f} GB of free space, got {free / 1e9:.1f} GB. "
                 "Free some, point TMPDIR elsewhere, or lower --hours.")  # fmt: skip


def _write_minute(path: Path) -> Path:
    code = (
        "import sys; from auricle.synth import write_stream;"
        "write_stream(sys.argv[1], duration_s=60.0)"
    )
    run_command([sys.executable, "-c", code, str(path)])
    return path


def _repeat(source: Path, target: Path, *, times: int) -> Path:
    """Write a recording again and again into a longer one, a block at a time."""
    with wave.open(str(source), "rb") as opened:
        settings, block = opened.getparams(), opened.readframes(opened.getnframes())
    with wave.open(str(target), "wb") as sink:
        sink.setparams(settings)
        for _ in range(times):
            sink.writeframes(block)
    return target


def _measure(model: Path, recording: Path, duration_s: float) -> tuple[float, float]:
    """Peak resident set, MB, and time, s, of predicting one recording.

    Raises:
        SystemExit: the command failed, or did not hear the whole recording.
    """
    command = auricle_command("predict", model, recording, "--format", "csv")
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        peak_bytes, status = wait_and_watch(command, environment(), output)
        elapsed_s = time.perf_counter() - start
        output.seek(0)
        table = output.read().decode()
    if status != 0:
        sys.exit(f"{' '.join(command)}\nended with {status}")
    (row,) = csv.DictReader(io.StringIO(table))
    if abs(float(row["duration_s"]) - duration_s) > 1:
        sys.exit(f"{recording}: expected {duration_s:g} s to be heard, got {row['duration_s']}")
    return peak_bytes / 1e6, elapsed_s


if __name__ == "__main__":
    main()
