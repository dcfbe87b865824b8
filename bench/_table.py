"""What every benchmark prints: the machine and the commit, a Markdown table, a line of JSON.

This module imports the standard library only, so that a benchmark of memory or of start-up can
use it without growing.
"""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
Figure = float | int | str | bool | None | Sequence["Figure"] | Mapping[str, "Figure"]
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table; floats with four significant digits."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(header), *cells]) for i in range(len(header))]
    for row in [list(header), ["-" * width for width in widths], *cells]:
        print(
            "| "
            + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
            + " |"
        )


def machine_line(*, threads: int | None = None) -> str:
    """Where and of what the figures are: processor, cores, threads, system, Python, commit."""
    used = f", {threads} threads" if threads is not None else ""
    place = f"{_processor()}, {os.cpu_count()} cores{used}; {platform.system()}"
    return f"Machine: {place}; Python {platform.python_version()}; commit {commit()}"


def emit_json(figures: Mapping[str, Figure]) -> None:
    """Print the figures as one line of JSON; the last thing that a benchmark prints.

    Raises:
        ValueError: a figure is not finite.
    """
    print(json.dumps(dict(figures), allow_nan=False), flush=True)


def set_threads(count: int) -> None:
    """Let numerical libraries of this process use so many threads.

    Call it before they are imported; processes started later inherit it.
    """
    for name in _THREAD_VARIABLES:
        os.environ[name] = str(count)


def commit() -> str:
    """The commit of the working tree, with ``+`` where it has changes; ``unknown`` outside git."""
    try:
        name = _git("rev-parse", "--short=12", "HEAD")
        return name + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout.strip()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
