"""From the name that an annotation gives to the recording itself, and what is known of it."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from auricle.data.annotations.parsed import bad_annotation
from auricle.data.read_csv import PATH_COLUMNS, split_name
from auricle.data.tables import read_table
from auricle.io import AUDIO_SUFFIXES, audio_info, is_audio_path

MANIFESTS = ("manifest.csv", "manifest.tsv")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a table says of a recording."""

    split: str | None = None
    group: str | None = None
    fold: int | None = None


@dataclass
class RecordingFinder:
    """Finds recordings by the names that annotations give them.

    Attributes:
        folder: where the recordings are; or the one recording itself.
        renamed: names whose recording has another suffix or lies in a deeper folder.
        missing: names without a recording, and the path that was put in its place.
    """

    folder: Path
    renamed: dict[str, Path] = field(default_factory=dict)
    missing: dict[str, Path] = field(default_factory=dict)

    def named(self, name: str, *, source: Path) -> Path:
        """The recording that the annotation calls by this name.

        Tried are the path as it stands, then the only recording under the folder of that file
        name, then the only one of that name with another suffix (annotations of ``1.wav`` stay
        good when it is packed as ``1.flac``).

        Raises:
            ManifestError: several recordings could be meant.
        """
        if self.folder.is_file():
            return self.folder
        plain = name if (self.folder / name).is_file() else name.replace("\\", "/")
        if (self.folder / plain).is_file():
            return self.folder / plain
        wanted = PurePosixPath(plain)
        if wanted.is_absolute() or re.match("[A-Za-z]:", plain):  # of another machine
            plain = wanted.name
        found = self._by_name[wanted.name] or self._by_stem[_stem(wanted.name)]
        if len(found) > 1:
            tail = plain.rsplit(".", 1)[0]
            found = [p for p in found if p.with_suffix("").as_posix().endswith("/" + tail)] or found
        return self._one(found, name, self.folder / plain, source)

    def beside(self, source: Path) -> Path:
        """The recording of an annotation that does not name it: the one called like the file.

        ``song.Table.1.selections.txt`` is of ``song.wav``; the longest name that fits is taken.

        Raises:
            ManifestError: several recordings could be meant.
        """
        if self.folder.is_file():
            return self.folder
        stem = source.stem
        while True:
            found = self._by_name[stem] if is_audio_path(Path(stem)) else self._by_stem[stem]
            near = [path for path in found if path.parent == source.parent]
            if found:
                return self._one(near or found, stem, self.folder / f"{stem}.wav", source)
            if "." not in stem:
                return self._one([], stem, self.folder / f"{stem}.wav", source)
            stem = stem.rsplit(".", 1)[0]

    def _one(self, found: list[Path], name: str, otherwise: Path, source: Path) -> Path:
        if len(found) > 1:
            raise bad_annotation(
                source,
                f"one recording called {name}",
                ", ".join(str(path) for path in found[:3]),
                "Name the folder of the right one with --recordings.",
            )
        if not found:
            self.missing[name] = otherwise
            return otherwise
        if Path(name).suffix and found[0] != otherwise and is_audio_path(Path(name)):
            self.renamed[name] = found[0]
        return found[0]

    @cached_property
    def _sounds(self) -> list[Path]:
        return sorted(p for p in self.folder.rglob("*") if is_audio_path(p) and p.is_file())

    @cached_property
    def _by_name(self) -> defaultdict[str, list[Path]]:
        names: defaultdict[str, list[Path]] = defaultdict(list)
        for path in self._sounds:
            names[path.name].append(path)
        return names

    @cached_property
    def _by_stem(self) -> defaultdict[str, list[Path]]:
        stems: defaultdict[str, list[Path]] = defaultdict(list)
        for path in self._sounds:
            stems[path.stem].append(path)
        return stems


def _stem(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return name[: -len(suffix)] if suffix in AUDIO_SUFFIXES else name


def measured(path: Path) -> tuple[float | None, int | None]:
    """Seconds and Hz of a recording; None where it cannot be told.

    Raises:
        AudioError: the recording is there and is broken.
    """
    if not path.is_file():
        return None, None
    info = audio_info(path)
    return (info.duration_s if info.length_known else None), info.sample_rate


def about(columns: dict[str, str]) -> About:
    """Split, group and fold from the cells of a table."""
    fold = columns.get("fold", "")
    return About(
        split=split_name(columns.get("split", "")) or None,
        group=columns.get("group") or None,
        fold=int(float(fold)) if fold.replace(".", "", 1).isdigit() else None,
    )


def manifest_beside(folders: list[Path]) -> tuple[Path | None, dict[Path, About]]:
    """What the first manifest.csv in these folders says of its recordings."""
    tables = [folder / name for folder in folders for name in MANIFESTS]
    table_path = next((path for path in tables if path.is_file()), None)
    if table_path is None:
        return None, {}
    table = read_table(table_path)
    column = next((name for name in PATH_COLUMNS if name in table.columns), None)
    if column is None:
        return None, {}
    root = table_path.parent
    return table_path, {root / row.cells[column]: about(row.cells) for row in table.rows}
