"""From what annotation files say to the events of each recording."""

from pathlib import Path

from auricle.data.annotations.event import AnnotatedEvent, AnnotatedRecording, Annotations
from auricle.data.annotations.parsed import Mark, Parsed
from auricle.data.annotations.recordings import (
    About,
    RecordingFinder,
    about,
    manifest_beside,
    measured,
)
from auricle.data.annotations.units import Times, check_claimed_rates, check_seconds, scale
from auricle.errors import AudioError


class Gathered:
    """The events of all files, by recording."""

    def __init__(self) -> None:
        self.finders: dict[Path, RecordingFinder] = {}
        self.events: dict[Path, list[AnnotatedEvent]] = {}
        self.about: dict[Path, About] = {}
        self.known: dict[Path, tuple[float | None, int | None]] = {}
        self.unreadable: dict[Path, str] = {}
        self.notes: list[str] = []

    def add(self, parsed: Parsed, *, times: Times, folder: Path) -> None:
        """Put in what one file says of the recordings in a folder."""
        finder = self.finders.setdefault(folder, RecordingFinder(folder=folder))
        names: dict[str | None, Path] = {
            name: finder.named(name, source=parsed.path) for name in parsed.recordings
        }
        if parsed.of_one or any(mark.recording is None for mark in parsed.marks):
            names[None] = finder.beside(parsed.path)
        for name, path in names.items():
            self._open(path)
            columns = {} if name is None else dict(parsed.recordings[name])
            if any(columns.values()):
                self.about[path] = about(columns)
        placed = [(mark, names[mark.recording]) for mark in parsed.marks]
        placed = scale(parsed, placed, times=times, known=self.known)
        check_seconds(parsed, placed, times=times, known=self.known)
        check_claimed_rates(parsed, placed, known=self.known)
        for mark, path in placed:
            self.events[path].append(_event(mark, path, parsed.path, self.known[path][1]))
        self.notes += parsed.notes

    def annotations(self, *, source: str, root: Path) -> Annotations:
        """All of it as a value."""
        folders = [root, *(folder for folder in self.finders if folder.is_dir())]
        table, listed = manifest_beside(folders)
        if table is not None:
            self.notes.append(f"Splits and groups are taken from {table}.")
        by_place = {path.resolve(): said for path, said in listed.items()}
        left_out = by_place.keys() - {path.resolve() for path in self.events}
        if left_out:
            self.notes.append(
                f"{len(left_out)} of {len(by_place)} recordings of {table} have no annotation and "
                "are left out; a row with the path alone says that nothing is heard in one."
            )
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

    def _open(self, path: Path) -> None:
        if path not in self.events:
            self.events[path] = []
            self._look_at(path)

    def _look_at(self, path: Path) -> None:
        try:
            self.known[path] = measured(path)
        except AudioError as error:
            self.known[path], self.unreadable[path] = (None, None), str(error)

    def _finder_notes(self) -> list[str]:
        renamed = [pair for finder in self.finders.values() for pair in finder.renamed.items()]
        if not renamed:
            return []
        name, path = renamed[0]
        count = f"{len(renamed)} recordings are" if len(renamed) > 1 else "One recording is"
        return [f"{count} found under another name than the annotation's: {name} is {path}."]


def _event(mark: Mark, path: Path, source: Path, rate: int | None) -> AnnotatedEvent:
    whole = mark.high_hz is None or (rate is not None and mark.high_hz == rate / 2)
    has_bounds = not (mark.in_waveform and mark.low_hz == 0 and whole)
    return AnnotatedEvent(
        path=path,
        onset_s=mark.onset,
        offset_s=mark.offset,
        label=mark.label,
        low_hz=mark.low_hz if has_bounds else None,
        high_hz=mark.high_hz if has_bounds else None,
        score=mark.score,
        source=source,
        place=mark.place,
    )
