"""How a training run looks: a live display on a terminal, plain lines elsewhere, and its log."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Literal

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from auricle._optional import require
from auricle.errors import OutputError, message
from auricle.io import check_writable
from auricle.training.loop import EpochRecord

_SHOWN_EPOCHS = 8
EpochSink = Callable[[EpochRecord], None]


class Display:
    """A reporter for people: notes, progress of each task, and a table of the last epochs."""

    def __init__(self, *, quiet: bool, sinks: tuple[EpochSink, ...] = ()) -> None:
        self.console = Console(stderr=True)
        self.quiet, self.sinks = quiet, sinks
        self.records: list[EpochRecord] = []
        self.started = time.monotonic()
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self.console,
        )
        self.tasks: dict[str, object] = {}
        self.live: Live | None = None

    def __enter__(self) -> "Display":
        if self.console.is_terminal and not self.quiet:
            self.live = Live(self._picture(), console=self.console, refresh_per_second=4)
            self.live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.live is not None:
            self.live.stop()

    def note(self, text: str) -> None:
        """A line that stays."""
        if not self.quiet:
            self.console.print(text, highlight=False, soft_wrap=True)

    def advance(self, task: str, done: int, total: int) -> None:
        """Move a task's bar; without a terminal, say when it is done."""
        if self.live is None:
            if done >= total:
                self.note(f"{task}: {total} done")
            return
        if task not in self.tasks:
            self.tasks[task] = self.progress.add_task(task, total=total)
        self.progress.update(self.tasks[task], completed=done, total=total)  # type: ignore[arg-type]
        if done >= total:
            self.progress.remove_task(self.tasks.pop(task))  # type: ignore[arg-type]
        self.live.update(self._picture())

    def epoch(self, record: EpochRecord) -> None:
        """Show an epoch and pass it to the logs."""
        if record.epoch <= len(self.records):
            self.records = []
        self.records.append(record)
        for sink in self.sinks:
            sink(record)
        if self.live is not None:
            self.live.update(self._picture())
        else:
            self.note(epoch_line(record, self.left_s()))

    def left_s(self) -> float:
        """Seconds that the remaining epochs will take, at the pace of the last ones."""
        recent = self.records[-5:]
        pace = sum(record.seconds for record in recent) / max(1, len(recent))
        return pace * (recent[-1].epochs - recent[-1].epoch) if recent else 0.0

    def _picture(self) -> Table:
        grid = Table.grid()
        if self.records:
            grid.add_row(self._epochs())
        grid.add_row(self.progress)
        return grid

    def _epochs(self) -> Table:
        last = self.records[-1]
        table = Table(title=f"epoch {last.epoch} of {last.epochs}, {clock(self.left_s())} left")
        for name in ("epoch", "loss", "held-out loss", "held-out accuracy", "seconds"):
            table.add_column(name, justify="right")
        for record in self.records[-_SHOWN_EPOCHS:]:
            table.add_row(
                str(record.epoch),
                f"{record.train_loss:.3f}",
                f"{record.validation_loss:.3f}",
                f"{100 * record.validation_accuracy:.1f} %",
                f"{record.seconds:.1f}",
            )
        return table


def epoch_line(record: EpochRecord, left_s: float) -> str:
    """An epoch as a plain line."""
    return (
        f"epoch {record.epoch}/{record.epochs}  loss {record.train_loss:.3f}  "
        f"held-out loss {record.validation_loss:.3f}  "
        f"held-out accuracy {100 * record.validation_accuracy:.1f} %  {clock(left_s)} left"
    )


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds.

    >>> clock(83.4)
    '1:23'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def json_log(path: Path, *, fresh: bool) -> EpochSink:
    """A sink that appends each epoch to a file as a line of JSON.

    Args:
        fresh: begin the file anew, but not before there is an epoch to write: a run that fails
            at once leaves the log of the model that is there.
    Raises:
        OutputError: the file cannot be written.
    """
    check_writable(path)
    mode: Literal["w", "a"] = "w" if fresh else "a"

    def write(record: EpochRecord) -> None:
        nonlocal mode
        _write_line(path, json.dumps(record.to_dict()) + "\n", mode=mode)
        mode = "a"

    return write


def _write_line(path: Path, text: str, *, mode: Literal["w", "a"]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise OutputError(
            message(
                str(path),
                expected="a log that can be written",
                got=f"{error.strerror or error!s} from the system",
                remedy="Free space or choose another --output; --resume goes on with the run.",
            )
        ) from error


def tensorboard_log(folder: Path) -> EpochSink:
    """A sink that writes TensorBoard events; from the second fold on, each into a run of its own.

    Raises:
        MissingExtraError: tensorboard is not installed.
    """
    require("tensorboard", extra="tensorboard", feature="--tensorboard")
    from torch.utils.tensorboard import SummaryWriter

    writers, last = [SummaryWriter(str(folder))], 0

    def write(record: EpochRecord) -> None:
        nonlocal last
        if record.epoch <= last:
            writers.append(SummaryWriter(str(folder / f"run{len(writers) + 1}")))
        last, writer = record.epoch, writers[-1]
        for name in ("train_loss", "validation_loss", "validation_accuracy", "learning_rate"):
            value = getattr(record, name)
            writer.add_scalar(name, value, record.epoch)
        writer.flush()

    return write
