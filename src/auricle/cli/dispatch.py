"""From a parsed command to the module that does it, imported no sooner than it is needed."""

from typing import assert_never

from auricle.cli.commands import (
    Cache,
    Convert,
    Datasets,
    Demo,
    Evaluate,
    Inspect,
    Listen,
    Predict,
    SplitCommand,
    Synth,
    Train,
)
from auricle.cli.label_options import Label
from auricle.cli.sound_commands import Features, Show

ModelCommand = Train | Evaluate | Predict | Label | Listen | Demo
SoundCommand = Inspect | SplitCommand | Convert | Features | Show | Synth | Datasets | Cache

Command = ModelCommand | SoundCommand


def dispatch(command: Command) -> int:
    """Run the command; returns its exit status."""
    if isinstance(command, ModelCommand):
        return _run_with_model(command)
    return _run_on_sounds(command)


def _run_with_model(command: ModelCommand) -> int:
    """What makes, tests or uses a model."""
    match command:
        case Train():
            from auricle.cli import train

            return train.run(command)
        case Evaluate():
            from auricle.cli import evaluate

            return evaluate.run(command)
        case Predict():
            from auricle.cli import predict

            return predict.run(command)
        case Label():
            from auricle.cli import label

            return label.run(command)
        case Listen():
            from auricle.cli import listen

            return listen.run(command)
        case Demo():
            from auricle.cli import demo

            return demo.run(command)
        case _:
            assert_never(command)


def _run_on_sounds(command: SoundCommand) -> int:
    """What needs recordings alone, or makes them."""
    match command:
        case Inspect():
            from auricle.cli import inspect

            return inspect.run(command)
        case SplitCommand():
            from auricle.cli import split

            return split.run(command)
        case Convert():
            from auricle.cli import convert

            return convert.run(command)
        case Features():
            from auricle.cli import features

            return features.run(command)
        case Show():
            from auricle.cli import show

            return show.run(command)
        case Synth():
            from auricle.cli import synth

            return synth.run(command)
        case Datasets():
            from auricle.cli import datasets

            return datasets.run(command)
        case Cache():
            from auricle.cli import cache

            return cache.run(command)
        case _:
            assert_never(command)
