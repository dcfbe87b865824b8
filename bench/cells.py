"""Accuracy of each recurrent cell beside its training time: ``python -m bench.cells``.

Every cell is trained with the same settings, one thread, in turn in one process: on fsdd with one
speaker held out, and on esc10 with fold 1 held out. This is the table that the default was chosen
by; it is not a test result, since the choice was made on these splits.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench._table import emit_json, machine_line, print_table, set_threads

CELLS = ("mingru", "gru", "lstm", "elman")


def main(words: Sequence[str] | None = None) -> None:
    """Train every cell on both sets and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=CELLS)
    parser.add_argument("--speaker", default="george")
    parser.add_argument("--fsdd-epochs", type=int, default=10)
    parser.add_argument("--esc10-epochs", type=int, default=15, help="0 leaves esc10 out")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(words)
    set_threads(options.threads)
    rows, figures = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for cell in options.cells:
            fsdd = _train(cell, options, "fsdd", Path(folder))
            skip = not options.esc10_epochs
            esc10 = (None, None) if skip else _train(cell, options, "esc10", Path(folder))
            rows.append([cell, *fsdd, *esc10])
            figures[cell] = {
                "fsdd_accuracy": fsdd[0],
                "fsdd_s": fsdd[1],
                "esc10_accuracy": esc10[0],
                "esc10_s": esc10[1],
            }
    print(machine_line(threads=options.threads))
    speaker = f"fsdd without {options.speaker}, {options.fsdd_epochs} epochs"
    fold = f"esc10 fold 1, {options.esc10_epochs} epochs"
    print_table(["cell", speaker, "training s", fold, "training s"], rows)
    emit_json({"bench": "cells", **figures})


def _train(cell: str, options: argparse.Namespace, name: str, folder: Path) -> tuple[float, float]:
    """Accuracy on the held-out part, and seconds of training without features."""
    from auricle.data import FeatureCache, k_folds, leave_one_group_out, read_manifest
    from auricle.evaluation import score_manifest
    from auricle.training.config import TrainConfig
    from auricle.training.run import fit_split

    if name == "fsdd":
        manifest = read_manifest(options.data / "fsdd", group_column="speaker")
        splits = leave_one_group_out(manifest, validation_fraction=0.1)
        (split,) = [s for s in splits if s.test.groups[0] == options.speaker]
        epochs = options.fsdd_epochs
    else:
        split = k_folds(read_manifest(options.data / "esc10"), validation_fraction=0.1)[0]
        epochs = options.esc10_epochs
    config = TrainConfig(cell=cell, epochs=epochs, threads=options.threads)  # type: ignore[arg-type]
    started = time.perf_counter()
    fitted = fit_split(split, config, cache=FeatureCache(folder))
    print(f"{cell} on {name}: {time.perf_counter() - started:.0f} s", flush=True)
    scores, _ = score_manifest(fitted.listener, split.test)
    accuracy = float((scores.probs.argmax(axis=1) == scores.targets).mean())
    return accuracy, fitted.seconds["training"]


if __name__ == "__main__":
    main()
