"""Which recordings are done, so that a job that was killed goes on where it stopped."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from auricle.errors import OutputError, message

NAME = "auricle-labels.jsonl"

Status = Literal["to_do", "done", "edited", "foreign"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the journal: this file of labels was made so.

    Attributes:
        output: the file of labels, relative to the folder.
        sha256: of its content.
        recording: the recording's path in full.
        size: of the recording, bytes.
        modified_ns: when the recording was last changed, nanoseconds.
        model: fingerprint of the model and its settings.
        format: of the file of labels.
        events, seconds, sample_rate: what was heard.
    """

    output: str
    sha256: str
    recording: str
    size: int
    modified_ns: int
    model: str
    format: str
    events: int
    seconds: float
    sample_rate: int

    @property
    def task(self) -> tuple[str, int, int, str, str]:
        """What was asked: a change of any of it makes the file of labels out of date."""
        return self.recording, self.size, self.modified_ns, self.model, self.format


class Journal:
    """A line of JSON a file of labels, written before that file appears under its name.

    So a file of labels whose content is that of a line is ours and may be written anew; one with
    another content was edited, or is a person's own, and is never overwritten unasked.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / NAME
        self.entries: dict[str, list[Entry]] = {}

    def status(self, output: Path, task: tuple[str, int, int, str, str]) -> Status:
        """What there is to do.

        done: the file of labels is there as it was written, for this task. edited: it was written
        for this task, and changed since. foreign: it is there and is not what we wrote for any
        task. to_do: it is missing, or out of date.
        """
        known = self.entries.get(self.name(output), [])
        if not output.exists():
            return "to_do"
        digest = _sha256(output)
        if known and known[-1].task == task and known[-1].sha256 == digest:
            return "done"
        if any(entry.sha256 == digest for entry in known):
            return "to_do"
        return "edited" if known and known[-1].task == task else "foreign"

    def name(self, output: Path) -> str:
        """How the journal calls a file of labels."""
        return output.relative_to(self.folder).as_posix()

    def add(self, entry: Entry) -> None:
        """Append a line, on the disk before this returns.

        Raises:
            OutputError: it cannot be written.
        """
        line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
        try:
            with self.path.open("ab") as file:
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise cannot_write(self.path, error) from error
        self.entries.setdefault(entry.output, []).append(entry)

    def begin(self) -> None:
        """Read what was done before, in a folder that no other job is at work in.

        Raises:
            OutputError: it cannot be read or written.
        """
        self._end_torn_line()
        for entry in self._read():
            self.entries.setdefault(entry.output, []).append(entry)

    def _read(self) -> Iterator[Entry]:
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            raise cannot_write(self.path, error) from error
        for line in lines:
            try:
                yield Entry(**json.loads(line))
            except (ValueError, TypeError):  # torn when the job was killed
                continue

    def _end_torn_line(self) -> None:
        try:
            if self.path.exists() and not self.path.read_bytes().endswith(b"\n"):
                with self.path.open("ab") as file:
                    file.write(b"\n")
        except OSError as error:
            raise cannot_write(self.path, error) from error


def cannot_write(path: Path, error: OSError) -> OutputError:
    """The house's error for a place that the system does not let us write to."""
    return OutputError(
        message(
            str(path),
            expected="to write there",
            got=f"{error.strerror or str(error)!r} from the system",
            remedy="Free space or choose another --output; what is done is kept, and the same "
            "command goes on from there.",
        )
    )


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
