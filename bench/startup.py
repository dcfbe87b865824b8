"""How long a person waits for the first word: ``auricle --help``, and one short file.

    python -m bench.startup [--model PATH] [--runs 7] [--threads 2]

JSON keys: ``help_s`` (aim < 0.5), ``predict_s`` (aim < 3), medians of warm runs, s.
"""

import sys
import time
from pathlib import Path
from statistics import median

from bench._command import auricle_command, command_parser, run_command, workplace
from bench._table import emit_json, print_table

_HEAVY = ("torch", "sklearn", "matplotlib", "numba", "scipy")


def main() -> None:
    """Measure, print the table and the line of JSON."""
    parser = command_parser(__doc__)
    parser.add_argument("--runs", type=int, default=7, help="runs of each command (default 7)")
    options = parser.parse_args()
    with workplace(options) as (folder, model):
        clip = _write_clip(folder / "clip.wav")
        commands = {
            "import auricle": [sys.executable, "-c", "import auricle"],
            "auricle --help": auricle_command("--help"),
            "auricle train --help": auricle_command("train", "--help"),
            "auricle predict, one file of 1.5 s": auricle_command("predict", model, clip),
        }
        _check(commands)
        times = {what: _measure(command, options.runs) for what, command in commands.items()}
    rows = [(what, median(runs), min(runs), max(runs)) for what, runs in times.items()]
    print_table(("command, warm", "median s", "least s", "most s"), rows)
    emit_json(
        {
            "help_s": round(median(times["auricle --help"]), 3),
            "predict_s": round(median(times["auricle predict, one file of 1.5 s"]), 3),
        }
    )


def _write_clip(path: Path) -> Path:
    code = (
        "import sys, numpy, soundfile; from auricle.synth import synth_clip;"
        "soundfile.write(sys.argv[1], synth_clip('speech', rng=numpy.random.default_rng(0)), 16000)"
    )
    run_command([sys.executable, "-c", code, str(path)])
    return path


def _check(commands: dict[str, list[str]]) -> None:
    """Each command must work, and help must not import what it does not need."""
    for command in commands.values():
        run_command(command)
    code = (
        "import sys; sys.argv = ['auricle', '--help']\n"
        "import auricle.cli\n"
        "try:\n    auricle.cli.main()\nexcept SystemExit:\n    pass\n"
        f"print('loaded:', *(name for name in {_HEAVY!r} if name in sys.modules))"
    )
    loaded = run_command([sys.executable, "-c", code]).strip().rpartition("loaded:")[2].split()
    if loaded:
        sys.exit(f"auricle --help imports {', '.join(loaded)}: no time is printed")


def _measure(command: list[str], runs: int) -> list[float]:
    """Wall times of warm runs, s."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run_command(command)
        times.append(time.perf_counter() - start)
    return times


if __name__ == "__main__":
    main()
