"""Running the command line as a user does, in a process of its own."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bench._table import ROOT, machine_line, set_threads

_POLL_S = 0.02


def auricle_command(*words: str | Path) -> list[str]:
    """``python -m auricle`` with these words."""
    return [sys.executable, "-m", "auricle", *map(str, words)]


def environment() -> dict[str, str]:
    """This environment, with the working tree's package first."""
    paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def run_command(command: Sequence[str]) -> str:
    """Run to the end and return what was printed.

    Raises:
        SystemExit: the command failed; what it said is printed.
    """
    done = subprocess.run(
        command, env=environment(), capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def make_tiny_model(folder: Path) -> Path:
    """Train a small model for two epochs on a small demo set: any model serves these figures."""
    sounds, model = folder / "sounds", folder / "tiny.auricle"
    write = (
        "import sys; from auricle.synth import write_demo_set;"
        "write_demo_set(sys.argv[1], clips_per_class=20)"
    )
    run_command([sys.executable, "-c", write, str(sounds)])
    options = ("--preset", "tiny", "--epochs", "2", "--no-baselines", "--quiet")
    cache = ("--cache", folder / "cache")
    run_command(auricle_command("train", sounds, "-o", model, *options, *cache))
    return model


def command_parser(document: str | None) -> argparse.ArgumentParser:
    """The options of every benchmark that runs the command line; its own come beside them.

    Args:
        document: the module's docstring, whose first line describes it.
    """
    parser = argparse.ArgumentParser(description=(document or "").partition("\n")[0])
    parser.add_argument("--model", type=Path, help="a model file; a tiny one is made if absent")
    parser.add_argument("--threads", type=int, default=2, help="threads (default 2)")
    return parser


@contextmanager
def workplace(options: argparse.Namespace) -> Iterator[tuple[Path, Path]]:
    """Set the threads, say what machine this is, and make a folder with a model to run.

    Yields:
        The folder, deleted afterwards, and the model file.
    """
    set_threads(options.threads)
    print(machine_line(threads=options.threads), flush=True)
    with tempfile.TemporaryDirectory() as name:
        yield Path(name), options.model or make_tiny_model(Path(name))


def wait_and_watch(
    command: Sequence[str], variables: Mapping[str, str], output: IO[bytes]
) -> tuple[int, int]:
    """Run to the end; the largest resident set, bytes, and the exit status.

    The system counts it exactly where there is ``wait4``; elsewhere it is polled. This process
    stays small, since the count of a child may begin with its parent's.

    Args:
        command: what to run.
        variables: its environment.
        output: where what it prints goes.
    """
    process = subprocess.Popen(command, env=dict(variables), stdout=output)
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), process.returncode
    import psutil  # type: ignore[import-untyped]

    watched, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        try:
            memory = watched.memory_info()
            peak = max(peak, getattr(memory, "peak_wset", memory.rss))
        except psutil.NoSuchProcess:
            break
        time.sleep(_POLL_S)
    return peak, process.wait()
