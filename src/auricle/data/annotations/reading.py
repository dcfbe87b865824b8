"""The one door for annotations of every format."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from auricle.data.annotations.checks import find_problems
from auricle.data.annotations.event import Annotations
from auricle.data.annotations.formats import (
    AnnotationFormat,
    annotation_files,
    guess_format,
    parse,
)
from auricle.data.annotations.gathering import Gathered
from auricle.data.annotations.parsed import Parsed, bad_annotation
from auricle.data.annotations.problems import AnnotationProblem, AnnotationProblemKind
from auricle.data.annotations.units import Times
from auricle.errors import AudioError, ConfigError, ManifestError, message

_REFUSED: dict[AnnotationProblemKind, tuple[str, str]] = {
    "missing_recording": (
        "the recording of every annotation",
        "Name the folder that holds the recordings with --recordings.",
    ),
    "unreadable_recording": ("a recording that can be read", "Fetch it again."),
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
    allow: Collection[AnnotationProblemKind] = (),
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
        strict: refuse missing and broken recordings, events beyond a recording's end or above
            half its rate, labels without events and no event at all: nothing can be learnt or
            scored from them.
        allow: kinds of problems that are listed even so, and not refused.
    Raises:
        ConfigError: no path, or milliseconds of a format that fixes its unit.
        ManifestError: a file cannot be understood, or ``strict`` refuses it.
        AudioError: a recording is there and is broken, and ``strict`` refuses it.
    """
    paths = (path,) if isinstance(path, Path) else tuple(path)
    if not paths:
        remedy = "Name a file or a folder of annotations."
        raise ConfigError(message("paths", expected="at least one", got="none", remedy=remedy))
    files, passed_over = annotation_files(paths, format=format)
    kinds = [format if format != "auto" else guess_format(file) for file, _ in files]
    parsed = [
        parse(file, kind, label_column=label_column, tier=tier)
        for (file, _), kind in zip(files, kinds, strict=True)
    ]
    gathered = Gathered()
    for part, (_, folder) in zip(parsed, files, strict=True):
        gathered.add(part, times=times, folder=recordings or folder)
    found = gathered.annotations(source=kinds[0], root=_common([folder for _, folder in files]))
    if strict and not found.events:
        raise bad_annotation(paths[0], "at least one event", "none", "Is it the right file?")
    found = replace(
        found,
        notes=(*found.notes, *_passed_over(passed_over)),
        problems=(
            *_broken(gathered.unreadable),
            *_all_problems(found, parsed, labels=labels, first=files[0][0]),
        ),
    )
    if strict:
        refuse_problems(found, kinds=[kind for kind in _REFUSED if kind not in allow])
    return found


def refuse_problems(
    annotations: Annotations, *, kinds: Sequence[AnnotationProblemKind] = tuple(_REFUSED)
) -> None:
    """Raise for the first problem that is of these kinds.

    Raises:
        AudioError: a recording cannot be read.
        ManifestError: there is one; the message says how many more there are.
    """
    for kind in kinds:
        found = [problem for problem in annotations.problems if problem.kind == kind]
        if found and kind == "unreadable_recording":
            raise AudioError(found[0].detail)
        if found:
            rule, remedy = _REFUSED.get(kind, (f"no event that is {kind}", "Mend it by hand."))
            where = ", ".join(part for part in (str(found[0].source), found[0].place) if part)
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            got = f"{found[0].detail}{more}"
            raise ManifestError(message(where, expected=rule, got=got, remedy=remedy))


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


def _passed_over(files: Sequence[Path]) -> tuple[str, ...]:
    if not files:
        return ()
    names = ", ".join(str(file) for file in files[:3])
    count = f"{len(files)} file{'s' * (len(files) > 1)}"
    return (f"{count} passed over, of no format that can be told from the content: {names}.",)


def _common(folders: Sequence[Path]) -> Path:
    """The folder that holds them all; the first, where there is none, as on two drives."""
    if len(set(folders)) == 1:
        return folders[0]
    try:
        return Path(os.path.commonpath([folder.absolute() for folder in folders]))
    except ValueError:
        return folders[0]


def _broken(unreadable: Mapping[Path, str]) -> tuple[AnnotationProblem, ...]:
    return tuple(_whole("unreadable_recording", path, text) for path, text in unreadable.items())
