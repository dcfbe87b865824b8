"""Recordings that hold none of the classes: examples of "unknown", and noise to mix in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
from jaxtyping import Int

from auricle.data import Clip, Manifest, Split, group_of, infer_groups
from auricle.data.assignment import assign_groups
from auricle.data.split import draw_validation
from auricle.errors import AudioError, ManifestError, message
from auricle.io import audio_info, is_audio_path
from auricle.models import UNKNOWN
from auricle.training.examples import raise_unreadable

_VALIDATION_SHARE = 0.2  # of what is not for testing
_NUM_PARTS = 5  # without folds: one part is the test
_CLASS_MULTIPLE = 2.0  # stretches for each clip of an average class
_FEWEST_CHOSEN = 20


def background_manifest(folder: Path) -> Manifest:
    """Every sound file in a folder and its sub-folders, labelled unknown; a group each.

    Files of identical audio share a group.

    Raises:
        ManifestError: the folder is missing or holds no sound.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and is_audio_path(path))
    if not paths:
        got = "none" if folder.is_dir() else "no such folder"
        raise _refused(
            folder,
            "a folder with recordings of background",
            got,
            "Name the folder that holds them.",
        )
    clips = tuple(
        Clip(path=path, label=UNKNOWN, group=f"background {path.relative_to(folder).as_posix()}")
        for path in paths
    )
    groups, _ = infer_groups(clips)
    return Manifest(
        clips=tuple(replace(c, group=g) for c, g in zip(clips, groups, strict=True)),
        source="background",
        root=folder,
        group_rule="each file is its own group",
    )


def with_background(splits: Sequence[Split], folder: Path, *, seed: int) -> list[Split]:
    """The splits with stretches of background in every part, labelled unknown.

    Stretches are as long as a typical clip. Where there are recordings enough, whole recordings
    are held out; else stretches of time are, and the description says so. With several splits
    each stretch is tested once. Splits that hold background of this folder already, since they
    were written and given back, stay as they are.

    Args:
        folder: searched with its sub-folders.
        seed: of which stretches are taken and where they go.
    Raises:
        ManifestError: no sound in the folder, too little of it, or a recording in it has a class.
        AudioError: a recording of background cannot be read; all that cannot are named.
    """
    first = splits[0]
    clips = (*first.train.clips, *first.validation.clips, *first.test.clips)
    files = background_manifest(folder)
    if _holds_already(clips, files):
        return list(splits)
    classes = {clip.label for clip in clips} - {UNKNOWN}
    most = max(_FEWEST_CHOSEN, round(_CLASS_MULTIPLE * len(clips) / max(1, len(classes))))
    length_s = _typical_s(clips)
    background = _thinned(_stretches(files, length_s), most, seed)
    _check_enough(folder, background, length_s)
    num_parts = len(splits) if len(splits) > 1 else _NUM_PARTS
    parts = _deal(background, num_parts, seed)
    return [_added(split, background, parts == at, seed) for at, split in enumerate(splits)]


def is_background(clip: Clip, folder: Path) -> bool:
    """Whether a clip is a stretch of background from that folder."""
    return clip.label == UNKNOWN and clip.path.resolve().is_relative_to(folder.resolve())


def _holds_already(clips: Sequence[Clip], files: Manifest) -> bool:
    """Whether the background is among the clips; refused if it is so under another label."""
    known = {clip.path.resolve() for clip in files.clips}
    found = [clip for clip in clips if clip.samples is None and clip.path.resolve() in known]
    labelled = sorted({clip.label for clip in found} - {UNKNOWN})
    if labelled:
        raise _refused(
            files.root,
            "background that is none of the labelled recordings",
            f"recordings of {labelled[0]!r}",
            "Move the background out of the folder of classes, so that it is no class itself.",
        )
    return bool(found)


def _typical_s(clips: Sequence[Clip]) -> float:
    """The median length of clips that can be read, seconds; the others are named later."""
    lengths = []
    for clip in clips:
        try:
            lengths.append(_duration_s(clip))
        except AudioError:
            continue
    return max(0.05, median(lengths)) if lengths else 1.0


