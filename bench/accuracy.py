"""Accuracy on real recordings, with baselines on the same splits: ``python -m bench.accuracy``.

Tasks: ``fsdd-official`` (the own split), ``fsdd-speakers`` (leave one speaker out, mean of 6), and
``esc10`` (mean of its 5 folds). Every run trains anew with the defaults of ``auricle train``, and
nothing is chosen by the test clips; esc10 is heard at 22.05 kHz. ``train_s`` is wall time of
features and training together, the mean over runs; with ``--jobs 2`` two runs share the machine.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from bench._table import emit_json, machine_line, print_table

TASKS = ("fsdd-official", "fsdd-speakers", "esc10")
VALIDATION_SHARE = 0.1
ESC10_RATE = 22_050  # half its own, chosen on development folds: docs/defaults.md


@dataclass(frozen=True, kw_only=True)
class Job:
    """One model to train and test, in a process of its own."""

    task: str
    data: Path
    place: int
    seed: int
    threads: int
    epochs: int | None
    cell: str
    products: str
    cache: Path


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one job found."""

    name: str
    seed: int
    accuracy: float
    clips: int
    train_s: float


def main(words: Sequence[str] | None = None) -> None:
    """Train and test every split of a task for every seed, then print the table."""
    options = _parse(words)
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        names = [name for name, _ in _splits(options.task, options.data)]
        jobs = [
            Job(
                task=options.task,
                data=options.data,
                place=place,
                seed=seed,
                threads=options.threads,
                epochs=options.epochs,
                cell=options.cell,
                products=options.products,
                cache=cache / f"{place}-{seed}",
            )
            for seed in range(options.first_seed, options.first_seed + options.seeds)
            for place in range(len(names))
        ]
        rows = _run_all(jobs, options.jobs)
        baselines = {} if options.no_baselines else _baselines(options.task, options.data, cache)
    _report(options, rows, baselines)


def _parse(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=1, help="models trained at the same time")
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--cell", default="mingru")
    parser.add_argument("--products", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--no-baselines", action="store_true")
    return parser.parse_args(words)


def _splits(task: str, data: Path) -> list[tuple[str, object]]:
    from auricle.data import k_folds, leave_one_group_out, read_manifest, split_manifest

    if task == "esc10":
        folds = k_folds(read_manifest(data / "esc10"), validation_fraction=VALIDATION_SHARE)
        return [(f"fold {number}", split) for number, split in enumerate(folds, start=1)]
    manifest = read_manifest(data / "fsdd", group_column="speaker")
    if task == "fsdd-official":
        split = split_manifest(manifest, kind="column", validation_fraction=VALIDATION_SHARE)
        return [("official", split)]
    splits = leave_one_group_out(manifest, validation_fraction=VALIDATION_SHARE)
    return [(split.test.groups[0], split) for split in splits]


def _run_all(jobs: Sequence[Job], at_once: int) -> list[Row]:
    rows = []
    with ProcessPoolExecutor(
        at_once, mp_context=get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        for row in pool.map(_run, jobs):
            rows.append(row)
            print(
                f"{row.name:<10} seed {row.seed}: {100 * row.accuracy:.2f} % of {row.clips} clips, "
                f"{row.train_s:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    return rows


def _run(job: Job) -> Row:
    from auricle.data import FeatureCache, Split
    from auricle.evaluation import score_manifest
    from auricle.training.config import TrainConfig
    from auricle.training.run import fit_split

    name, split = _splits(job.task, job.data)[job.place]
    assert isinstance(split, Split)
    config = TrainConfig(
        seed=job.seed,
        threads=job.threads,
        epochs=job.epochs,
        cell=job.cell,  # type: ignore[arg-type]
        products=job.products,  # type: ignore[arg-type]
        sample_rate=ESC10_RATE if job.task == "esc10" else None,
    )
    started = time.perf_counter()
    fitted = fit_split(split, config, cache=FeatureCache(job.cache))
    train_s = time.perf_counter() - started
    scores, errors = score_manifest(fitted.listener, split.test)
    assert not errors, errors
    accuracy = float((scores.probs.argmax(axis=1) == scores.targets).mean())
    return Row(name=name, seed=job.seed, accuracy=accuracy, clips=len(split.test), train_s=train_s)


def _baselines(task: str, data: Path, cache: Path) -> dict[str, list[float]]:
    """Accuracy of each baseline on every split; they learn from training and validation clips."""
    from auricle.data import FeatureCache, Split
    from auricle.evaluation import evaluate_baselines

    found: dict[str, list[float]] = {}
    for _, split in _splits(task, data):
        assert isinstance(split, Split)
        heard = replace(split.train, clips=(*split.train.clips, *split.validation.clips))
        results = evaluate_baselines(
            heard,
            split.test,
            sample_rate=8000 if task.startswith("fsdd") else ESC10_RATE,
            channel="mono",
            seed=0,
            cache=FeatureCache(cache / "baselines"),
        )
        for name, result in results.items():
            found.setdefault(name, []).append(result.accuracy)
    return found


def _report(
    options: argparse.Namespace, rows: Sequence[Row], baselines: dict[str, list[float]]
) -> None:
    seeds = sorted({row.seed for row in rows})
    names = list(dict.fromkeys(row.name for row in rows))
    by = {(row.name, row.seed): row for row in rows}
    print(machine_line(threads=options.threads))
    table = []
    for place, name in enumerate(names):
        found = [by[name, seed].accuracy for seed in seeds]
        beside = [f"{100 * values[place]:.1f}" for values in baselines.values()]
        table.append([name, *(f"{100 * value:.1f}" for value in found), *beside])
    means = [statistics.mean(by[name, seed].accuracy for name in names) for seed in seeds]
    beside = [f"{100 * statistics.mean(values):.1f}" for values in baselines.values()]
    table.append(["mean", *(f"{100 * value:.1f}" for value in means), *beside])
    print_table(["split", *(f"seed {seed}" for seed in seeds), *baselines], table)
    spread = statistics.stdev(means) if len(means) > 1 else 0.0
    per = {name: statistics.mean(by[name, seed].accuracy for seed in seeds) for name in names}
    document = {
        "bench": "accuracy",
        "task": options.task,
        "accuracy_mean": statistics.mean(means),
        "accuracy_sd": spread,
        "seeds": len(seeds),
        "train_s": statistics.mean(row.train_s for row in rows),
        "threads": options.threads,
        "jobs": options.jobs,
        "cell": options.cell,
        "products": options.products,
        **{name: statistics.mean(values) for name, values in baselines.items()},
    }
    key = "per_speaker" if options.task == "fsdd-speakers" else "per_split"
    emit_json(document | {key: per})


if __name__ == "__main__":
    main()
