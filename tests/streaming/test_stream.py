import math

import numpy as np
import pytest
import soundfile
from tests.tiny import CLASSES, HOP, RATE, sound, tiny_config, tiny_model

from auricle.errors import AudioError, CausalityError, ConfigError, ShapeError, StateError
from auricle.io import read_audio
from auricle.streaming import Listener, Stream

MODEL = tiny_model()


def hear(stream, *chunks):
    events = [event for chunk in chunks for event in stream.push(chunk)]
    return events + stream.finish(), stream.clip_probs


def test_zero_length_pushes_do_nothing():
    waveform, nothing = sound(1.0), np.zeros(0, dtype=np.float32)
    events, probs = hear(Stream(MODEL), nothing, waveform[:999], nothing, waveform[999:], nothing)
    whole_events, whole = hear(Stream(MODEL), waveform)
    assert [e.time_s for e in events] == [e.time_s for e in whole_events]
    np.testing.assert_allclose(probs, whole, atol=1e-6)
    stream = Stream(MODEL)
    assert stream.push(nothing) == [] and stream.finish() == [] and stream.clip_probs is None


def test_push_after_finish_is_refused_and_finish_twice_is_not():
    stream = Stream(MODEL)
    stream.push(sound(0.5))
    stream.finish()
    assert stream.finish() == [] and len(stream.finish_scores().times_s) == 0
    with pytest.raises(StateError, match="stream: expected a stream that goes on"):
        stream.push(sound(0.1))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e30])
@pytest.mark.parametrize("before", [0, 3, HOP - 1, HOP, 5 * HOP + 3])
def test_a_chunk_with_a_bad_sample_is_dropped_and_the_stream_goes_on(bad, before):
    waveform = sound(1.0)
    poisoned = waveform[:100].copy()
    poisoned[17] = bad
    stream = Stream(MODEL)
    events = stream.push(waveform[:before])
    with pytest.raises(AudioError, match="finite samples, of at most 1e[+]12, got .* 17 of 100"):
        stream.push(poisoned)
    with pytest.raises(AudioError, match="finite"):
        stream.push(np.array([bad]))
    more, probs = hear(stream, waveform[before:])
    whole_events, whole = hear(Stream(MODEL), waveform)
    np.testing.assert_allclose(probs, whole, atol=1e-5)
    assert [(e.kind, e.label, e.time_s) for e in events + more] == [
        (e.kind, e.label, e.time_s) for e in whole_events
    ]


def test_a_bad_chunk_does_not_reach_the_resampler():
    waveform = sound(0.5, rate=8000)
    stream = Stream(MODEL, sample_rate=8000)
    stream.push(waveform[:1500])
    with pytest.raises(AudioError, match="finite"):
        stream.push(np.full(10, np.nan, dtype=np.float32))
    _, probs = hear(stream, waveform[1500:])
    np.testing.assert_allclose(probs, hear(Stream(MODEL, sample_rate=8000), waveform)[1], atol=1e-5)


def test_samples_of_any_type_mean_the_same():
    counts = np.round(sound(1.0) * 127).astype(np.int32)
    whole = hear(Stream(MODEL), (counts / 128).astype(np.float32))[1]
    for chunk in (
        counts / 128,
        (counts / 128).astype(np.float16),
        (counts * 256).astype(np.int16),
        (counts * 2**24).astype(np.int32),
        (counts + 128).astype(np.uint8),
        (counts / 128).astype(">f4"),
    ):
        assert chunk.dtype != np.float32
        np.testing.assert_allclose(hear(Stream(MODEL), chunk)[1], whole, atol=1e-6)


def test_lowest_integer_is_minus_full_scale():
    from auricle.streaming.stream import as_float

    assert as_float(np.array([-(2**15)], dtype=np.int16))[0] == -1
    assert as_float(np.array([-(2**31)], dtype=np.int32))[0] == -1
    assert as_float(np.array([0], dtype=np.uint8))[0] == -1


