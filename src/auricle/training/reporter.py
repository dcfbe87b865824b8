"""What a run tells while it is under way; the roof decides how it looks."""

from typing import Protocol, runtime_checkable

from auricle.training.loop import EpochRecord


@runtime_checkable
class Reporter(Protocol):
    """Receives what happens, in order."""

    def note(self, text: str) -> None:
        """Something that the person should know."""

    def advance(self, task: str, done: int, total: int) -> None:
        """So many of a task's parts are done."""

    def epoch(self, record: EpochRecord) -> None:
        """An epoch is over."""


class Silent:
    """A reporter that says nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

    def advance(self, task: str, done: int, total: int) -> None:
        """Nothing."""

    def epoch(self, record: EpochRecord) -> None:
        """Nothing."""
