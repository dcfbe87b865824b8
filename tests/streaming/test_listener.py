from dataclasses import replace

import numpy as np
import pytest
import soundfile
from tests.tiny import CLASSES, RATE, sound, tiny_config, tiny_model

import auricle
from auricle.data import Clip
from auricle.errors import AudioError, CausalityError
from auricle.models import UNKNOWN
from auricle.streaming import Listener

LISTENER = Listener(tiny_model(), card={"a": 1})


@pytest.fixture
def recording(tmp_path):
    soundfile.write(tmp_path / "x.wav", sound(1.0) * 0.9, RATE, subtype="FLOAT")
    return tmp_path / "x.wav"


def test_file_waveform_clip_and_stream_give_one_answer(recording):
    answer = LISTENER.predict_file(recording)
    waveform = sound(1.0) * np.float32(0.9)
    stream = LISTENER.stream()
    for start in range(0, RATE, 123):
        stream.push(waveform[start : start + 123])
    stream.finish()
    for probs in (
        LISTENER.predict_waveform(waveform),
        LISTENER.predict_clip(Clip(path=recording, label="bark")).probs,
        stream.clip_probs,
    ):
        np.testing.assert_allclose(probs, answer.probs, atol=1e-5)
    assert sum(answer.probs) == pytest.approx(1) and answer.score == max(answer.probs)
    assert answer.duration_s == 1.0 and answer.source_rate == RATE


def test_blocks_of_a_long_file_change_nothing(recording, monkeypatch):
    whole = LISTENER.predict_file(recording)
    monkeypatch.setattr("auricle.streaming.listener._BLOCK_S", 0.03)
    np.testing.assert_allclose(LISTENER.predict_file(recording).probs, whole.probs, atol=1e-5)
    _, scores = LISTENER.predict_frames(recording)
    assert scores is not None and len(scores.times_s) == 50


def test_part_of_a_file_is_that_part(recording):
    part = LISTENER.predict_file(recording, start_s=0.25, end_s=0.75)
    waveform = (sound(1.0) * np.float32(0.9))[RATE // 4 : 3 * RATE // 4]
    np.testing.assert_allclose(part.probs, LISTENER.predict_waveform(waveform), atol=1e-5)
    assert part.duration_s == 0.5


def test_below_the_threshold_the_answer_is_unknown():
    decision = replace(tiny_config().decision, threshold=0.7)
    listener = Listener(tiny_model(config=replace(tiny_config(), decision=decision)))
    assert listener.label_of(np.array([0.6, 0.3, 0.1])) == (UNKNOWN, 0.6)
    assert listener.label_of(np.array([0.1, 0.7, 0.2])) == ("chirp", 0.7)


def test_one_sample_is_enough_and_none_is_refused(tmp_path):
    assert LISTENER.predict_waveform(np.array([0.5])).shape == (len(CLASSES),)
    with pytest.raises(AudioError, match="waveform: expected at least one sample at"):
        LISTENER.predict_waveform(np.zeros(0))
    with pytest.raises(AudioError, match="finite"):
        LISTENER.predict_waveform(np.array([0.1, np.nan]))
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    with pytest.raises(AudioError, match="empty.wav"):
        LISTENER.predict_file(tmp_path / "empty.wav")


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_clip_too_short_for_one_sample_at_the_models_rate_is_named(bidirectional, tmp_path):
    listener = Listener(tiny_model(bidirectional=bidirectional))
    with pytest.raises(AudioError, match="at least one sample at the model's rate, got 0"):
        listener.predict_waveform(np.full(3, 0.1), sample_rate=44_100)
    soundfile.write(tmp_path / "short.wav", np.full(3, 0.1), 44_100)
    with pytest.raises(AudioError, match="short.wav: expected at least one sample at the model"):
        listener.predict_file(tmp_path / "short.wav")


def test_a_model_that_looks_ahead_answers_files(recording):
    listener = Listener(tiny_model(config=tiny_config(bidirectional=True)))
    answer = listener.predict_file(recording)
    assert sum(answer.probs) == pytest.approx(1, abs=1e-5)
    with pytest.raises(CausalityError, match="expected a causal trunk"):
        listener.predict_frames(recording)
    np.testing.assert_allclose(
        listener.predict_waveform(sound(1.0) * np.float32(0.9)), answer.probs, atol=1e-5
    )


def test_a_model_that_looks_ahead_resamples_too(tmp_path):
    listener = Listener(tiny_model(config=tiny_config(bidirectional=True)))
    waveform = sound(0.5, rate=8000)
    soundfile.write(tmp_path / "x.wav", waveform, 8000, subtype="FLOAT")
    answer = listener.predict_file(tmp_path / "x.wav")
    assert answer.source_rate == 8000
    probs = listener.predict_waveform(waveform, sample_rate=8000)
    np.testing.assert_allclose(probs, answer.probs, atol=1e-5)


def test_saved_listener_is_the_same(tmp_path):
    loaded = auricle.load(LISTENER.save(tmp_path / "m.auricle"))
    assert (loaded.classes, loaded.sample_rate, loaded.threshold) == (CLASSES, RATE, 0.45)
    assert loaded.card == {"a": 1}