def _duration_s(clip: Clip) -> float:
    if clip.samples is not None and clip.sample_rate is not None:
        return len(clip.samples) / clip.sample_rate
    if clip.end_s is not None:
        return clip.end_s - clip.start_s
    info = audio_info(clip.path)
    if info.length_known:
        return info.duration_s - clip.start_s
    return sum(map(len, clip.blocks(channel=0))) / info.sample_rate


def _stretches(files: Manifest, length_s: float) -> Manifest:
    """Every recording cut into stretches of that length; a rest of less than half is left out."""
    clips, problems = [], []
    for clip in files.clips:
        try:
            duration_s = _duration_s(clip)
        except AudioError as error:
            problems.append(error)
            continue
        count = max(1, int(duration_s / length_s + 0.5))
        starts = [round(at * length_s, 3) for at in range(count)]
        ends = [*starts[1:], None if duration_s < count * length_s else count * length_s]
        clips += [
            replace(clip, start_s=start_s, end_s=end_s if end_s is None else round(end_s, 3))
            for start_s, end_s in zip(starts, ends, strict=True)
        ]
    raise_unreadable(
        problems, len(files), name=f"background {files.root}", remedy="Mend or remove them"
    )
    return replace(files, clips=tuple(clips))


def _thinned(stretches: Manifest, most: int, seed: int) -> Manifest:
    """All stretches, or ``most`` of them at random places, as evenly from all recordings as may be.

    An hour of one room is worth no more than a minute of another.
    """
    taken: Counter[str] = Counter()
    groups = stretches.groups
    turns: list[tuple[int, int, int]] = []
    for at in np.random.default_rng(seed).permutation(len(stretches)).tolist():
        turns.append((taken[groups[at]], len(turns), at))
        taken[groups[at]] += 1
    chosen = [at for _, _, at in sorted(turns)[:most]]
    return stretches.select(sorted(chosen))


def _check_enough(folder: Path, background: Manifest, length_s: float) -> None:
    if len(background) < _NUM_PARTS:
        raise _refused(
            folder,
            f"background for at least {_NUM_PARTS} stretches as long as a clip ({length_s:.2f} s)",
            len(background),
            "Record more of what is heard when none of the classes is there: minutes, not seconds.",
        )


def _deal(background: Manifest, num_parts: int, seed: int) -> Int[np.ndarray, " stretches"]:
    """Whole recordings to parts of like size; spans of them where there are too few."""
    units = list(background.groups)
    if len(set(units)) < num_parts:
        sizes, places = Counter(units), Counter[str]()
        for at, group in enumerate(units):
            units[at] = f"{group}#{places[group] * num_parts // sizes[group]}"
            places[group] += 1
    shares = [1 / num_parts] * num_parts
    return assign_groups(units, [UNKNOWN] * len(units), shares=shares, seed=seed)


def _added(split: Split, background: Manifest, is_test: np.ndarray, seed: int) -> Split:
    test, rest = np.flatnonzero(is_test), np.flatnonzero(~is_test)
    fraction = _VALIDATION_SHARE if len(split.validation) else 0.0
    train, validation, _ = draw_validation(
        background, rest=rest, test=test, fraction=fraction, seed=seed, whole=True
    )
    parts = {"train": train, "validation": validation, "test": test}
    joined = {
        name: replace(
            getattr(split, name),
            clips=(*getattr(split, name).clips, *background.select(chosen).clips),
        )
        for name, chosen in parts.items()
    }
    sentence = _sentence(background, parts)
    return replace(split, **joined, description=f"{split.description} {sentence}")


def _sentence(background: Manifest, parts: dict[str, np.ndarray]) -> str:
    groups = {name: {group_of(background.clips[i]) for i in at} for name, at in parts.items()}
    sizes = ", ".join(f"{len(at)} {name}" for name, at in parts.items())
    shared = groups["test"] & (groups["train"] | groups["validation"])
    how = (
        "the test hears other moments of recordings that were learnt from, so expect more false "
        "alarms elsewhere"
        if shared
        else "the test hears recordings that were not learnt from"
    )
    number = len(set(background.groups))
    return f"Background, as unknown: {sizes} stretches of {number} recordings; {how}."


def _refused(folder: Path, expected: str, got: object, remedy: str) -> ManifestError:
    return ManifestError(message(str(folder), expected=expected, got=got, remedy=remedy))
