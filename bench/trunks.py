"""Accuracy of trunks beside their cost: ``python -m bench.trunks``.

A row is a preset with a cell, trained with the same settings as every other, one thread each:

- fsdd: the speakers of ``--speakers`` held out in turn;
- esc10: the folds of ``--folds`` held out in turn among folds 1 to 4 (fold 5 is never heard);
- birdsong: 5 ms frames of one finch, no strides, labels 80 ms late, error on its validation songs.

This is the table that the defaults were chosen by. It is not a test result, since the choice was
made on these splits. ``hop_us`` is the mean time of a 10 ms hop through front end, trunk and head
in plain torch, one thread: compare it within the table only.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from bench._birdsong import train_frames
from bench._table import emit_json, machine_line, print_table, set_threads
from bench.accuracy import ESC10_RATE, VALIDATION_SHARE

SETS = ("fsdd", "esc10", "birdsong")
UNHEARD_FOLD = 5


@dataclass(frozen=True, kw_only=True)
class Job:
    """One model to train on one split."""

    preset: str
    cell: str
    name: str
    place: str
    data: Path
    epochs: int | None
    steps: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one job found: ``score`` is accuracy, or frame error of birdsong."""

    score: float
    train_s: float


def main(words: Sequence[str] | None = None) -> None:
    """Train every trunk on every set and print the table."""
    options = _parse(words)
    jobs = [
        Job(
            preset=preset,
            cell=cell,
            name=name,
            place=place,
            data=options.data,
            epochs=options.epochs,
            steps=options.steps,
            seed=options.seed,
        )
        for preset in options.presets
        for cell in options.cells
        for name in options.sets
        for place in _places(name, options)
    ]
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        found = list(_told(jobs, pool.map(_run, jobs)))
    set_threads(1)
    _report(options, jobs, found)


def _parse(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--presets", nargs="+", default=["small"])
    parser.add_argument("--cells", nargs="+", default=["mingru", "gru", "lstm", "elman"])
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--speakers", nargs="+", default=["george", "theo"])
    parser.add_argument("--folds", nargs="+", default=["1", "2"])
    parser.add_argument("--epochs", type=int, default=None, help="of fsdd and esc10")
    parser.add_argument("--steps", type=int, default=300, help="of birdsong, 16 windows of 2 s")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="models trained at the same time")
    return parser.parse_args(words)


def _places(name: str, options: argparse.Namespace) -> list[str]:
    by_set = {"fsdd": options.speakers, "esc10": options.folds, "birdsong": ["val"]}
    return list(by_set[name])


def _told(jobs: Sequence[Job], results):  # type: ignore[no-untyped-def]
    """The results, each told as it comes."""
    for job, found in zip(jobs, results, strict=True):
        where = f"{job.preset} {job.cell} on {job.name} {job.place}"
        print(f"{where}: {100 * found.score:.2f} %, {found.train_s:.0f} s", file=sys.stderr)
        yield found


def _run(job: Job) -> Found:
    set_threads(1)
    if job.name != "birdsong":
        return _classify(job)
    from auricle.models import preset

    config = preset(job.preset, kind=job.cell)  # type: ignore[arg-type]
    config = replace(config, stem_strides=(1,) * len(config.stem_strides))
    result = train_frames(config, data=job.data, steps=job.steps, seed=job.seed)
    return Found(score=result.frame_error, train_s=result.train_s)


def _classify(job: Job) -> Found:
    """Accuracy on the held-out part, and seconds of training without features."""
    from auricle.data import FeatureCache, default_cache_folder
    from auricle.evaluation import score_manifest
    from auricle.training.config import TrainConfig
    from auricle.training.run import fit_split

    split = _split(job)
    config = TrainConfig(
        preset=job.preset,  # type: ignore[arg-type]
        cell=job.cell,  # type: ignore[arg-type]
        epochs=job.epochs,
        seed=job.seed,
        threads=1,
        sample_rate=ESC10_RATE if job.name == "esc10" else None,
    )
    fitted = fit_split(split, config, cache=FeatureCache(default_cache_folder()))
    scores, errors = score_manifest(fitted.listener, split.test)
    assert not errors, errors
    accuracy = float((scores.probs.argmax(axis=1) == scores.targets).mean())
    return Found(score=accuracy, train_s=fitted.seconds["training"])


def _split(job: Job):  # type: ignore[no-untyped-def]
    from auricle.data import k_folds, leave_one_group_out, read_manifest

    if job.name == "fsdd":
        manifest = read_manifest(job.data / "fsdd", group_column="speaker")
        splits = leave_one_group_out(manifest, validation_fraction=VALIDATION_SHARE)
        (split,) = [one for one in splits if one.test.groups[0] == job.place]
        return split
    manifest = read_manifest(job.data / "esc10")
    heard = [at for at, clip in enumerate(manifest.clips) if clip.fold != UNHEARD_FOLD]
    folds = k_folds(manifest.select(heard), validation_fraction=VALIDATION_SHARE)
    (split,) = [one for one in folds if one.test.clips[0].fold == int(job.place)]
    return split


def _report(options: argparse.Namespace, jobs: Sequence[Job], found: Sequence[Found]) -> None:
    print(machine_line(threads=1))
    rows, figures = [], []
    for preset in options.presets:
        for cell in options.cells:
            figure: dict[str, object] = {"preset": preset, "cell": cell, **_cost(preset, cell)}
            row = [preset, cell, figure["parameters"], figure["hop_us"]]
            for name in options.sets:
                mine = [
                    one
                    for job, one in zip(jobs, found, strict=True)
                    if (job.preset, job.cell, job.name) == (preset, cell, name)
                ]
                score = 100 * statistics.mean(one.score for one in mine)
                seconds = statistics.mean(one.train_s for one in mine)
                figure |= {
                    name: score,
                    f"{name}_s": seconds,
                    f"{name}_each": [asdict(o) for o in mine],
                }
                row += [f"{score:.2f}", f"{seconds:.0f}"]
            rows.append(row)
            figures.append(figure)
    heads = []
    for name in options.sets:
        heads += [f"{name} {'error' if name == 'birdsong' else 'accuracy'} %", "training s"]
    print_table(["preset", "cell", "parameters", "hop us", *heads], rows)
    emit_json({"bench": "trunks", "trunks": figures})  # type: ignore[dict-item]


def _cost(preset: str, cell: str) -> dict[str, float | int]:
    """Parameters, and the mean time of a hop in plain torch."""
    import torch

    from auricle.features import log_mel_for
    from auricle.models import Model, ModelConfig
    from auricle.models import preset as trunk_of

    trunk = trunk_of(preset, kind=cell)  # type: ignore[arg-type]
    classes = tuple(str(digit) for digit in range(10))
    model = Model(ModelConfig(classes=classes, front_end=log_mel_for(16_000), trunk=trunk)).eval()
    state, hop = model.initial_state(1), torch.zeros(1, 1, model.config.front_end.hop_length)
    times = []
    with torch.inference_mode():
        for _ in range(3):
            started = time.perf_counter()
            for _ in range(400):
                _, state = model(hop, state)
            times.append((time.perf_counter() - started) / 400)
    parameters = sum(p.numel() for p in model.parameters())
    return {"parameters": parameters, "hop_us": round(1e6 * min(times))}


if __name__ == "__main__":
    main()
