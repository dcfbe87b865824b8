from dataclasses import replace

import numpy as np
import pytest
import soundfile
from tests.tiny_set import CLASSES, RATE, tiny_clip, write_table

import auricle
from auricle.data import Clip, Manifest
from auricle.errors import ManifestError
from auricle.training.config import TrainConfig
from auricle.training.detection.dividing import divide_recordings
from auricle.training.detection.settings import DetectSettings
from auricle.training.detection.tag_run import train_tagger
from auricle.training.detection.tagging import tagged_recordings, tags_of
from auricle.training.split_config import SplitConfig

CONFIG = TrainConfig(preset="tiny", threads=1, batch_size=8, learning_rate=6e-3, n_mels=24)
SETTINGS = DetectSettings(steps=150, hop_ms=10.0, lookahead_ms=50.0)


def write_tagged_set(folder, *, clips=48):
    """Half-second clips in which every class sounds or not, at its own place."""
    rng = np.random.default_rng(0)
    rows = []
    for at in range(clips):
        waveform = 1e-3 * rng.standard_normal(RATE).astype(np.float32)
        tags = [name for name in CLASSES if rng.random() < 0.5] or ["low"]
        for name in tags:
            start = int(rng.integers(0, RATE // 2))
            waveform[start : start + RATE // 4] += tiny_clip(name, seed=at, duration_s=0.25)
        soundfile.write(folder / f"c{at}.wav", waveform.clip(-1, 1), RATE)
        split = "test" if at % 4 == 0 else "train"
        rows.append({"path": f"c{at}.wav", "label": "; ".join(tags), "split": split})
    return write_table(folder / "clips.csv", rows)


@pytest.fixture(scope="module")
def tagged_set(tmp_path_factory):
    return write_tagged_set(tmp_path_factory.mktemp("tagged"))


def test_tags_are_parted_by_semicolons():
    assert tags_of("rain; dog;rain;") == ("dog", "rain")


@pytest.mark.parametrize("pooling", ["attention", "max"])
def test_a_tagger_learns_what_sounds_in_clips_without_times(tagged_set, tmp_path, pooling):
    annotations = tagged_recordings(auricle.read_manifest(tagged_set))
    split = divide_recordings(annotations, SplitConfig(), seed=0)
    outcome = train_tagger(annotations, split, CONFIG, replace(SETTINGS, tag_pooling=pooling))
    assert outcome.detector.classes == CLASSES
    assert outcome.results.mean_average_precision >= 0.9
    assert outcome.results.lwlrap >= 0.9
    outcome.detector.save(tmp_path / "t.auricle")
    loaded = auricle.load(tmp_path / "t.auricle")
    clip = split.test[0]
    tags = loaded.tag_file(clip.path)
    _, probs = loaded.detect_probs(clip.path)
    expected = probs.probs.max(axis=0)
    if pooling == "attention":
        expected = probs.weights @ probs.probs / probs.weights.sum()
    np.testing.assert_allclose(list(tags.values()), expected, rtol=1e-5)
    assert loaded.card["results"]["lwlrap"] == outcome.results.lwlrap


def test_parts_of_files_are_refused(tmp_path):
    clip = Clip(path=tmp_path / "a.wav", label="dog;rain", start_s=1.0)
    manifest = Manifest(clips=(clip,), source="csv", root=tmp_path, group_rule="")
    with pytest.raises(ManifestError, match="expected whole files, to learn tags from"):
        tagged_recordings(manifest)
