"""What can be odd about annotations, and how it is said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

AnnotationProblemKind = Literal[
    "missing_recording",
    "unreadable_recording",
    "out_of_file",
    "above_nyquist",
    "label_without_events",
    "empty_tier",
    "zero_length",
    "duplicate",
    "overlapping",
    "touching",
    "unsorted",
]

_HEADINGS: dict[AnnotationProblemKind, str] = {
    "missing_recording": "annotation of a recording that is not there",
    "unreadable_recording": "annotation of a recording that cannot be read",
    "out_of_file": "beyond the end of the recording",
    "above_nyquist": "above half the recording's sample rate",
    "label_without_events": "label without events",
    "empty_tier": "tier without events",
    "zero_length": "of no length",
    "duplicate": "twice the same",
    "overlapping": "overlapping",
    "touching": "touching",
    "unsorted": "not in the order of time",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationProblem:
    """One odd thing.

    Attributes:
        kind: what sort of thing.
        source: the annotation file.
        place: where in it, such as "line 3"; empty for what concerns the whole file.
        detail: the rest of the sentence.
    """

    kind: AnnotationProblemKind
    source: Path
    place: str
    detail: str

    def __str__(self) -> str:
        where = f"{self.source}, {self.place}" if self.place else str(self.source)
        return f"{where}: {self.detail}"


def annotation_problem_lines(
    problems: Iterable[AnnotationProblem], *, max_per_kind: int = 5
) -> list[str]:
    """The problems as text for a terminal, by kind, with file and line.

    Args:
        problems: of `Annotations`.
        max_per_kind: how many of each kind are spelled out, >= 1; the others are counted.
    """
    found, lines = list(problems), []
    for kind, heading in _HEADINGS.items():
        lines += _lines([part for part in found if part.kind == kind], heading, max_per_kind)
    return lines


def _lines(found: Sequence[AnnotationProblem], heading: str, most: int) -> list[str]:
    if not found:
        return []
    left = len(found) - most
    more = [f"  and {left} more"] if left > 0 else []
    return [f"{heading}: {len(found)}", *(f"  {part}" for part in found[:most]), *more]
