"""``auricle predict``."""

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from auricle.cli.commands import Predict
from auricle.cli.reading import TextSink, say
from auricle.errors import AuricleError, CausalityError, ConfigError, message
from auricle.io import is_audio_path, write_atomically
from auricle.streaming import Listener, Prediction, StepScores, load_listener

_COLUMNS = ("path", "label", "score", "duration_s", "source_rate", "error")
_FRAME_COLUMNS = ("path", "time_s")


def run(command: Predict) -> int:
    """A row a file, or a time step; 1 when any file could not be read."""
    listener = with_threshold(load_listener(command.model), command.threshold)
    paths = list(find_recordings(command.paths))
    if not paths:
        say("auricle: no recordings: expected sound files, got none in the folders named.")
        return 1
    if command.frames and not listener.model.causal:
        raise CausalityError(
            message(
                "--frames",
                expected="a model that answers at every time step as it listens",
                got="a bidirectional one",
                remedy="Leave --frames out, or train without --bidirectional.",
            )
        )
    if command.output is None:
        return _write(command, listener, paths, sys.stdout)
    with write_atomically(command.output) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            return _write(command, listener, paths, file)


def with_threshold(listener: Listener, threshold: float | None) -> Listener:
    """The listener with another threshold, if one is given.

    Raises:
        ConfigError: not in [0, 1].
    """
    if threshold is not None:
        config = listener.model.config
        decision = replace(config.decision, threshold=threshold)
        listener.model.config = replace(config, decision=decision)
    return listener


def find_recordings(paths: Sequence[Path]) -> Iterator[Path]:
    """Files as they are named; of folders, every sound file in them, by name."""
    if not paths:
        raise ConfigError(
            message("paths", expected="at least one", got="none", remedy="Name a file or a folder.")
        )
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and is_audio_path(p))
        else:
            yield path


def _write(command: Predict, listener: Listener, paths: list[Path], out: TextSink) -> int:
    writer = _writer(command, listener, out)
    bad = resampled = 0
    for path in paths:
        try:
            on_scores = partial(writer.steps, str(path)) if command.frames else None
            answer = listener.predict_file(path, on_scores=on_scores)
        except AuricleError as error:
            bad += 1
            say(f"auricle: {error}")
            writer.failed(path, str(error))
        else:
            resampled += answer.source_rate != listener.sample_rate
            writer.answered(answer)
        out.flush()
    if resampled:
        say(f"auricle: {resampled} of {len(paths)} recordings were resampled to the model's "
            f"{listener.sample_rate} Hz.")  # fmt: skip
    if bad:
        say(f"auricle: {bad} of {len(paths)} recordings could not be read; the others are done.")
    return 1 if bad else 0


def _writer(command: Predict, listener: Listener, out: TextSink) -> "_Rows":
    kinds = {"table": _TableRows, "csv": _CsvRows, "jsonl": _JsonRows}
    return kinds[command.format](out, listener.classes, frames=command.frames)


class _Rows:
    """Rows in some form; the subclasses write one."""

    def __init__(self, out: TextSink, classes: tuple[str, ...], *, frames: bool) -> None:
        self.out, self.frames = out, frames
        self.classes = tuple(_column(name) for name in classes)

    def failed(self, path: Path, error: str) -> None:
        """A file that could not be read."""
        self.row({"path": str(path), "error": error})

    def answered(self, answer: Prediction) -> None:
        """A file's answer; nothing where its time steps are wanted."""
        if not self.frames:
            names = ("path", "label", "score", "duration_s", "source_rate")
            row = {name: getattr(answer, name) for name in names}
            self.row(row | dict(zip(self.classes, answer.probs, strict=True)))

    def steps(self, path: str, steps: StepScores) -> None:
        """Some of a file's time steps."""
        for time_s, probs in zip(steps.times_s.tolist(), steps.probs.tolist(), strict=True):
            row = {"path": path, "time_s": round(time_s, 6)}
            self.row(row | dict(zip(self.classes, probs, strict=True)))

    def row(self, row: dict[str, object]) -> None:
        """Write one row."""
        raise NotImplementedError

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        first = _FRAME_COLUMNS if self.frames else _COLUMNS[:-1]
        return (*first, *self.classes, "error")


class _CsvRows(_Rows):
    def __init__(self, out: TextSink, classes: tuple[str, ...], *, frames: bool) -> None:
        super().__init__(out, classes, frames=frames)
        self.table = csv.DictWriter(out, self.columns, restval="", lineterminator="\n")
        self.table.writeheader()

    def row(self, row: dict[str, object]) -> None:
        self.table.writerow({key: _plain(value) for key, value in row.items()})


class _JsonRows(_Rows):
    def row(self, row: dict[str, object]) -> None:
        print(json.dumps(row, ensure_ascii=False), file=self.out)


class _TableRows(_Rows):
    def row(self, row: dict[str, object]) -> None:
        if "error" in row:
            print(f"{'error':<20} {'':>6}  {row['path']}", file=self.out)
        elif self.frames:
            best = max(self.classes, key=lambda name: float(str(row[name])))
            time_s, score = float(str(row["time_s"])), float(str(row[best]))
            print(f"{time_s:10.3f} s  {best:<20} {score:6.3f}  {row['path']}", file=self.out)
        else:
            score = float(str(row["score"]))
            print(f"{row['label']!s:<20} {score:6.3f}  {row['path']}", file=self.out)


def _column(name: str) -> str:
    """A class's column; one that is called like another column is told apart."""
    return f"class {name}" if name in (*_COLUMNS, *_FRAME_COLUMNS) else name


def _plain(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float) else value
