"""The one door for annotations of every format."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from auricle.data.annotations.checks import find_problems
from auricle.data.annotations.event import AnnotatedEvent, AnnotatedRecording, Annotations
from auricle.data.annotations.formats import (
    AnnotationFormat,
    annotation_files,
    guess_format,
    parse,
)
from auricle.data.annotations.parsed import Mark, Parsed, bad_annotation
from auricle.data.annotations.problems import AnnotationProblem, AnnotationProblemKind
from auricle.data.annotations.recordings import (
    About,
    RecordingFinder,
    about,
    manifest_beside,
    measured,
)
from auricle.data.annotations.units import Times, check_claimed_rates, check_seconds, scale
from auricle.errors import ManifestError, message

_REFUSED: dict[AnnotationProblemKind, tuple[str, str]] = {
    "missing_recording": (
        "the recording of every annotation",
        "Name the folder that holds the recordings with --recordings.",
    ),
    "label_without_events": ("events for every label", "Annotate some, or take the label out."),
    "out_of_file": (
        "events inside their recording",
        "Is the recording cut short, or the annotation of another one? Mend it by hand.",
    ),
    "above_nyquist": (
        "frequencies below half the recording's sample rate",
        "Was the annotation made on a recording of a higher rate?",
    ),
}


def read_annotations(
    path: Path | Sequence[Path],
    *,
    recordings: Path | None = None,
    format: AnnotationFormat | Literal["auto"] = "auto",
    times: Times = "auto",
    labels: Sequence[str] | None = None,
    label_column: str | None = None,
    tier: str | None = None,
    strict: bool = True,
) -> Annotations:
    """Read annotations of any format that auricle knows; see docs/annotations.md.

    What is odd (overlapping, touching, out of file, ...) is listed in `Annotations.problems`
    with file and line, and nothing is mended.

    Args:
        path: an annotation file, a folder of them, or several of either.
        recordings: the folder of the recordings, or the one recording; None: beside the files.
        format: of the files; "auto" looks at name and content.
        times: "s" or "ms"; "auto" takes seconds, and refuses what looks like milliseconds.
        labels: classes that must occur.
        label_column: of a table: which column is the label.
        tier: of Praat and ELAN: the only tier to read.
        strict: refuse missing recordings, events beyond a recording's end or above half its
            rate, and labels without events, since nothing can be learnt or scored from them.
    Raises:
        ManifestError: a file cannot be understood, or ``strict`` refuses it.
        AudioError: a recording is there and is broken.
    """
    paths = (path,) if isinstance(path, Path) else tuple(path)
    files, passed_over = annotation_files(paths, format=format)
    kinds = [format if format != "auto" else guess_format(file) for file in files]
    parsed = [
        parse(file, kind, label_column=label_column, tier=tier)
        for file, kind in zip(files, kinds, strict=True)
    ]
    root = paths[0] if paths[0].is_dir() else paths[0].parent
    gathered = _Gathered(recordings or root, has_folder=recordings is not None)
    for part in parsed:
        gathered.add(part, times=times)
    found = gathered.annotations(source=kinds[0], root=root)
    if passed_over:
        names = ", ".join(str(file) for file in passed_over[:3])
        count = f"{len(passed_over)} file{'s' * (len(passed_over) > 1)}"
        note = f"{count} passed over, of no format that can be told from the content: {names}."
        found = replace(found, notes=(*found.notes, note))
    if not found.events:
        raise bad_annotation(paths[0], "at least one event", "none", "Is it the right file?")
    found = replace(found, problems=_all_problems(found, parsed, labels=labels, first=files[0]))
    if strict:
        refuse_problems(found)
    return found


def refuse_problems(
    annotations: Annotations, *, kinds: Sequence[AnnotationProblemKind] = tuple(_REFUSED)
) -> None:
    """Raise for the first problem that is of these kinds.

    Raises:
        ManifestError: there is one; the message says how many more there are.
    """
    for kind in kinds:
        found = [problem for problem in annotations.problems if problem.kind == kind]
        if found:
            rule, remedy = _REFUSED.get(kind, (f"no event that is {kind}", "Mend it by hand."))
            where = ", ".join(part for part in (str(found[0].source), found[0].place) if part)
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            got = f"{found[0].detail}{more}"
            raise ManifestError(message(where, expected=rule, got=got, remedy=remedy))


class _Gathered:
    """The events of all files, by recording."""

    def __init__(self, folder: Path, *, has_folder: bool) -> None:
        self.finder, self.has_folder = RecordingFinder(folder=folder), has_folder
        self.events: dict[Path, list[AnnotatedEvent]] = {}
        self.about: dict[Path, About] = {}
        self.known: dict[Path, tuple[float | None, int | None]] = {}
        self.notes: list[str] = []

    def add(self, parsed: Parsed, *, times: Times) -> None:
        """Put in what one file says."""
        names = {name: self._find(name, parsed.path) for name in parsed.recordings}
        for name, columns in parsed.recordings.items():
            self._open(names[name])
            if any(columns.values()):
                self.about[names[name]] = about(dict(columns))
        unnamed = parsed.of_one or any(mark.recording is None for mark in parsed.marks)
        alone = self._find(None, parsed.path) if unnamed else None
        placed: list[tuple[Mark, Path]] = []
        for mark in parsed.marks:
            place = alone if mark.recording is None else names.get(mark.recording)
            path = place or self._find(mark.recording, parsed.path)
            self._open(path)
            placed.append((mark, path))
        if alone is not None:
            self._open(alone)
        placed = scale(parsed, placed, times=times, known=self.known)
        check_seconds(parsed, placed, times=times, known=self.known)
        check_claimed_rates(parsed, placed, known=self.known)
        for mark, path in placed:
            self.events[path].append(_event(mark, path, parsed.path))
        self.notes += parsed.notes

    def annotations(self, *, source: str, root: Path) -> Annotations:
        """All of it as a value."""
        folders = [root, self.finder.folder] if self.finder.folder.is_dir() else [root]
        table, listed = manifest_beside(folders)
        if table is not None:
            self.notes.append(f"Splits and groups are taken from {table}.")
        opened = {path.resolve() for path in self.events}
        for path in listed:
            if path.is_file() and path.resolve() not in opened:
                self._open(path)
        by_place = {path.resolve(): said for path, said in listed.items()}
        parts = [
            self._recording(path, self.about.get(path) or by_place.get(path.resolve()) or About())
            for path in self.events
        ]
        notes = tuple([*self.notes, *self._finder_notes()])
        return Annotations(recordings=tuple(parts), source=source, root=root, notes=notes)

    def _recording(self, path: Path, said: About) -> AnnotatedRecording:
        duration_s, sample_rate = self.known[path]
        return AnnotatedRecording(
            path=path,
            events=tuple(self.events[path]),
            split=said.split,
            group=said.group,
            fold=said.fold,
            duration_s=duration_s,
            sample_rate=sample_rate,
        )

    def _find(self, name: str | None, source: Path) -> Path:
        if name is None:
            return self.finder.beside(source)
        return self.finder.named(name, source=source)

    def _open(self, path: Path) -> None:
        if path not in self.events:
            self.events[path] = []
            self.known[path] = measured(path)

    def _finder_notes(self) -> list[str]:
        renamed = list(self.finder.renamed.items())
        if not renamed:
            return []
        name, path = renamed[0]
        count = f"{len(renamed)} recordings are" if len(renamed) > 1 else "One recording is"
        return [f"{count} found under another name than the annotation's: {name} is {path}."]


def _event(mark: Mark, path: Path, source: Path) -> AnnotatedEvent:
    return AnnotatedEvent(
        path=path,
        onset_s=mark.onset,
        offset_s=mark.offset,
        label=mark.label,
        low_hz=mark.low_hz,
        high_hz=mark.high_hz,
        score=mark.score,
        source=source,
        place=mark.place,
    )


def _all_problems(
    found: Annotations, parsed: Sequence[Parsed], *, labels: Sequence[str] | None, first: Path
) -> tuple[AnnotationProblem, ...]:
    tiers = [
        _whole("empty_tier", part.path, f"tier {name!r} has no events")
        for part in parsed
        for name in part.empty_tiers
    ]
    absent = [
        _whole("label_without_events", first, f"label {name!r} has no events")
        for name in sorted(set(labels or ()) - set(found.labels))
    ]
    return (*find_problems(found.recordings), *absent, *tiers)


def _whole(kind: AnnotationProblemKind, source: Path, detail: str) -> AnnotationProblem:
    """A problem of the whole file."""
    return AnnotationProblem(kind=kind, source=source, place="", detail=detail)