def test_what_is_not_sound_is_named():
    stream = Stream(MODEL)
    with pytest.raises(ShapeError, match="an array of int64. Convert it"):
        stream.push(np.zeros(3, dtype=np.int64))
    with pytest.raises(AudioError, match="finite"):
        stream.push(np.array([1e300]))


@pytest.mark.parametrize("view", ["reused", "read_only", "reversed", "strided"])
def test_the_callers_buffer_is_neither_kept_nor_needs_to_be_plain(view):
    waveform = sound(0.5)
    whole = hear(Stream(MODEL), waveform)[1]
    stream = Stream(MODEL)
    if view == "reused":
        buffer = np.empty(7, dtype=np.float32)
        for start in range(0, len(waveform) - 7, 7):
            buffer[:] = waveform[start : start + 7]
            stream.push(buffer)
        stream.push(waveform[start + 7 :])
        buffer[:] = 1
    elif view == "read_only":
        stream.push(np.frombuffer(waveform.tobytes(), dtype=np.float32))
    elif view == "reversed":
        stream.push(waveform[::-1].copy()[::-1])
    else:
        stream.push(np.repeat(waveform, 2)[::2])
    stream.finish()
    np.testing.assert_allclose(stream.clip_probs, whole, atol=1e-5)


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 3000])
def test_another_rate_is_resampled_as_a_file_is(rate, tmp_path):
    waveform = sound(0.5, rate=rate) * 0.5
    soundfile.write(tmp_path / "x.wav", waveform, rate, subtype="FLOAT")
    listener = Listener(MODEL)
    answer = listener.predict_file(tmp_path / "x.wav")
    assert answer.source_rate == rate and answer.duration_s == pytest.approx(0.5, abs=1e-3)
    for cut in (1 if rate == 3000 else 7, 333, len(waveform)):
        stream = listener.stream(sample_rate=rate)
        for start in range(0, len(waveform), cut):
            stream.push(waveform[start : start + cut])
        stream.finish()
        np.testing.assert_allclose(stream.clip_probs, answer.probs, atol=1e-5)
    at_own_rate, _ = read_audio(tmp_path / "x.wav", sample_rate=RATE)
    np.testing.assert_allclose(listener.predict_waveform(at_own_rate), answer.probs, atol=1e-4)


