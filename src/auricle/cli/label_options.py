"""What ``auricle label`` takes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Find every event in long recordings: a file of labels for each, where it began and ended.

    Attributes:
        model: the file of a detector.
        paths: recordings, and folders of them.
        to: format of the labels.
        output: the folder to write them to; a folder's tree is kept in it.
        jobs: recordings heard at once, each by a process; chosen from cores and hours if not given.
        overwrite: also write over labels that were edited since, or that auricle did not write.
        quiet: say only what went wrong.
    """

    model: tyro.conf.Positional[Path]
    paths: tyro.conf.Positional[tuple[Path, ...]]
    to: Literal["raven", "audacity", "textgrid", "elan", "dcase", "csv"] = "raven"
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("labels")
    jobs: int | None = None
    overwrite: bool = False
    quiet: bool = False

    @property
    def after_interrupt(self) -> str:
        """What a person can do after Ctrl-C."""
        return "Recordings that are done stay done: the same command goes on with the others."
