"""ELAN's .eaf: tiers of annotations between time slots, in whole milliseconds."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import unquote
from xml.sax.saxutils import escape, quoteattr

from auricle.data.annotations.event import AnnotatedEvent, AnnotatedRecording
from auricle.data.annotations.parsed import Cell, Mark, Parsed, bad_annotation, times
from auricle.data.annotations.tiers import TIER_NAME, without_overlaps
from auricle.data.annotations.xml_tree import Node, read_xml

ROOT = "ANNOTATION_DOCUMENT"
_MS_PER_S = 1000.0
_SPANS = dict[str, tuple[float, float, str]]

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="1970-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
        <MEDIA_DESCRIPTOR MEDIA_URL={url} MIME_TYPE="audio/x-wav" RELATIVE_MEDIA_URL={relative}/>
    </HEADER>
    <TIME_ORDER>
"""
_TAIL = """    <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="default-lt" \
TIME_ALIGNABLE="true"/>
</ANNOTATION_DOCUMENT>
"""


def read_elan(path: Path, *, tier: str | None = None) -> Parsed:
    """Read every tier, or the one that is named.

    An annotation that refers to another (a translation, say) has that one's times. Those whose
    time slots have no value are left out, and counted in a note.

    Raises:
        ManifestError: it is no ELAN document, is cut off, or has no tier of that name.
    """
    root = read_xml(path)
    header = root.first("HEADER")
    units = (
        "milliseconds" if header is None else header.attributes.get("TIME_UNITS", "milliseconds")
    )
    if root.name != ROOT or units != "milliseconds":
        got = f"<{root.name}> in {units}"
        raise bad_annotation(path, "an ELAN document in milliseconds", got, "Save it as .eaf.")
    tiers = {node.attributes.get("TIER_ID", ""): node for node in root.all("TIER")}
    if tier is not None and tier not in tiers:
        raise bad_annotation(path, f"a tier {tier!r}", ", ".join(tiers), "Choose one of these.")
    spans, unaligned = _spans(path, root, list(tiers.values()))
    name = _media(header)
    chosen = {key: node for key, node in tiers.items() if tier in {None, key}}
    found = {key: _marks(node, spans, recording=name) for key, node in chosen.items()}
    marks = [mark for part in found.values() for mark in part]
    notes = [f"{path}: {unaligned} annotations without times are left out."] if unaligned else []
    return Parsed(
        path=path,
        marks=tuple(sorted(marks, key=lambda mark: mark.onset)),
        recordings={} if name is None else {name: {}},
        unit_is_said=True,
        of_one=name is None,
        empty_tiers=tuple(key for key, part in found.items() if not part),
        notes=tuple(notes),
    )


def elan_text(recording: AnnotatedRecording) -> str:
    """An ELAN document of one recording; overlapping events go to tiers of their own."""
    name = quoteattr(recording.path.name)
    url = quoteattr(recording.path.absolute().as_uri())
    lines = [_HEAD.format(url=url, relative=name.replace('"', '"./', 1))]
    tiers = without_overlaps(recording.in_order)
    numbered = list(enumerate((event for tier in tiers for event in tier), start=1))
    both = ((2 * i - k, t) for i, e in numbered for k, t in ((1, e.onset_s), (0, e.offset_s)))
    for slot, time_s in sorted(both, key=lambda part: part[1]):
        value = round(time_s * _MS_PER_S)
        lines.append(f'        <TIME_SLOT TIME_SLOT_ID="ts{slot}" TIME_VALUE="{value}"/>\n')
    lines.append("    </TIME_ORDER>\n")
    rest = iter(numbered)
    for number, tier in enumerate(tiers, start=1):
        tier_name = TIER_NAME if number == 1 else f"{TIER_NAME} {number}"
        lines.append(
            f'    <TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID={quoteattr(tier_name)}>\n'
        )
        lines += [_annotation(*next(rest)) for _ in tier]
        lines.append("    </TIER>\n")
    return "".join([*lines, _TAIL])


def is_whole_milliseconds(event: AnnotatedEvent) -> bool:
    """Whether ELAN can hold its times as they are, to a microsecond."""
    both = (event.onset_s * _MS_PER_S, event.offset_s * _MS_PER_S)
    return all(abs(value - round(value)) < 1e-3 for value in both)


def _annotation(index: int, event: AnnotatedEvent) -> str:
    return (
        "        <ANNOTATION>\n"
        f'            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a{index}" '
        f'TIME_SLOT_REF1="ts{2 * index - 1}" TIME_SLOT_REF2="ts{2 * index}">\n'
        f"                <ANNOTATION_VALUE>{escape(event.label)}</ANNOTATION_VALUE>\n"
        "            </ALIGNABLE_ANNOTATION>\n"
        "        </ANNOTATION>\n"
    )


def _media(header: Node | None) -> str | None:
    """The name of the recording; its folder is another machine's, as a rule."""
    media = None if header is None else header.first("MEDIA_DESCRIPTOR")
    if media is None:
        return None
    url = media.attributes.get("RELATIVE_MEDIA_URL") or media.attributes.get("MEDIA_URL", "")
    return PurePosixPath(unquote(url).replace("\\", "/")).name or None


def _spans(path: Path, root: Node, tiers: list[Node]) -> tuple[_SPANS, int]:
    """Onset, offset and place of every annotation by its id; how many have no times."""
    order = root.first("TIME_ORDER")
    slots = {
        node.attributes.get("TIME_SLOT_ID", ""): node.attributes.get("TIME_VALUE", "")
        for node in ([] if order is None else order.all("TIME_SLOT"))
    }
    spans: _SPANS = {}
    parents: dict[str, str] = {}
    unaligned = 0
    for node in (child for tier in tiers for part in tier.children for child in part.children):
        key = node.attributes.get("ANNOTATION_ID", "")
        if node.name == "REF_ANNOTATION":
            parents[key] = node.attributes.get("ANNOTATION_REF", "")
            continue
        if node.name != "ALIGNABLE_ANNOTATION":
            continue
        texts = [slots.get(node.attributes.get(f"TIME_SLOT_REF{i}", ""), "") for i in (1, 2)]
        unaligned += "" in texts
        if "" not in texts:
            spans[key] = _span(path, node, texts)
    return _with_references(spans, parents), unaligned


def _with_references(spans: _SPANS, parents: Mapping[str, str]) -> _SPANS:
    found = dict(spans)
    for key in parents:
        chain, last = {key}, parents[key]
        while last in parents and last not in chain:
            chain.add(last)
            last = parents[last]
        if last in spans:
            found[key] = spans[last]
    return found


def _span(path: Path, node: Node, texts: list[str]) -> tuple[float, float, str]:
    onset, offset = (
        Cell(path, node.place, name, text)
        for name, text in zip(("onset", "offset"), texts, strict=True)
    )
    first, last = times(onset, offset)
    return first / _MS_PER_S, last / _MS_PER_S, node.place


def _marks(tier: Node, spans: _SPANS, *, recording: str | None) -> list[Mark]:
    marks = []
    for node in (child for part in tier.all("ANNOTATION") for child in part.children):
        value = node.first("ANNOTATION_VALUE")
        label = "" if value is None else value.text.strip()
        span = spans.get(node.attributes.get("ANNOTATION_ID", ""))
        if span is not None and label:
            onset, offset, _ = span
            marks.append(
                Mark(
                    recording=recording,
                    onset=onset,
                    offset=offset,
                    label=label,
                    place=node.place,
                )
            )
    return marks
