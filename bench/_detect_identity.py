"""``python -m bench.identity --task detect``: a detector's posteriors and events, cut anywhere.

Songs of the finch, joined to an hour, or made sounds where there is no ``--data``. Over 1 minute
pushes are of 1, 7, 160, 1000 and 65536 samples and random; over the hour of 1000 and 65536 and
random, since pushes of one sample would be 115 million.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench.identity import Row

if TYPE_CHECKING:
    import numpy as np

SET = "birdsong_koumura_bird0"
_SHORT_S = 60.0
_STEPS = 100
_LONG_PUSHES = (1000, 65536, 0)


def compare_detector(model_path: Path | None, data: Path | None, seconds: float) -> Iterator[Row]:
    """A row for each length of the sound and of the pushes."""
    from auricle.streaming.detection_identity import (
        detect_in_pushes,
        probs_difference,
        same_detections,
    )
    from auricle.streaming.identity import PUSHES

    detector = _detector(model_path, data)
    for length_s, pushes in ((_SHORT_S, (*PUSHES, 0)), (seconds, _LONG_PUSHES)):
        waveform = _sound(detector.sample_rate, length_s, data)
        whole, events = detect_in_pushes(detector.model, waveform, push=len(waveform))
        for push in pushes:
            started = time.perf_counter()
            probs, heard = detect_in_pushes(detector.model, waveform, push=push)
            wall_s = time.perf_counter() - started
            same = same_detections(events, heard)
            name = str(push or "random")
            yield length_s, name, probs_difference(whole, probs), same, len(events), wall_s


def _detector(path: Path | None, data: Path | None):  # type: ignore[no-untyped-def]
    """The model of that file, or one that is trained for a hundred steps now."""
    from auricle.streaming import load_detector

    if path is not None:
        return load_detector(path)
    assert data is not None, "--task detect needs --model FILE or --data FOLDER"
    from auricle.training.config import TrainConfig
    from auricle.training.detection.run import fit_detector
    from auricle.training.detection.settings import DetectSettings
    from bench.birdsong import read_split

    annotations, split = read_split(data / SET, part="val")
    print("No --model: training one for a minute.", file=sys.stderr, flush=True)
    config = TrainConfig(threads=1)
    return fit_detector(split, annotations.labels, config, DetectSettings(steps=_STEPS)).detector


def _sound(sample_rate: int, seconds: float, data: Path | None) -> "np.ndarray":
    """Songs one after the other, over and over in another order; made sounds without ``data``."""
    import numpy as np

    from auricle.io import read_audio
    from bench.identity import _sound as made_sound

    songs = sorted((data / SET / "Wave").glob("*.flac")) if data is not None else []
    if not songs:
        return made_sound(sample_rate, seconds, None)
    wanted, rng = round(seconds * sample_rate), np.random.default_rng(0)
    out = np.empty(wanted, dtype=np.float32)
    at = 0
    while at < wanted:
        for index in rng.permutation(len(songs)):
            waveform, _ = read_audio(songs[index], sample_rate=sample_rate)
            part = waveform[: wanted - at]
            out[at : at + len(part)] = part
            at += len(part)
    return out