def test_scores_have_a_time_for_every_step():
    stream = Stream(MODEL)
    scores = stream.push_scores(sound(1.0))
    assert len(scores.times_s) == 50 == len(scores.probs) == len(scores.recent)
    np.testing.assert_allclose(scores.times_s, 0.02 * np.arange(50) + 0.01)
    np.testing.assert_allclose(scores.probs.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(scores.recent.sum(axis=1), 1, atol=1e-9)
    assert len(stream.finish_scores().times_s) == 0


def test_the_last_hop_is_completed_by_silence():
    short = sound(1.0)[: 10 * HOP + 1]
    padded = np.concatenate([short, np.zeros(HOP - 1, dtype=np.float32)])
    np.testing.assert_allclose(
        hear(Stream(MODEL), short)[1], hear(Stream(MODEL), padded)[1], atol=1e-6
    )
    assert hear(Stream(MODEL), short[:1])[1].shape == (len(CLASSES),)


def test_a_model_that_looks_ahead_is_refused():
    model = tiny_model(config=tiny_config(bidirectional=True))
    assert not model.causal
    with pytest.raises(CausalityError, match="expected a causal trunk, got a bidirectional one"):
        Stream(model)
    with pytest.raises(CausalityError, match="train with --cell mingru"):
        Listener(model).stream()
    probs = Listener(model).predict_waveform(sound(0.5))
    assert probs.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("kind", ["elman", "lstm", "gru", "mingru"])
@pytest.mark.parametrize("at", [0, 1, 1003, 3 * HOP])
def test_a_saved_stream_goes_on_as_if_never_stopped(kind, at, tmp_path):
    model = tiny_model(kind=kind, compression="pcen", strides=(2, 3))
    waveform = sound(1.5)
    first = Stream(model)
    events = first.push(waveform[:at])
    first.save(tmp_path / "state")
    second = Stream(model)
    second.push(sound(0.3, seed=9))
    second.load(tmp_path / "state")
    assert second.time_s == first.time_s
    more, probs = hear(second, waveform[at:])
    whole_events, whole = hear(Stream(model), waveform)
    assert events + more == pytest.approx(whole_events) or [
        (e.kind, e.label, e.onset_s, e.time_s) for e in events + more
    ] == [(e.kind, e.label, e.onset_s, e.time_s) for e in whole_events]
    np.testing.assert_allclose(probs, whole, atol=1e-5)


def test_saving_leaves_the_stream_as_it_was(tmp_path):
    waveform = sound(1.0)
    stream = Stream(MODEL)
    for start in range(0, len(waveform), 111):
        stream.push(waveform[start : start + 111])
        stream.save(tmp_path / "state")
    stream.finish()
    np.testing.assert_allclose(stream.clip_probs, hear(Stream(MODEL), waveform)[1], atol=1e-5)


def test_a_finished_stream_can_load_but_not_save(tmp_path):
    waveform = sound(1.0)
    stream = Stream(MODEL)
    stream.push(waveform[:1234])
    stream.save(tmp_path / "state")
    stream.finish()
    with pytest.raises(StateError, match="finished"):
        stream.save(tmp_path / "state")
    stream.load(tmp_path / "state")
    np.testing.assert_allclose(
        hear(stream, waveform[1234:])[1], hear(Stream(MODEL), waveform)[1], atol=1e-5
    )


def test_a_resampling_stream_can_neither_save_nor_load(tmp_path):
    Stream(MODEL).save(tmp_path / "state")
    stream = Stream(MODEL, sample_rate=8000)
    for finished in (False, True):
        with pytest.raises(ConfigError, match="expected the model's own, 4000 Hz, got 8000 Hz"):
            stream.save(tmp_path / "state")
        with pytest.raises(ConfigError, match="A resampler's memory cannot be saved"):
            stream.load(tmp_path / "state")
        if not finished:
            stream.finish()


def test_a_state_of_another_model_is_refused(tmp_path):
    stream = Stream(MODEL)
    stream.push(sound(0.5))
    stream.save(tmp_path / "state")
    for other in (
        tiny_model(seed=1),
        tiny_model(kind="gru"),
        tiny_model(kind="lstm"),
        tiny_model(compression="pcen"),
    ):
        with pytest.raises(StateError, match="got the state of another model"):
            Stream(other).load(tmp_path / "state")


def test_a_damaged_state_is_refused_and_the_stream_goes_on(tmp_path):
    waveform = sound(1.0)
    stream = Stream(MODEL)
    stream.push(waveform[:1000])
    stream.save(tmp_path / "state")
    whole = (tmp_path / "state").read_bytes()
    rng = np.random.default_rng(0)
    damaged = [
        b"",
        b"no state at all",
        whole[:-1],
        *(whole[: len(whole) * i // 9] for i in range(9)),
    ]
    for at in rng.integers(0, len(whole), 40):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << rng.integers(8)
        damaged.append(bytes(flipped))
    for payload in damaged:
        (tmp_path / "bad").write_bytes(payload)
        with pytest.raises(StateError, match="expected the saved state of a stream"):
            stream.load(tmp_path / "bad")
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(StateError, match="expected the saved state"):
            stream.load(path)
    np.testing.assert_allclose(
        hear(stream, waveform[1000:])[1], hear(Stream(MODEL), waveform)[1], atol=1e-5
    )


def test_a_model_file_is_no_state(tmp_path):
    Listener(MODEL).save(tmp_path / "m.auricle")
    with pytest.raises(StateError, match="no stream's state"):
        Stream(MODEL).load(tmp_path / "m.auricle")
