import numpy as np
import pytest
import soundfile
import torch
from tests.tiny import HOP, RATE, sound, tiny_model

from auricle.data import FeatureCache
from auricle.errors import AudioError
from auricle.training.detection import store

MODEL = tiny_model()


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, sound(7.03, seed=1), RATE, subtype="FLOAT")
    return path


@pytest.mark.parametrize("cached", [True, False])
def test_frames_in_stretches_are_those_of_the_whole_recording(
    recording, tmp_path, monkeypatch, cached
):
    monkeypatch.setattr(store, "CHUNK_S", 1.3)
    cache = FeatureCache(tmp_path / "cache") if cached else None
    found = store.load_store(MODEL, recording, cache=cache)
    whole = MODEL.clip_frames(torch.from_numpy(sound(7.03, seed=1))[None, None])[0].numpy()
    assert len(found.chunks) > 5 and len(found) == len(whole)
    np.testing.assert_allclose(found.read(0, len(found)), whole, atol=1e-5)


def test_the_cache_is_asked_before_the_recording(recording, tmp_path, monkeypatch):
    cache = FeatureCache(tmp_path / "cache")
    first = store.load_store(MODEL, recording, cache=cache)
    monkeypatch.setattr(store, "compute_chunks", lambda *a: pytest.fail("computed again"))
    second = store.load_store(MODEL, recording, cache=cache)
    np.testing.assert_array_equal(first.read(0, 50), second.read(0, 50))


def test_reading_across_stretches_and_edges_is_padded_by_silence(monkeypatch, recording):
    monkeypatch.setattr(store, "CHUNK_S", 1.3)
    found = store.load_store(MODEL, recording, cache=None)
    total = len(found)
    whole = found.read(0, total)
    np.testing.assert_array_equal(found.read(100, 300), whole[100:300])
    outside = found.read(-5, total + 7)
    np.testing.assert_array_equal(outside[5:-7], whole)
    np.testing.assert_array_equal(outside[:5], np.tile(found.silence, (5, 1)))
    np.testing.assert_array_equal(outside[-7:], np.tile(found.silence, (7, 1)))


def test_the_silent_frame_is_that_of_zeros():
    silence = store.silent_frame(MODEL)
    frames = MODEL.clip_frames(torch.zeros(1, 1, 20 * HOP))[0].numpy()
    np.testing.assert_allclose(np.tile(silence, (len(frames), 1)), frames, atol=1e-6)


def test_a_broken_recording_is_named(tmp_path):
    path = tmp_path / "broken.wav"
    path.write_bytes(b"not sound")
    with pytest.raises(AudioError, match=r"broken\.wav"):
        store.load_store(MODEL, path, cache=None)
