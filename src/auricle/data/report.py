"""What a manifest holds, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

ProblemKind = Literal[
    "unreadable",
    "empty",
    "silent",
    "mostly_silent",
    "clipped",
    "short",
    "channels",
    "duplicate",
    "single_clip",
    "single_group",
    "single_class",
]

_HEADINGS: dict[ProblemKind, str] = {
    "unreadable": "cannot be read",
    "empty": "empty",
    "silent": "silent (never above -60 dBFS)",
    "mostly_silent": "mostly silent (four fifths below -60 dBFS)",
    "clipped": "clipped",
    "short": "shorter than a frame",
    "channels": "several channels",
    "duplicate": "duplicate audio",
    "single_clip": "class with one clip",
    "single_group": "class in one group only",
    "single_class": "one class only",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        kind: what sort of thing.
        path: the file, or None for what concerns a class.
        detail: the rest of the sentence.
    """

    kind: ProblemKind
    path: Path | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCount:
    """One class: its name, clips, seconds of sound, and groups."""

    label: str
    num_clips: int
    seconds: float
    num_groups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """Of the clips that can be read, seconds."""

    shortest: float
    median: float
    mean: float
    longest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestReport:
    """What `inspect_manifest` found.

    Attributes:
        source: kind of source, as in `Manifest`.
        root: folder of the source.
        num_clips: all, readable or not.
        num_unreadable: clips that cannot be read or are empty.
        hours: of readable sound.
        classes: each class, by name.
        sample_rates: clips by Hz.
        channels: clips by number of channels.
        durations: of readable clips; None where there are none.
        silent_share: of all 50 ms pieces, those below -60 dBFS, weighted by duration.
        num_groups: how many.
        largest_group: clips in the largest group.
        group_rule: where groups come from.
        splits: clips by the split column, if there is one.
        folds: clips by the fold column, if there is one.
        notes: of the reader.
        problems: by kind, in the order of the source.
    """

    source: str
    root: Path
    num_clips: int
    num_unreadable: int
    hours: float
    classes: tuple[ClassCount, ...]
    sample_rates: dict[int, int]
    channels: dict[int, int]
    durations: Durations | None
    silent_share: float
    num_groups: int
    largest_group: int
    group_rule: str
    splits: dict[str, int]
    folds: dict[int, int]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]

    def to_dict(self) -> dict[str, object]:
        """The same for JSON: paths as text, keys of counts as text."""
        plain: dict[str, object] = asdict(self)
        plain["root"] = str(self.root)
        for name in ("sample_rates", "channels", "folds"):
            plain[name] = {str(key): value for key, value in getattr(self, name).items()}
        plain["problems"] = [
            {**asdict(problem), "path": None if problem.path is None else str(problem.path)}
            for problem in self.problems
        ]
        plain["classes"] = [asdict(count) for count in self.classes]
        plain["notes"] = list(self.notes)
        return plain


def report_lines(report: ManifestReport, *, max_per_kind: int = 20) -> list[str]:
    """The report as text for a terminal.

    Args:
        report: of `inspect_manifest`.
        max_per_kind: how many files to name for each kind of problem, >= 1.
    """
    head = [
        f"{report.root} ({report.source})",
        f"{report.num_clips} clips, {_classes(len(report.classes))}, {_hours(report.hours)}",
        f"groups: {_groups(report)}",
    ]
    if report.durations is not None:
        head += _sound_lines(report, report.durations)
    for name, counts in (("split", report.splits), ("folds", report.folds)):
        if counts:
            head.append(f"{name}: {_counted(counts)}")
    notes = [f"note: {note}" for note in report.notes]
    return [*head, *notes, "", *_class_table(report.classes), "", *_problems(report, max_per_kind)]


def _sound_lines(report: ManifestReport, durations: Durations) -> list[str]:
    rates = {f"{rate} Hz": count for rate, count in report.sample_rates.items()}
    return [
        f"sample rate: {_counted(rates)}",
        f"channels: {_counted(report.channels)}",
        f"durations: {durations.shortest:.2f} to {durations.longest:.2f} s, "
        f"median {durations.median:.2f} s, mean {durations.mean:.2f} s",
        f"below -60 dBFS: {100 * report.silent_share:.0f} % of the time",
    ]


def _groups(report: ManifestReport) -> str:
    if report.num_groups == report.num_clips:
        return report.group_rule
    return f"{report.num_groups}, of up to {report.largest_group} clips; {report.group_rule}"


def _classes(number: int) -> str:
    return f"{number} class" if number == 1 else f"{number} classes"


def _hours(hours: float) -> str:
    return f"{hours:.2f} hours" if hours >= 1 else f"{60 * hours:.1f} minutes"


def _counted(counts: dict[str, int] | dict[int, int]) -> str:
    if len(counts) == 1:
        return str(next(iter(counts)))
    return ", ".join(f"{key} ({count} clips)" for key, count in counts.items())


def _class_table(classes: Sequence[ClassCount]) -> list[str]:
    width = max([5, *(len(count.label) for count in classes)])
    lines = [f"{'class':<{width}}  clips  minutes  groups"]
    for count in classes:
        lines.append(
            f"{count.label:<{width}}  {count.num_clips:>5}  {count.seconds / 60:>7.1f}  "
            f"{count.num_groups:>6}"
        )
    return lines


def _problems(report: ManifestReport, max_per_kind: int) -> list[str]:
    if not report.problems:
        return ["no problems found"]
    lines = [f"{len(report.problems)} problem{'s' * (len(report.problems) > 1)}"]
    for kind, heading in _HEADINGS.items():
        found = [problem for problem in report.problems if problem.kind == kind]
        if not found:
            continue
        lines.append(f"  {heading}: {len(found)}")
        lines += [f"    {_problem(problem, report.root)}" for problem in found[:max_per_kind]]
        if len(found) > max_per_kind:
            lines.append(f"    and {len(found) - max_per_kind} more (JSON lists them all)")
    return lines


def _problem(problem: Problem, root: Path) -> str:
    if problem.path is None:
        return problem.detail
    path = problem.path.relative_to(root) if problem.path.is_relative_to(root) else problem.path
    detail = problem.detail.replace(f"{root.as_posix()}/", "")
    return f"{path.as_posix()}: {detail}"
