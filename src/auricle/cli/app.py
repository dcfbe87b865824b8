"""``auricle COMMAND``: parse, run, and turn every error into one clear message."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import tyro

import auricle
from auricle.cli.commands import (
    Cache,
    Datasets,
    Demo,
    Evaluate,
    Inspect,
    Listen,
    Predict,
    SplitCommand,
    Train,
)
from auricle.errors import AuricleError

Command = (
    Annotated[Train, tyro.conf.subcommand("train")]
    | Annotated[Evaluate, tyro.conf.subcommand("evaluate")]
    | Annotated[Predict, tyro.conf.subcommand("predict")]
    | Annotated[Listen, tyro.conf.subcommand("listen")]
    | Annotated[Inspect, tyro.conf.subcommand("inspect")]
    | Annotated[SplitCommand, tyro.conf.subcommand("split")]
    | Annotated[Datasets, tyro.conf.subcommand("datasets")]
    | Annotated[Cache, tyro.conf.subcommand("cache")]
    | Annotated[Demo, tyro.conf.subcommand("demo")]
)

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 something was wrong, 2 usage, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        print(f"auricle {auricle.__version__}")
        sys.exit(0)
    command = tyro.cli(
        Command,
        prog="auricle",
        description="Recurrent networks that listen: from a folder of recordings to a model.",
        args=words or ["--help"],
        config=(tyro.conf.OmitArgPrefixes,),
    )
    sys.exit(run(command))


def run(command: object) -> int:
    """Run a parsed command; returns the exit status."""
    try:
        return int(command.run())  # type: ignore[attr-defined]
    except AuricleError as error:
        print(f"auricle: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        hint = getattr(command, "after_interrupt", "Nothing was left half-written.")
        print(f"\nauricle: interrupted. {hint}", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone: say nothing more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError:
        print("auricle: memory: expected enough of it, got none left. Try a smaller --batch-size "
              "or --max-clip-s.", file=sys.stderr)  # fmt: skip
        return 1
