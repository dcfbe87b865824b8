"""``auricle train``."""

from pathlib import Path

from auricle.cli.commands import Train
from auricle.cli.display import Display, EpochSink, json_log, tensorboard_log
from auricle.cli.reading import open_manifest, say
from auricle.cli.results import report_page, result_lines
from auricle.data import FeatureCache, Manifest, default_cache_folder, fold_manifest, write_manifest
from auricle.errors import AudioError, OutputError
from auricle.io import check_writable
from auricle.streaming import Detector, Listener
from auricle.training.checkpoint import checkpoint_files, nothing_to_resume
from auricle.training.pipeline import Outcome, train_model
from auricle.training.splitting import make_splits

_GB = 1e9


def run(command: Train) -> int:
    """Train, test, compare, write the model; returns the exit status."""
    if command.annotations is not None or command.tags:
        from auricle.cli import train_events

        return train_events.run(command)
    for path in (command.output, command.report):
        if path is not None:
            check_writable(path)
    checkpoint = beside(command.output, ".checkpoint")
    if command.resume and not checkpoint_files(checkpoint):
        raise nothing_to_resume(checkpoint)
    one_class = command.training.background is not None
    manifest = open_manifest(
        command.path, command, table_rate=command.table_rate, one_class=one_class
    )
    if command.skip_bad:
        manifest = without_bad(manifest, command)
    introduce(manifest, quiet=command.quiet)
    background = command.training.background is not None
    splits = make_splits(
        manifest, command.data, seed=command.training.seed, min_classes=1 if background else 2
    )
    if not command.resume:
        put_aside(checkpoint)
    with Display(quiet=command.quiet, sinks=log_sinks(command)) as display:
        outcome = train_model(
            splits,
            command.training,
            cache=feature_cache(command),
            checkpoint=checkpoint,
            resume=command.resume,
            baselines=command.baselines,
            reporter=display,
        )
    save_result(outcome.listener, command.output)
    write_manifest(_kept_apart(outcome, manifest), beside(command.output, ".split.csv"))
    if command.report is not None:
        report_page(outcome, command.report, title=command.path.resolve().name)
    for path in checkpoint_files(checkpoint):
        path.unlink(missing_ok=True)
    print("\n".join(result_lines(outcome.results, outcome.baselines, outcome.listener.card)))
    _tell_files(command, has_folds=bool(outcome.folds))
    return 0


def _kept_apart(outcome: Outcome, manifest: Manifest) -> Manifest:
    """Every clip with its part, or with its fold."""
    if outcome.folds:
        return fold_manifest(outcome.folds, order=manifest)
    return outcome.split.to_manifest()


def beside(output: Path, suffix: str) -> Path:
    """The model's companion of that suffix."""
    return output.with_name(output.stem + suffix)


def introduce(manifest: Manifest, *, quiet: bool = False) -> None:
    """What was understood, in three lines."""
    if quiet:
        return
    shown = ", ".join(manifest.classes[:12]) + (" ..." if len(manifest.classes) > 12 else "")
    number = len(manifest.classes)
    classes = "class" if number == 1 else "classes"
    say(f"{len(manifest)} clips of {number} {classes} ({shown}), read as {manifest.source}.")
    say(f"{len(set(manifest.groups))} groups: {manifest.group_rule}.")
    for note in manifest.notes:
        say(note)
    listed = next((name for name in manifest.classes if ";" in name), None)
    if listed is not None:
        say(f"The label {listed!r} is taken as one class; --tags takes such labels apart.")


def without_bad(manifest: Manifest, command: Train) -> Manifest:
    """The clips that can be read; the others are named."""
    good = []
    for index, clip in enumerate(manifest.clips):
        try:
            clip.load(channel=command.training.channel)
        except AudioError as error:
            say(f"left out: {error}")
        else:
            good.append(index)
    return manifest.select(good)


def save_result(result: Listener | Detector, path: Path) -> None:
    """Write the model file; where that fails, the message says that the training is kept."""
    try:
        result.save(path)
    except OutputError as error:
        kept = "The training is kept: the same command with --resume goes on from its end."
        raise OutputError(f"{error} {kept}") from error


def feature_cache(command: Train) -> FeatureCache:
    """Where features are kept between runs, with its limit."""
    limit = command.cache_limit_gb
    return FeatureCache(
        command.cache or default_cache_folder(),
        max_bytes=None if limit is None else round(limit * _GB),
    )


def log_sinks(command: Train) -> tuple[EpochSink, ...]:
    """Where each epoch is written."""
    log = beside(command.output, ".log.jsonl")
    sinks = (json_log(log, fresh=not command.resume),)
    if command.tensorboard is None:
        return sinks
    return (*sinks, tensorboard_log(command.tensorboard))


def put_aside(checkpoint: Path) -> None:
    """An interrupted run that is not gone on with is kept under another name."""
    for path in checkpoint_files(checkpoint):
        kept = path.with_name(path.name + ".old")
        try:
            path.replace(kept)
        except OSError as error:
            raise OutputError(f"{path}: expected to move it aside, got {error}.") from error
        say(f"An interrupted run was there; it is kept as {kept} (--resume would have gone on).")


def _tell_files(command: Train, *, has_folds: bool) -> None:
    print(f"\nmodel: {command.output} ({command.output.stat().st_size / 1e6:.2f} MB)")
    hint = " (given back with --folds 0, the same folds)" if has_folds else ""
    print(f"split: {beside(command.output, '.split.csv')}{hint}")
    print(f"log:   {beside(command.output, '.log.jsonl')}")
    if command.report is not None:
        print(f"report: {command.report}")
    print(f"\nnext: auricle predict {command.output} FILES...   "
          f"auricle listen {command.output} --input mic")  # fmt: skip
