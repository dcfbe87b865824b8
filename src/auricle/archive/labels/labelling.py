"""Labels for an archive of recordings: what is done stays done, what is bad is told."""

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from auricle.archive.labels.journal import Entry, Journal, cannot_write
from auricle.archive.labels.places import Place
from auricle.archive.labels.tables import LabelFormat
from auricle.archive.labels.work import Broken, Failed, Heard, Labelled, News, Task, do_tasks
from auricle.archive.lock import hold
from auricle.errors import OutputError, message
from auricle.models.model_file import fingerprint
from auricle.streaming import load_detector

_PARTS = ".auricle-parts"
_WORTH_A_PROCESS_S = 900.0  # of sound; less is heard before another process has started

TaskKey = tuple[str, int, int, str, str]


@dataclass(slots=True, kw_only=True)
class LabelProgress:
    """Where a job stands; it is told again and again.

    Attributes:
        files: recordings to label now.
        done: of those, how many are over, well or badly.
        seconds: of sound to hear now, by the headers.
        heard_s: of those, heard so far.
        started: on the clock of `time.monotonic`.
    """

    files: int
    seconds: float
    done: int = 0
    heard_s: float = 0.0
    started: float = field(default_factory=time.monotonic)

    @property
    def times_real_time(self) -> float:
        """Seconds of sound heard in a second."""
        return self.heard_s / max(time.monotonic() - self.started, 1e-9)

    @property
    def left_s(self) -> float | None:
        """Seconds until the end at this pace; None before anything was heard."""
        if self.heard_s <= 0:
            return None
        return max(0.0, self.seconds - self.heard_s) / self.times_real_time


@dataclass(slots=True, kw_only=True)
class LabelSummary:
    """How a job ended.

    Attributes:
        labelled: recordings labelled now.
        before: recordings that had been labelled with this model before.
        edited: of those, recordings whose labels were changed since; they were left alone.
        failed: an error message for each recording that could not be labelled.
        resampled: recordings at another rate than the model's.
        events: heard now.
        seconds: of sound heard now.
        wall_s: that it took, seconds.
    """

    labelled: int = 0
    before: int = 0
    edited: int = 0
    failed: list[str] = field(default_factory=list)
    resampled: int = 0
    events: int = 0
    seconds: float = 0.0
    wall_s: float = 0.0


def label_recordings(
    model: Path,
    places: Sequence[Place],
    folder: Path,
    *,
    format: LabelFormat,
    jobs: int | None = None,
    overwrite: bool = False,
    on_progress: Callable[[LabelProgress], None] | None = None,
    on_error: Callable[[str], None] | None = None,
) -> LabelSummary:
    """Label every recording that is not labelled yet.

    Args:
        model: a detector's file.
        places: from `find_places`.
        folder: where the labels go; its journal says what is done.
        format: of the labels.
        jobs: processes; chosen from cores and hours of sound if None.
        overwrite: also write over files of labels that were edited or are not ours.
        on_progress: told where the job stands after each block of sound.
        on_error: told each recording's error when it happens.
    Raises:
        ModelFileError: not a detector.
        OutputError: the labels cannot be written; those that are done are kept.
    """
    detector = load_detector(model)
    journal = Journal(folder)
    summary = LabelSummary()
    started = time.monotonic()
    with _parts_folder(folder) as parts:
        journal.begin()
        ours = fingerprint(detector.model)
        keys = {place.output: _key(place, ours, format) for place in places}
        todo = [p for p in places if _wanted(p, keys[p.output], journal, summary, overwrite)]
        tell = on_error or (lambda _: None)
        for error in summary.failed:
            tell(error)
        todo.sort(key=lambda place: -place.seconds)
        tasks = [Task(place=p, part=parts / secrets.token_hex(8), format=format) for p in todo]
        foreman = _Foreman(journal, keys, summary, detector.sample_rate)
        progress = LabelProgress(files=len(tasks), seconds=sum((p.seconds for p in todo), 0.0))
        processes = choose_processes(tasks, jobs)
        for news in do_tasks(detector, model, tasks, processes=processes) if tasks else ():
            foreman.take(news)
            _count(progress, news, foreman)
            if isinstance(news, Failed):
                tell(news.error)
            if on_progress is not None:
                on_progress(progress)
    summary.wall_s = time.monotonic() - started
    return summary


