"""One recording after the other, in this process or in several."""

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from auricle.archive.labels.heard import HeardEvents, hear
from auricle.archive.labels.places import Place
from auricle.archive.labels.tables import LabelFormat, write_events
from auricle.errors import AudioError, ManifestError, message
from auricle.streaming import Detector, load_detector


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A recording to be labelled.

    Attributes:
        place: the recording and its file of labels.
        part: where the labels are written first.
        format: of the labels.
    """

    place: Place
    part: Path
    format: LabelFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """So many seconds of the task's recording were heard."""

    task: Task
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """The labels are written to the task's part.

    Attributes:
        sha256: of the labels.
        events, seconds, sample_rate: what was heard.
    """

    task: Task
    sha256: str
    events: int
    seconds: float
    sample_rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The recording cannot be labelled; the others can."""

    task: Task
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Labels cannot be written: there is no sense in going on."""

    task: Task
    error: OSError


News = Heard | Labelled | Failed | Broken


def do_tasks(
    detector: Detector, model: Path, tasks: Sequence[Task], *, processes: int
) -> Iterator[News]:
    """Label every recording; what happens is told as it happens.

    Args:
        detector: the model, for this process.
        model: its file, for others.
        processes: 1 stays in this one; others are started anew and end with this one.
    """
    if processes == 1:
        for task in tasks:
            yield from do_task(detector, task)
    else:
        yield from _Crew(model, tasks, processes).news()


def do_task(detector: Detector, task: Task) -> Iterator[News]:
    """Label one recording."""
    events: HeardEvents | None = None
    try:
        for events in hear(detector, task.place.recording):
            yield Heard(task=task, seconds=events.seconds)
        assert events is not None
        digest = write_events(events, task.part, format=task.format, output=task.place.output)
    except (AudioError, ManifestError) as error:
        yield Failed(task=task, error=str(error))
    except OSError as error:
        yield Broken(task=task, error=error)
    else:
        yield Labelled(
            task=task,
            sha256=digest,
            events=len(events),
            seconds=events.seconds,
            sample_rate=events.sample_rate,
        )


class _Crew:
    """Processes that each label one recording after the other; one that dies is replaced."""

    def __init__(self, model: Path, tasks: Sequence[Task], processes: int) -> None:
        self.model, self.waiting = model, list(reversed(tasks))
        self.context = get_context("spawn")
        self.workers: dict[Connection, SpawnProcess] = {}
        self.at_work: dict[Connection, Task] = {}
        self.processes = min(processes, len(tasks))

    def news(self) -> Iterator[News]:
        """What happens, as it happens, until everything is done."""
        try:
            for _ in range(self.processes):
                self._hire()
            while self.at_work:
                for connection in wait(list(self.at_work)):
                    assert isinstance(connection, Connection)
                    yield self._listen(connection)
        finally:
            for process in self.workers.values():
                process.kill()
            for connection, process in self.workers.items():
                process.join()
                connection.close()

    def _hire(self) -> None:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(target=serve, args=(self.model, theirs), daemon=True)
        process.start()
        theirs.close()
        self.workers[ours] = process
        self._give(ours)

    def _give(self, connection: Connection) -> None:
        if self.waiting:
            task = self.waiting.pop()
            self.at_work[connection] = task
            connection.send(task)

    def _listen(self, connection: Connection) -> News:
        try:
            news: News = connection.recv()
        except (EOFError, OSError):
            return self._bury(connection)
        if not isinstance(news, Heard):
            del self.at_work[connection]
            self._give(connection)
        return news

    def _bury(self, connection: Connection) -> Failed:
        """A process that ended in the middle of a recording takes only that one with it."""
        process, task = self.workers.pop(connection), self.at_work.pop(connection)
        process.join()
        connection.close()
        if self.waiting:
            self._hire()
        got = f"a process that ended with {process.exitcode}"
        remedy = "Was memory short? Try it alone, with --jobs 1."
        name = str(task.place.recording)
        return Failed(
            task=task, error=message(name, expected="to be heard", got=got, remedy=remedy)
        )


def serve(model: Path, connection: Connection) -> None:
    """The life of a process: tasks come in, news go out, until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent answers Ctrl-C
    import torch

    torch.set_num_threads(1)
    detector = load_detector(model)
    try:
        while True:
            for news in do_task(detector, connection.recv()):
                connection.send(news)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
