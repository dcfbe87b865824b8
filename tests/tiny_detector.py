"""A detector small enough for tests, and recordings for it."""

from dataclasses import replace

import numpy as np
import soundfile
from tests.tiny import RATE, sound, tiny_config, tiny_model

from auricle.heads import DetectConfig
from auricle.models import DetectionConfig
from auricle.streaming import Detector


def tiny_detector(*, labels="single", seed=3):
    """Random weights; events of 50 ms and more, so that there are some, but not at every hop."""
    head = DetectConfig(labels=labels, lookahead_ms=40.0)
    decoding = DetectionConfig(median=5, min_duration_s=0.05, min_gap_s=0.02)
    config = replace(tiny_config(), head=head, detection=decoding)
    return Detector(tiny_model(config=config, seed=seed))


def write_recordings(folder, *, number=3, seconds=4.0, rate=RATE):
    """Recordings ``r0.flac`` and so on, each of another sound."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"r{at}.flac" for at in range(number)]
    for at, path in enumerate(paths):
        soundfile.write(path, np.asarray(sound(seconds, seed=at, rate=rate)), rate)
    return paths