def choose_processes(tasks: Sequence[Task], jobs: int | None) -> int:
    """One a core, but no more than there are recordings or a quarter of an hour of sound for."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    worth = 1 + int(sum(task.place.seconds for task in tasks) // _WORTH_A_PROCESS_S)
    wanted = jobs or min(cores or 1, worth)
    return max(1, min(wanted, len(tasks)))


class _Foreman:
    """Puts finished labels in their place, and counts."""

    def __init__(
        self, journal: Journal, keys: dict[Path, TaskKey], summary: LabelSummary, rate: int
    ) -> None:
        self.journal, self.keys, self.summary, self.rate = journal, keys, summary, rate
        self.heard: dict[Path, float] = {}  # of recordings that are being heard

    def take(self, news: News) -> None:
        """Whatever happened.

        Raises:
            OutputError: labels cannot be written.
        """
        place = news.task.place
        match news:
            case Heard():
                self.heard[place.output] = news.seconds
            case Failed():
                self.heard.pop(place.output, None)
                self.summary.failed.append(news.error)
            case Broken():
                raise cannot_write(place.output, news.error) from news.error
            case Labelled():
                self.heard.pop(place.output, None)
                self._keep(news)

    def _keep(self, news: Labelled) -> None:
        output = news.task.place.output
        recording, size, modified_ns, model, format = self.keys[output]
        entry = Entry(
            output=self.journal.name(output),
            sha256=news.sha256,
            recording=recording,
            size=size,
            modified_ns=modified_ns,
            model=model,
            format=format,
            events=news.events,
            seconds=round(news.seconds, 3),
            sample_rate=news.sample_rate,
        )
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
            _flush(news.task.part)
            self.journal.add(entry)
            os.replace(news.task.part, output)
        except OSError as error:
            raise cannot_write(output, error) from error
        self.summary.labelled += 1
        self.summary.events += news.events
        self.summary.seconds += news.seconds
        self.summary.resampled += news.sample_rate != self.rate


def _count(progress: LabelProgress, news: News, foreman: _Foreman) -> None:
    progress.done += isinstance(news, Labelled | Failed)
    if isinstance(news, Failed):  # its hours will not be heard
        progress.seconds -= news.task.place.seconds
    progress.heard_s = foreman.summary.seconds + sum(foreman.heard.values())


def _wanted(
    place: Place, key: TaskKey, journal: Journal, summary: LabelSummary, overwrite: bool
) -> bool:
    status = journal.status(place.output, key)
    if status == "foreign" and not overwrite:
        summary.failed.append(
            message(
                str(place.output),
                expected="no file there, or labels that auricle wrote",
                got="another file, or labels that were changed since another model made them",
                remedy="It was left alone. Choose another --output, or --overwrite it.",
            )
        )
        return False
    if status == "done" or (status == "edited" and not overwrite):
        summary.before += 1
        summary.edited += status == "edited"
        return False
    return True


def _key(place: Place, model: str, format: LabelFormat) -> TaskKey:
    try:
        found = place.recording.stat()
        size, modified_ns = found.st_size, found.st_mtime_ns
    except OSError:
        size, modified_ns = -1, 0
    return str(place.recording.resolve()), size, modified_ns, model, format


@contextmanager
def _parts_folder(folder: Path) -> Iterator[Path]:
    """A folder for labels that are not complete, held against other jobs.

    What a killed job left there is removed.

    Raises:
        OutputError: another job is at work there, or the folder cannot be written.
    """
    parts = folder / _PARTS
    try:
        parts.mkdir(parents=True, exist_ok=True)
        with hold(parts):
            for left in parts.iterdir():
                if left.name != "lock":
                    left.unlink()
            try:
                yield parts
            finally:
                shutil.rmtree(parts, ignore_errors=True)
    except OutputError:
        raise
    except OSError as error:
        raise cannot_write(parts, error) from error


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
