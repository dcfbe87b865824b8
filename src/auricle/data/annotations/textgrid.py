"""Praat's TextGrid, long and short, with interval and point tiers.

Praat reads a text file as a row of free-standing numbers, quoted texts and <flags>, and takes all
other words for comments; so does this reader, and the long and the short form are one to it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from auricle.data.annotations.event import AnnotatedEvent, AnnotatedRecording
from auricle.data.annotations.parsed import (
    Cell,
    Mark,
    Parsed,
    bad_annotation,
    bad_cell,
    number,
    read_text,
    times,
)
from auricle.data.annotations.text import decimal
from auricle.data.annotations.tiers import TIER_NAME, without_overlaps

_TOKEN = re.compile(
    r'"(?P<text>(?:[^"]|"")*)"'
    r"|(?<!\S)(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)%?(?!\S)"
    r"|(?<!\S)<(?P<flag>\w+)>(?!\S)"
    r"|(?<!\S)!.*$",
    re.M,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


class _Tokens:
    """What Praat would read, one after the other."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.place = path, "line 1"
        self.rest = _tokens(text)

    def take(self, kind: str, what: str) -> str:
        """The next one, which must be of this kind."""
        token = next(self.rest, None)
        if token is None or token.kind != kind:
            got = "the end of the file" if token is None else f"{token.text!r} (line {token.line})"
            raise bad_annotation(
                self.path, f"a {kind} for {what}", got, "The file is cut off or damaged."
            )
        self.place = f"line {token.line}"
        return token.text

    def number(self, what: str) -> Cell:
        """The next one, which must be a number, to be read with `times`."""
        text = self.take("number", what)
        return Cell(self.path, self.place, what, text)

    def count(self, what: str) -> int:
        """The next one, which must be a whole number."""
        cell = self.number(what)
        value = number(cell, lowest=0.0)
        if value != int(value):
            raise bad_cell(cell, "a whole number", "The file is damaged.")
        return int(value)


def read_textgrid(path: Path, *, tier: str | None = None) -> Parsed:
    """Read every tier, or the one that is named; intervals without text are silence.

    A point is an event of no length.

    Raises:
        ManifestError: it is no TextGrid, is cut off, or has no tier of that name.
    """
    tokens = _Tokens(path, read_text(path))
    if [tokens.take("text", "the file type"), tokens.take("text", "the class")][1] != "TextGrid":
        raise bad_annotation(path, "a TextGrid", "another Praat object", "Save the TextGrid.")
    for what in ("xmin", "xmax"):
        tokens.number(what)
    tokens.take("flag", "tiers")
    tiers = [_tier(tokens) for _ in range(tokens.count("the number of tiers"))]
    names = [name for name, _ in tiers]
    if tier is not None and tier not in names:
        raise bad_annotation(path, f"a tier {tier!r}", ", ".join(names), "Choose one of these.")
    chosen = [(name, marks) for name, marks in tiers if tier in {None, name}]
    marks = [mark for _, marks in chosen for mark in marks]
    return Parsed(
        path=path,
        marks=tuple(sorted(marks, key=lambda mark: mark.onset)),  # tiers run side by side
        of_one=True,
        empty_tiers=tuple(name for name, marks in chosen if not marks),
    )


def textgrid_text(recording: AnnotatedRecording, *, short: bool = False) -> str:
    """A TextGrid of one recording; overlapping events go to tiers of their own.

    Args:
        recording: whose duration, if known, is that of the grid.
        short: leave the words out that Praat takes for comments.
    """
    ends = [recording.duration_s or 0.0, *(event.offset_s for event in recording.events)]
    end = max(ends) or 1.0  # Praat wants a length; this recording's is not known
    points = [event for event in recording.in_order if event.duration_s == 0]
    lasting = [event for event in recording.in_order if event.duration_s > 0]
    parts = without_overlaps(lasting) if lasting or not points else []
    tiers = [_interval_lines(events, end) for events in parts]
    kinds = ["IntervalTier"] * len(tiers) + ["TextTier"] * bool(points)
    tiers += [_point_lines(points)] if points else []
    lines = [("File type", '"ooTextFile"'), ("Object class", '"TextGrid"'), ("", "")]
    lines += [("xmin", "0.0"), ("xmax", decimal(end)), ("tiers?", "<exists>")]
    lines += [("size", str(len(tiers))), ("item []:", "")]
    for index, (kind, entries) in enumerate(zip(kinds, tiers, strict=True)):
        name = TIER_NAME if index == 0 else f"{TIER_NAME} {index + 1}"
        lines += [(f"item [{index + 1}]:", ""), ("class", _quoted(kind)), ("name", _quoted(name))]
        size = "intervals: size" if kind == "IntervalTier" else "points: size"
        count = sum(value == "" for _, value in entries)
        lines += [("xmin", "0.0"), ("xmax", decimal(end)), (size, str(count)), *entries]
    return _short(lines) if short else _long(lines)


Lines = list[tuple[str, str]]


def _tokens(text: str) -> Iterator[_Token]:
    line, last = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", last, match.start())
        last = match.start()
        kind = match.lastgroup
        if kind is not None:
            yield _Token(kind, match[kind].replace('""', '"'), line)


def _tier(tokens: _Tokens) -> tuple[str, list[Mark]]:
    kind, name = tokens.take("text", "a tier's class"), tokens.take("text", "a tier's name")
    tokens.number("xmin")
    tokens.number("xmax")
    size = tokens.count("the size of a tier")
    marks = [_mark(tokens, is_point=kind == "TextTier") for _ in range(size)]
    return name, [mark for mark in marks if mark.label]


def _mark(tokens: _Tokens, *, is_point: bool) -> Mark:
    onset = tokens.number("onset")
    place = tokens.place
    offset = onset if is_point else tokens.number("offset")
    label = tokens.take("text", "a label").strip()
    first, last = times(onset, offset)
    return Mark(recording=None, onset=first, offset=last, label=label, place=place)


def _interval_lines(events: Sequence[AnnotatedEvent], end: float) -> Lines:
    """A tier of intervals leaves no gap: those without text are the silence."""
    cuts: list[tuple[float, float, str]] = []
    now = 0.0
    for event in events:
        if event.onset_s > now:
            cuts.append((now, event.onset_s, ""))
        cuts.append((event.onset_s, event.offset_s, event.label))
        now = event.offset_s
    if now < end:
        cuts.append((now, end, ""))
    lines: Lines = []
    for index, (onset, offset, label) in enumerate(cuts):
        lines += [(f"intervals [{index + 1}]:", ""), ("xmin", decimal(onset))]
        lines += [("xmax", decimal(offset)), ("text", _quoted(label))]
    return lines


def _point_lines(events: Sequence[AnnotatedEvent]) -> Lines:
    lines: Lines = []
    for index, event in enumerate(events):
        lines += [(f"points [{index + 1}]:", ""), ("number", decimal(event.onset_s))]
        lines.append(("mark", _quoted(event.label)))
    return lines


def _long(lines: Lines) -> str:
    texts = [name if not value else f"{name} = {value}" for name, value in lines]
    return "\n".join(texts).replace("tiers? = ", "tiers? ") + "\n"


def _short(lines: Lines) -> str:
    head = [f"{name} = {value}" if value else "" for name, value in lines[:3]]
    return "\n".join([*head, *(value for _, value in lines[3:] if value)]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
