"""``auricle COMMAND``: parse, run, and turn every error into one clear message."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import tyro

import auricle
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
from auricle.cli.dispatch import Command, dispatch
from auricle.cli.label_options import Label
from auricle.cli.sound_commands import Features, Show
from auricle.errors import AuricleError

Words = (
    Annotated[Train, tyro.conf.subcommand("train")]
    | Annotated[Evaluate, tyro.conf.subcommand("evaluate")]
    | Annotated[Predict, tyro.conf.subcommand("predict")]
    | Annotated[Label, tyro.conf.subcommand("label")]
    | Annotated[Listen, tyro.conf.subcommand("listen")]
    | Annotated[Features, tyro.conf.subcommand("features")]
    | Annotated[Show, tyro.conf.subcommand("show")]
    | Annotated[Inspect, tyro.conf.subcommand("inspect")]
    | Annotated[SplitCommand, tyro.conf.subcommand("split")]
    | Annotated[Convert, tyro.conf.subcommand("convert")]
    | Annotated[Datasets, tyro.conf.subcommand("datasets")]
    | Annotated[Cache, tyro.conf.subcommand("cache")]
    | Annotated[Demo, tyro.conf.subcommand("demo")]
    | Annotated[Synth, tyro.conf.subcommand("synth")]
)

_USAGE = 2
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 something was wrong, 2 usage, 130 interrupted."""
    _sleep_soon()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        print(f"auricle {auricle.__version__}")
        sys.exit(0)
    try:
        command = parse(words or ["--help"])
    except AuricleError as error:
        sys.exit(_failed(str(error), status=_USAGE))
    except KeyboardInterrupt:
        sys.exit(_failed("interrupted. Nothing was begun.", status=_INTERRUPTED))
    sys.exit(run(command))


def _sleep_soon() -> None:
    """Let torch's threads go to sleep after some 30 us of waiting; called before torch is loaded.

    GNU OpenMP's threads spin for milliseconds when they wait for each other. Beside another program
    one of them waits for its turn on a processor while the other spins on the next: a training
    step of the tiny network took 740 ms with two threads in place of 36. The user's settings stay.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "2000")


def parse(words: Sequence[str]) -> Command:
    """The command that the words stand for.

    Raises:
        ConfigError: a setting breaks its rule.
        SystemExit: help was asked for, or the words are no command.
    """
    command: Command = tyro.cli(
        Words,
        prog="auricle",
        description="Recurrent networks that listen: from a folder of recordings to a model.",
        args=words,
        config=(tyro.conf.OmitArgPrefixes,),
    )
    return command


def run(command: Command) -> int:
    """Run a parsed command; returns the exit status."""
    try:
        status = dispatch(command)
        sys.stdout.flush()
        return status
    except AuricleError as error:
        return _failed(str(error))
    except KeyboardInterrupt:
        hint = getattr(command, "after_interrupt", "Nothing was left half-written.")
        return _failed(f"interrupted. {hint}", status=_INTERRUPTED)
    except BrokenPipeError:
        _close_output()
        return 1
    except OSError as error:
        _close_output()
        place = error.filename or "output"
        reason = error.strerror or str(error)
        return _failed(f"{place}: expected to read or write it, got {reason!r} from the system.")
    except MemoryError:
        return _failed(
            "memory: expected enough of it, got none left. Try a smaller --batch-size or "
            "--max-clip-s."
        )


def _failed(text: str, *, status: int = 1) -> int:
    """Say what went wrong; returns the exit status."""
    print(f"auricle: {text}", file=sys.stderr)
    return status


def _close_output() -> None:
    """Nobody reads our output, or it is full: say nothing more there, not even at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
