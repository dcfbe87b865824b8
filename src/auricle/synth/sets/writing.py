"""Writing a set: sounds, ``manifest.csv`` and ``annotations.csv``; it goes on where it stopped."""

import json
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath

import soundfile

from auricle.errors import OutputError, message
from auricle.synth.files import write_sound, write_table, write_text
from auricle.synth.kinds.demo import write_demo_set
from auricle.synth.scenes import Scene
from auricle.synth.sets.composing import Recording, compose, recordings_of
from auricle.synth.sets.drawing import check_sounds
from auricle.synth.sets.spec import SetSpec

Progress = Callable[[int, int], None]
Row = dict[str, object]
_MARKER = "synth-set.jsonl"
_KEY = "auricle synth set"
_NOTHING = "background"
_EVENT_COLUMNS = ("onset_s", "offset_s", "label", "low_hz", "high_hz", "snr_db")


def write_set(spec: SetSpec, folder: Path | str, *, progress: Progress | None = None) -> Path:
    """Write the set that a spec describes.

    ``manifest.csv`` has ``path,label,group``: labels of a scene are joined by ``;``, and a scene
    without events is ``background``. ``annotations.csv`` has ``path,onset_s,offset_s,label``,
    ``low_hz,high_hz`` (the band that holds nine tenths of the power), ``snr_db`` and ``group``; a
    recording without events is a row with its path. Each file is written whole or not at all, and
    ``synth-set.jsonl`` lists those that are done: the same command goes on where it was stopped.
    A set of another spec, or of another version of auricle, is removed first, file by file, as its
    list names them.

    Args:
        spec: of `load_spec`.
        folder: made if absent.
        progress: called with the files done and the files in all.
    Returns:
        The folder.
    Raises:
        ConfigError: a sound of the spec cannot be made.
        OutputError: the folder holds something else, or cannot be written.
    """
    root = Path(folder)
    if spec.kind == "demo":
        return _write_demo(spec, root, progress)
    check_sounds(spec)
    rows = _claim(root, spec)
    done = {str(row["path"]) for row in rows}
    recordings = recordings_of(spec)
    for count, recording in enumerate(recordings, start=1):
        if recording.path not in done:
            rows.append(_write_one(root, spec, recording))
        if progress is not None:
            progress(count, len(recordings))
    _write_tables(root, rows)
    return root


def _write_one(root: Path, spec: SetSpec, recording: Recording) -> Row:
    scene = compose(spec, recording)
    write_sound(root / recording.path, scene.sound.waveform, sample_rate=spec.sample_rate)
    labels = sorted({event.label for event in scene.sound.events})
    row: Row = {
        "path": recording.path,
        "label": recording.label or ";".join(labels) or _NOTHING,
        "group": recording.group,
        "events": _event_rows(scene),
    }
    with (root / _MARKER).open("a", encoding="utf-8", newline="\n") as journal:
        journal.write(json.dumps(row) + "\n")
    return row


def _event_rows(scene: Scene) -> list[list[str]]:
    return [
        [
            f"{event.onset_s:.4f}",
            f"{event.offset_s:.4f}",
            event.label,
            f"{event.low_hz or 0.0:.1f}",
            f"{event.high_hz or 0.0:.1f}",
            f"{stem.snr_db:.2f}",
        ]
        for event, stem in zip(scene.sound.events, scene.stems, strict=True)
    ]


def _write_tables(root: Path, rows: list[Row]) -> None:
    ordered = sorted(rows, key=lambda row: str(row["path"]))
    annotations: list[list[object]] = []
    for row in ordered:
        events = row["events"] if isinstance(row["events"], list) else []
        empty = [[""] * len(_EVENT_COLUMNS)]
        annotations += [[row["path"], *event, row["group"]] for event in events or empty]
    header = ("path", *_EVENT_COLUMNS, "group")
    write_table(root / "annotations.csv", header=header, rows=annotations)
    write_table(
        root / "manifest.csv",
        header=("path", "label", "group"),
        rows=[(row["path"], row["label"], row["group"]) for row in ordered],
    )


def _write_demo(spec: SetSpec, root: Path, progress: Progress | None) -> Path:
    """The demo's set, and one event for each of its clips: all of it."""
    write_demo_set(
        root,
        clips_per_class=spec.count,
        seed=spec.seed,
        sample_rate=spec.sample_rate,
        progress=progress,
    )
    lines = (root / "manifest.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows = []
    for path, label, group in (line.split(",") for line in lines):
        info = soundfile.info(root / path)
        rows.append((path, "0.0000", f"{info.frames / info.samplerate:.4f}", label, group))
    header = ("path", "onset_s", "offset_s", "label", "group")
    write_table(root / "annotations.csv", header=header, rows=rows)
    return root


def _claim(root: Path, spec: SetSpec) -> list[Row]:
    """Take a folder for this set; returns what is already done.

    Raises:
        OutputError: it holds something that is no set of ours.
    """
    marker = root / _MARKER
    if root.exists() and not root.is_dir():
        raise _refused(root, "a file")
    if root.is_dir() and not marker.is_file() and any(root.iterdir()):
        raise _refused(root, "a folder that holds other files")
    first, rows = _read_journal(marker)
    ours: Row = {_KEY: spec.table, "version": _version()}
    present = [row for row in rows if (root / str(row["path"])).is_file()]
    if first != ours:
        for name in ("manifest.csv", "annotations.csv", *(str(row["path"]) for row in present)):
            (root / name).unlink(missing_ok=True)
        present = []
    write_text(marker, "".join(json.dumps(row) + "\n" for row in (ours, *present)))
    return present


def _version() -> str:
    """Of auricle: the sounds of another may differ."""
    try:
        return version("auricle")
    except PackageNotFoundError:
        return "not installed"


def _read_journal(marker: Path) -> tuple[object, list[Row]]:
    """The spec and the rows of a set's list; a line that was cut off, or names no file inside, is
    left out."""
    if not marker.is_file():
        return None, []
    lines = marker.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [row for row in map(_parsed, lines) if row is not None]
    first = found[0] if found else None
    return first, [row for row in found if _is_inside(row.get("path"))]


def _parsed(line: str) -> Row | None:
    try:
        value = json.loads(line)
    except json.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _is_inside(path: object) -> bool:
    if not isinstance(path, str) or "\\" in path or ":" in path:
        return False
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts and pure.suffix in (".wav", ".flac")


def _refused(root: Path, found: str) -> OutputError:
    return OutputError(
        message(
            str(root),
            expected="an absent folder, an empty one, or an earlier set of auricle synth",
            got=found,
            remedy="Choose another folder for the set.",
        )
    )
