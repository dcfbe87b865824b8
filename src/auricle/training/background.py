"""Recordings that hold none of the classes: examples of "unknown", and noise to mix in."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from auricle.data import Clip, FeatureCache, Manifest
from auricle.errors import ManifestError, message
from auricle.io import is_audio_path
from auricle.models import UNKNOWN, Model
from auricle.training.examples import Examples, Frames, load_examples

_VALIDATION_SHARE = 0.2
_CLASS_MULTIPLE = 2.0


def background_manifest(folder: Path) -> Manifest:
    """Every sound file in a folder and its sub-folders, labelled unknown.

    Raises:
        ManifestError: the folder is missing or holds no sound.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and is_audio_path(path))
    if not paths:
        got = "none" if folder.is_dir() else "no such folder"
        raise ManifestError(
            message(
                str(folder),
                expected="a folder with recordings of background",
                got=got,
                remedy="Name the folder that holds them.",
            )
        )
    clips = tuple(Clip(path=path, label=UNKNOWN, group=str(path)) for path in paths)
    return Manifest(
        clips=clips, source="background", root=folder, group_rule="each file is its own group"
    )


def background_examples(
    model: Model,
    folder: Path,
    *,
    like: Examples,
    cache: FeatureCache | None,
    seed: int,
) -> tuple[Examples, Examples, Examples]:
    """Stretches of background as long as typical clips: to learn, to calibrate on, to mix in.

    The last fifth of every file is kept for calibration; the rest is for learning and mixing.

    Raises:
        ManifestError: no sound in the folder.
        AudioError: a file cannot be read.
    """
    whole = load_examples(model, background_manifest(folder), cache=cache)
    length = max(1, int(np.median([len(frames) for frames in like.frames])))
    cuts = [round(len(frames) * (1 - _VALIDATION_SHARE)) for frames in whole.frames]
    heard = [frames[:cut] for frames, cut in zip(whole.frames, cuts, strict=True)]
    held = [frames[cut:] for frames, cut in zip(whole.frames, cuts, strict=True)]
    most = max(8, round(_CLASS_MULTIPLE * len(like) / (len(model.config.classes) - 1)))
    rng = np.random.default_rng(seed)
    index = model.config.classes.index(UNKNOWN)
    return (
        _as_examples(_stretches(heard, length, most, rng), index),
        _as_examples(_stretches(held, length, max(2, most // 4), rng), index),
        _as_examples([frames for frames in heard if len(frames)], index),
    )


def _stretches(
    sources: Sequence[Frames], length: int, most: int, rng: np.random.Generator
) -> list[Frames]:
    """Every stretch of that length, or as many as ``most`` of them at random places."""
    pieces = [
        source[start : start + length]
        for source in sources
        for start in range(0, max(1, len(source) - length // 2), length)
        if len(source[start : start + length])
    ]
    if len(pieces) <= most:
        return pieces
    return [pieces[i] for i in sorted(rng.choice(len(pieces), size=most, replace=False))]


def _as_examples(frames: list[Frames], index: int) -> Examples:
    return Examples(frames, np.full(len(frames), index, dtype=np.int64))
