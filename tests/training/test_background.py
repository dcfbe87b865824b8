"""Recordings of nothing become examples of unknown, and noise to mix in."""

import numpy as np
import pytest
import soundfile
from tests.tiny_set import RATE

from auricle.errors import AudioError, ManifestError
from auricle.features import log_mel_for
from auricle.models import UNKNOWN, Model, ModelConfig, preset
from auricle.training.background import background_examples, background_manifest
from auricle.training.examples import Examples


@pytest.fixture
def model() -> Model:
    classes = ("a", "b", UNKNOWN)
    front_end = log_mel_for(RATE, n_mels=8)
    return Model(ModelConfig(classes=classes, front_end=front_end, trunk=preset("tiny")))


def _clips(count: int, length: int) -> Examples:
    return Examples([np.zeros((length, 8), np.float32)] * count, np.zeros(count, np.int64))


def test_background_is_cut_into_stretches_as_long_as_clips(model, tmp_path):
    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "a.wav", 0.1 * rng.uniform(-1, 1, 10 * RATE), RATE)
    heard, held, noise = background_examples(
        model, tmp_path, like=_clips(40, 50), cache=None, seed=0
    )
    assert {len(frames) for frames in heard.frames} == {50} and 8 <= len(heard) <= 40
    assert len(held) >= 2 and sum(map(len, noise.frames)) == 800
    assert set(heard.targets) == set(held.targets) == {2}


def test_what_calibrates_was_not_learnt_from(model, tmp_path):
    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "a.wav", 0.1 * rng.uniform(-1, 1, 4 * RATE), RATE)
    heard, held, noise = background_examples(
        model, tmp_path, like=_clips(40, 50), cache=None, seed=0
    )
    learnt = {frame.tobytes() for frames in (*heard.frames, *noise.frames) for frame in frames}
    assert not learnt & {frame.tobytes() for frames in held.frames for frame in frames}


def test_a_folder_that_holds_no_background_is_refused(tmp_path):
    with pytest.raises(ManifestError, match="got none"):
        background_manifest(tmp_path)
    with pytest.raises(ManifestError, match="got no such folder"):
        background_manifest(tmp_path / "gone")


def test_background_that_cannot_be_read_is_named(model, tmp_path):
    (tmp_path / "a.wav").write_bytes(b"")
    with pytest.raises(AudioError, match=r"a\.wav"):
        background_examples(model, tmp_path, like=_clips(4, 50), cache=None, seed=0)
