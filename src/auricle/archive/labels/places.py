"""Which recordings there are, and where the labels of each go."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auricle.archive.labels.tables import LabelFormat
from auricle.data.annotations.formats import SUFFIXES
from auricle.errors import AudioError, ConfigError, message
from auricle.io import audio_info, is_audio_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A recording and the file that its labels go to.

    Attributes:
        recording: the sound file.
        output: the file of labels.
        seconds: of the recording by its header; 0.0 where it does not say or cannot be read.
    """

    recording: Path
    output: Path
    seconds: float


def find_places(paths: Sequence[Path], folder: Path, *, format: LabelFormat) -> list[Place]:
    """Files as they are named, of folders every sound file in them; a folder's tree is kept.

    The labels of ``site/day1.wav`` go to ``day1.txt`` (or the format's suffix), and to
    ``day1.wav.txt`` where ``day1.flac`` lies beside it.

    Raises:
        ConfigError: nothing is named, or nothing is found, or two would go to one place.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and is_audio_path(p))
            found |= {p: p.relative_to(path) for p in inside}
        else:
            found[path] = Path(path.name)
    if not found:
        names = ", ".join(map(str, paths)) or "nothing"
        raise ConfigError(
            message(
                "recordings",
                expected="at least one sound file",
                got=f"none in {names}",
                remedy="Name the recordings, or the folder that holds them.",
            )
        )
    suffix = SUFFIXES[format]
    often = Counter(_folded(inside) for inside in found.values())
    places = [
        Place(
            recording=recording,
            output=folder / _named(inside, suffix, whole=often[_folded(inside)] > 1),
            seconds=_seconds(recording),
        )
        for recording, inside in found.items()
    ]
    _refuse_one_place(places)
    return places


def _named(inside: Path, suffix: str, *, whole: bool) -> Path:
    return inside.with_name((inside.name if whole else inside.stem) + suffix)


def _refuse_one_place(places: Sequence[Place]) -> None:
    seen: dict[Path, Path] = {}
    for place in places:
        other = seen.setdefault(place.output, place.recording)
        if other != place.recording:
            raise ConfigError(
                message(
                    "recordings",
                    expected="names that differ",
                    got=f"{other} and {place.recording}, whose labels would both be {place.output}",
                    remedy="Name the folder above them: the labels then keep its tree.",
                )
            )


def _seconds(path: Path) -> float:
    """What is wrong with the file is told when its turn comes."""
    try:
        return audio_info(path).duration_s
    except AudioError:
        return 0.0


def _folded(inside: Path) -> str:
    """Names that some systems take for one."""
    return inside.with_suffix("").as_posix().casefold()
