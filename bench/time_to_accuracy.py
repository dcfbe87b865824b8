"""Wall time to the accuracy of the field's example: ``python -m bench.time_to_accuracy``.

Spoken digits (fsdd), official split. One side is the Keras LSTM example of the field (40 MFCC by
librosa, LSTM of 128 and 64, softmax, 10 epochs of Adam; Keras 3 on JAX), which reaches about 96 %
with its 10 epochs. The other is auricle's training with settings that were chosen on validation
clips of the training part and are fixed here (docs/training-speed.md lists what was tried); no run
is stopped by looking at the test clips. Runs alternate, a process each. The clock holds all that a
user waits for after the imports: features, compilation, training. Modules that librosa and numba
import at their first call count as imports, on either side. auricle's compiled code is kept
on disk, so it compiles once after an installation; ``auricle_first_s`` is a run that finds none.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench._command import environment
from bench._table import emit_json, machine_line, print_table, set_threads

SETTINGS = {
    "preset": "tiny",
    "hidden_size": 64,
    "epochs": 3,
    "learning_rate": 6e-3,
    "dropout": 0.05,
    "augment": "none",
}


def main(words: Sequence[str] | None = None) -> None:
    """Alternate both sides over the seeds, print the table and the line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(words)
    set_threads(options.threads)
    settings = SETTINGS | {"threads": options.threads}
    rows, sides = [], {"keras": [], "auricle": []}  # type: ignore[var-annotated]
    with tempfile.TemporaryDirectory() as empty:
        first = run("auricle", options.data, 0, settings, NUMBA_CACHE_DIR=empty)
    run("auricle", options.data, 0, settings | {"epochs": 1})  # the code is on disk from here on
    for seed in range(options.seeds):
        for side, found in sides.items():
            found.append(run(side, options.data, seed, settings))
        pair = [sides[side][-1] for side in ("keras", "auricle")]
        rows.append([seed, *(f(one) for one in pair for f in (_seconds, _percent))])
    print(machine_line(threads=options.threads))
    print_table(["seed", "Keras s", "Keras %", "auricle s", "auricle %"], rows)
    keras_s, auricle_s = (statistics.median(one["seconds"] for one in sides[k]) for k in sides)
    emit_json(
        {
            "bench": "time_to_accuracy",
            "keras_s": keras_s,
            "auricle_s": auricle_s,
            "auricle_first_s": first["seconds"],
            "ratio": auricle_s / keras_s,
            "keras_accuracy": [one["accuracy"] for one in sides["keras"]],
            "auricle_accuracy": [one["accuracy"] for one in sides["auricle"]],
            "epochs": SETTINGS["epochs"],
            "threads": options.threads,
        }
    )


def run(
    side: str, data: Path, seed: int, settings: dict[str, object], **more: str
) -> dict[str, float]:
    """One run in a process of its own."""
    if side == "auricle":
        more = {"GOMP_SPINCOUNT": "2000", **more}  # as the command `auricle` does
    words = ["-m", "bench._time_to_accuracy_runs", side, str(data), str(seed), json.dumps(settings)]
    done = subprocess.run(
        [sys.executable, *words], env=environment() | more, capture_output=True, encoding="utf-8"
    )
    if done.returncode != 0:
        sys.exit(f"{side}:\n{done.stderr}")
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{side} seed {seed}: {answer}", file=sys.stderr, flush=True)
    return answer


def _seconds(found: dict[str, float]) -> str:
    return f"{found['seconds']:.1f}"


def _percent(found: dict[str, float]) -> str:
    return f"{100 * found['accuracy']:.1f}"


if __name__ == "__main__":
    main()
