"""The demo set: a few hundred labelled clips of four kinds of sound, from known sources."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from auricle.errors import ConfigError, OutputError, message
from auricle.synth.files import write_table, write_text, write_wav
from auricle.synth.kinds.clip import SOUND_KINDS, SoundKind, check_rate, draw_source, render_source
from auricle.synth.kinds.recording import draw_setting, record

Progress = Callable[[int, int], None]
_MARKER = "demo-set.json"
_CLIPS_PER_SOURCE = 5
_SOURCE_NAMES: dict[SoundKind, str] = {
    "tone": "generator",
    "noise": "machine",
    "speech": "voice",
    "music": "band",
}


def write_demo_set(
    folder: Path | str,
    *,
    clips_per_class: int = 80,
    seed: int = 0,
    sample_rate: int = 16000,
    progress: Progress | None = None,
) -> Path:
    """Write four class folders of wav files and a ``manifest.csv`` with ``path,label,group``.

    A group is one source in one room: a voice, a band, a tone generator, a machine. Clips last
    1 to 2.5 s; lengths and levels are drawn alike for all classes, and no clip holds digital
    silence. The same seed gives the same set, and a smaller set is a part of a larger one.

    Args:
        folder: made if absent; a demo set that is already there is written over.
        clips_per_class: ≥ 1; five clips come from each source.
        seed: ≥ 0.
        sample_rate: Hz, ≥ 4000.
        progress: called with the clips done and the clips in all.
    Returns:
        The folder.
    Raises:
        ConfigError: a setting is out of range.
        OutputError: the folder holds something else, or cannot be written.
    """
    check_rate(sample_rate)
    _check_at_least("clips_per_class", clips_per_class, 1)
    _check_at_least("seed", seed, 0)
    root = Path(folder)
    _claim(root, clips_per_class=clips_per_class, seed=seed, sample_rate=sample_rate)
    rows: list[tuple[str, str, str]] = []
    for kind in SOUND_KINDS:
        for index in range(clips_per_class):
            rows.append(_write_clip(root, kind, index, seed=seed, sample_rate=sample_rate))
            if progress is not None:
                progress(len(rows), len(SOUND_KINDS) * clips_per_class)
    write_table(root / "manifest.csv", header=("path", "label", "group"), rows=rows)
    return root


def _write_clip(
    root: Path, kind: SoundKind, index: int, *, seed: int, sample_rate: int
) -> tuple[str, str, str]:
    number, take = divmod(index, _CLIPS_PER_SOURCE)
    place = SOUND_KINDS.index(kind)
    of_source = np.random.default_rng([seed, place, number])
    source, setting = draw_source(kind, rng=of_source), draw_setting(of_source)
    rng = np.random.default_rng([seed, place, number, take + 1])
    num_samples = round(rng.uniform(1.0, 2.5) * sample_rate)
    dry = render_source(source, rng=rng, num_samples=num_samples, sample_rate=sample_rate)
    group = f"{_SOURCE_NAMES[kind]}{number:02d}"
    path = f"{kind}/{group}_{take}.wav"
    waveform = record(dry, setting, rng=rng, sample_rate=sample_rate)
    write_wav(root / path, [waveform], sample_rate=sample_rate)
    return path, kind, group


def _claim(root: Path, **settings: int) -> None:
    """Mark a folder as a demo set before anything else is written; refuse other folders."""
    marker = root / _MARKER
    if root.exists() and not root.is_dir():
        found = "a file"
    elif root.is_dir() and not marker.is_file() and any(root.iterdir()):
        found = "a folder that holds other files"
    else:
        (root / "manifest.csv").unlink(missing_ok=True)
        write_text(marker, json.dumps({"auricle demo set": settings}, indent=2) + "\n")
        return
    raise OutputError(
        message(
            str(root),
            expected="an absent folder, an empty one, or an earlier demo set",
            got=found,
            remedy="Choose another folder for the demo set.",
        )
    )


def _check_at_least(name: str, value: int, lowest: int) -> None:
    if value < lowest:
        raise ConfigError(
            message(
                name, expected=f"{name} >= {lowest}", got=value, remedy="Choose a greater number."
            )
        )
