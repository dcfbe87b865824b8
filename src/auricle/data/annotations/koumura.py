"""The XML of Koumura and Okanoya's birdsong sets: notes inside sequences, in samples.

    <Sequences><NumSequence>1</NumSequence><Sequence><WaveFileName>0.wav</WaveFileName>
    <Position>32000</Position><Length>43168</Length><NumNote>8</NumNote><Note>
    <Position>2240</Position><Length>2688</Length><Label>0</Label></Note> ...

A note's position counts from its sequence's. The file does not say the sample rate: the
recordings do.
"""

from pathlib import Path
from xml.sax.saxutils import escape

from auricle.data.annotations.event import AnnotatedRecording, Annotations
from auricle.data.annotations.parsed import Cell, Mark, Parsed, bad_annotation, needed, number
from auricle.data.annotations.text import recording_name
from auricle.data.annotations.xml_tree import Node, read_xml

ROOT = "Sequences"


def read_koumura(path: Path) -> Parsed:
    """Read all notes; times are in samples.

    Raises:
        ManifestError: it is no such XML, or an element is missing.
    """
    root = read_xml(path)
    if root.name != ROOT:
        raise bad_annotation(path, f"<{ROOT}>", f"<{root.name}>", "Name the format with --from.")
    marks: list[Mark] = []
    recordings: dict[str, dict[str, str]] = {}
    for sequence in root.all("Sequence"):
        name = needed(_cell(path, sequence, "WaveFileName"))
        start = number(_cell(path, sequence, "Position"), lowest=0.0)
        recordings.setdefault(name, {})
        marks += [_mark(path, note, name, start) for note in sequence.all("Note")]
    return Parsed(
        path=path, marks=tuple(marks), recordings=recordings, unit="samples", unit_is_said=True
    )


def koumura_text(annotations: Annotations, *, output: Path) -> str:
    """All recordings, a sequence each; times are rounded to the nearest sample.

    Raises:
        ManifestError: a recording is missing, so that its sample rate is not known.
    """
    parts = [
        _sequence(recording, recording_name(recording.path, output), output=output)
        for recording in annotations.recordings
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    count = f"<NumSequence>{len(parts)}</NumSequence>\n"
    return f"{head}<{ROOT}>{count}{''.join(parts)}</{ROOT}>\n"


def is_whole_samples(recording: AnnotatedRecording) -> bool:
    """Whether the format can hold all times as they are, to a thousandth of a sample."""
    rate = recording.sample_rate or 0
    times = (time for e in recording.events for time in (e.onset_s * rate, e.offset_s * rate))
    return all(abs(time - round(time)) < 1e-3 for time in times)


def _sequence(recording: AnnotatedRecording, name: str, *, output: Path) -> str:
    rate = recording.sample_rate
    if rate is None:
        raise bad_annotation(
            output,
            "recordings beside their annotations, since this format counts samples",
            f"no {recording.path}",
            "Name the folder that holds the recordings with --recordings.",
        )
    notes = []
    for event in recording.events:
        first, last = round(event.onset_s * rate), round(event.offset_s * rate)
        fields = f"<Position>{first}</Position><Length>{last - first}</Length>"
        notes.append(f"<Note>{fields}<Label>{escape(event.label)}</Label></Note>\n")
    ends = [round(event.offset_s * rate) for event in recording.events]
    head = (
        f"<Sequence><WaveFileName>{escape(name)}</WaveFileName><Position>0</Position>"
        f"<Length>{max(ends, default=0)}</Length><NumNote>{len(notes)}</NumNote>\n"
    )
    return f"{head}{''.join(notes)}</Sequence>\n"


def _mark(path: Path, note: Node, recording: str, start: float) -> Mark:
    onset = start + number(_cell(path, note, "Position"), lowest=0.0)
    return Mark(
        recording=recording,
        onset=onset,
        offset=onset + number(_cell(path, note, "Length"), lowest=0.0),
        label=needed(_cell(path, note, "Label")),
        place=note.place,
    )


def _cell(path: Path, node: Node, name: str) -> Cell:
    child = node.first(name)
    return Cell(path, node.place, name, "" if child is None else child.text.strip())
