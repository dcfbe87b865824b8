"""``auricle train``."""

from pathlib import Path

from auricle.cli.commands import Train
from auricle.cli.display import Display, EpochSink, json_log, tensorboard_log
from auricle.cli.reading import open_manifest, say
from auricle.cli.results import report_page, result_lines
from auricle.data import FeatureCache, Manifest, default_cache_folder, write_manifest
from auricle.errors import AudioError, OutputError
from auricle.io import check_writable
from auricle.training.checkpoint import checkpoint_files, nothing_to_resume
from auricle.training.pipeline import Outcome, train_model
from auricle.training.splitting import make_splits

_GB = 1e9


def run(command: Train) -> int:
    """Train, test, compare, write the model; returns the exit status."""
    for path in (command.output, command.report):
        if path is not None:
            check_writable(path)
    checkpoint = beside(command.output, ".checkpoint")
    if command.resume and not checkpoint_files(checkpoint):
        raise nothing_to_resume(checkpoint)
    manifest = open_manifest(command.path, command, table_rate=command.table_rate)
    if command.skip_bad:
        manifest = without_bad(manifest, command)
    introduce(manifest, quiet=command.quiet)
    splits = make_splits(manifest, command.data, seed=command.training.seed)
    if not command.resume:
        _put_aside(checkpoint)
    with Display(quiet=command.quiet, sinks=_sinks(command)) as display:
        for split in splits[:1]:
            display.note(split.description)
        outcome = train_model(
            splits,
            command.training,
            cache=_cache(command),
            checkpoint=checkpoint,
            resume=command.resume,
            baselines=command.baselines,
            reporter=display,
        )
    _save(outcome, command.output)
    write_manifest(outcome.split.to_manifest(), beside(command.output, ".split.csv"))
    if command.report is not None:
        report_page(outcome, manifest, command.report, title=command.path.name)
    for path in checkpoint_files(checkpoint):
        path.unlink(missing_ok=True)
    print("\n".join(result_lines(outcome.results, outcome.baselines, outcome.listener.card)))
    _tell_files(command)
    return 0


def beside(output: Path, suffix: str) -> Path:
    """The model's companion of that suffix."""
    return output.with_name(output.stem + suffix)


def introduce(manifest: Manifest, *, quiet: bool = False) -> None:
    """What was understood, in three lines."""
    if quiet:
        return
    shown = ", ".join(manifest.classes[:12]) + (" ..." if len(manifest.classes) > 12 else "")
    say(f"{len(manifest)} clips of {len(manifest.classes)} classes ({shown}), read as "
        f"{manifest.source}.")  # fmt: skip
    say(f"{len(set(manifest.groups))} groups: {manifest.group_rule}.")
    for note in manifest.notes:
        say(note)


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


def _save(outcome: Outcome, path: Path) -> None:
    try:
        outcome.listener.save(path)
    except OutputError as error:
        kept = "The training is kept: the same command with --resume goes on from its end."
        raise OutputError(f"{error} {kept}") from error


def _cache(command: Train) -> FeatureCache:
    limit = command.cache_limit_gb
    return FeatureCache(
        command.cache or default_cache_folder(),
        max_bytes=None if limit is None else round(limit * _GB),
    )


def _sinks(command: Train) -> tuple[EpochSink, ...]:
    log = beside(command.output, ".log.jsonl")
    sinks = (json_log(log, fresh=not command.resume),)
    if command.tensorboard is None:
        return sinks
    return (*sinks, tensorboard_log(command.tensorboard))


def _put_aside(checkpoint: Path) -> None:
    """An interrupted run that is not gone on with is kept under another name."""
    for path in checkpoint_files(checkpoint):
        kept = path.with_name(path.name + ".old")
        try:
            path.replace(kept)
        except OSError as error:
            raise OutputError(f"{path}: expected to move it aside, got {error}.") from error
        say(f"An interrupted run was there; it is kept as {kept} (--resume would have gone on).")


def _tell_files(command: Train) -> None:
    print(f"\nmodel: {command.output} ({command.output.stat().st_size / 1e6:.2f} MB)")
    print(f"split: {beside(command.output, '.split.csv')}")
    print(f"log:   {beside(command.output, '.log.jsonl')}")
    if command.report is not None:
        print(f"report: {command.report}")
    print(f"\nnext: auricle predict {command.output} FILES...   "
          f"auricle listen {command.output} --input mic")  # fmt: skip
