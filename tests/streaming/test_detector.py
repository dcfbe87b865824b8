from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from tests.tiny import CLASSES, HOP, RATE, sound, tiny_config, tiny_model

import auricle
from auricle.errors import ConfigError, ModelFileError, StateError
from auricle.heads import DetectConfig
from auricle.models import DetectionConfig, Model
from auricle.streaming import (
    DetectionStream,
    Detector,
    Listener,
    Stream,
    load_detector,
    load_listener,
    measure_detection_identity,
)
from auricle.streaming.detection_identity import same_detections


def tiny_detector(*, labels="single", lookahead_ms=50.0, detection=None, strides=(1, 2)):
    """A detector whose posteriors move: each logit has a mean of 0 and a deviation of 3."""
    config = replace(
        tiny_config(strides=strides),
        head=DetectConfig(labels=labels, lookahead_ms=lookahead_ms),
        detection=detection or DetectionConfig(min_duration_s=0.02),
    )
    torch.manual_seed(1)
    model = Model(config).eval()
    mels = config.front_end.n_mels
    model.compression.set_statistics(torch.full((mels,), -12.0), torch.full((mels,), 5.0))
    with torch.no_grad():
        weight, bias = model.head.classify.weight, model.head.classify.bias
        bias.zero_()
        waveform = torch.from_numpy(sound(3.0, seed=5))[None, None]
        state = model.initial_state(1)
        hidden, _ = model.trunk(
            model.compression(model.features(waveform, state.features)[0], state.network[0])[0],
            state.network.trunk,
        )
        shape = (model.head.answers, model.head.num_outputs, -1)
        weight.view(shape)[1:] = weight.view(shape)[:1] + 0.1 * weight.view(shape)[1:]
        logits = hidden[0] @ weight.T
        weight.mul_((3 / logits.std(dim=0))[:, None])
        bias.copy_(-(hidden[0] @ weight.T).mean(dim=0))
    return Detector(model)


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, sound(3.0, seed=5), RATE)
    return path


@pytest.mark.parametrize("labels", ["single", "multi"])
@pytest.mark.parametrize("strides", [(1, 1), (1, 2), (2, 2)], ids=["1", "2", "4"])
def test_where_the_stream_is_cut_changes_nothing(labels, strides):
    detection = DetectionConfig(median=3, min_duration_s=0.03, min_gap_s=0.02)
    model = tiny_detector(labels=labels, strides=strides, detection=detection).model
    found = measure_detection_identity(model, sound(1.5, seed=3), pushes=(7, 1000, 0))
    assert found.events_equal
    assert found.max_abs_diff <= 1e-5


@pytest.mark.parametrize("seconds", [0.001, 0.5, 1.2345])
def test_every_hop_of_a_recording_is_answered_once(seconds):
    stream = tiny_detector().stream()
    waveform = sound(seconds)
    first = stream.push_both(waveform)[1]
    last = stream.finish_both()[1]
    hops = -(-len(waveform) // HOP)
    onsets = np.concatenate([first.onsets_s, last.onsets_s])
    np.testing.assert_allclose(onsets, np.arange(hops) * HOP / RATE)


def test_the_answer_for_a_hop_comes_the_look_ahead_later():
    detector = tiny_detector(lookahead_ms=50.0, strides=(1, 1))
    stream = detector.stream()
    for hops in range(1, 12):
        known = stream.push_both(np.zeros(HOP, dtype=np.float32))[1]
        assert len(known.probs) == (1 if hops > 5 else 0)
    assert stream.lookahead_s == pytest.approx(0.05)


def test_answers_do_not_depend_on_sound_beyond_the_look_ahead():
    detector = tiny_detector(lookahead_ms=50.0)
    one = sound(2.0, seed=1)
    other = one.copy()
    other[RATE:] = sound(1.0, seed=9)
    stream_a, stream_b = detector.stream(), detector.stream()
    a, b = stream_a.push_both(one)[1], stream_b.push_both(other)[1]
    before = RATE // HOP - 5
    np.testing.assert_allclose(a.probs[: before - 1], b.probs[: before - 1], atol=1e-6)
    assert np.abs(a.probs[before:] - b.probs[before:]).max() > 0.01


@pytest.mark.parametrize("labels", ["single", "multi"])
@pytest.mark.parametrize("pooling", ["attention", "max"])
def test_short_pushes_take_the_fast_step_to_the_same_answers(labels, pooling):
    model = tiny_detector(labels=labels).model
    torch.manual_seed(2)
    config = replace(model.config, head=replace(model.config.head, pooling=pooling))
    other = Model(config).eval()
    other.load_state_dict(model.state_dict(), strict=False)
    waveform, stream = sound(1.0, seed=4), DetectionStream(other)
    parts = [stream.push_both(waveform[at : at + HOP])[1] for at in range(0, RATE, HOP)]
    whole = DetectionStream(other).push_both(waveform)[1]
    assert stream.step_refusal is None
    for column in ("probs", "weights"):
        mine = np.concatenate([getattr(part, column) for part in parts])
        np.testing.assert_allclose(mine, getattr(whole, column), atol=1e-5)


def test_events_of_a_file_are_those_of_a_stream(recording):
    detector = tiny_detector()
    seen, heard = [], []
    found = detector.detect_file(
        recording, on_probs=lambda part: seen.append(len(part.probs)), on_progress=heard.append
    )
    samples, _ = soundfile.read(recording, dtype="float32")
    stream = detector.stream()
    events = [*stream.push(samples[:5000]), *stream.push(samples[5000:]), *stream.finish()]
    ordered = sorted(events, key=lambda e: (e.onset_s, e.label))
    assert same_detections(found.events, ordered)
    assert len(found.events) > 2
    assert sum(seen) == -(-len(samples) // HOP)
    assert heard[-1] == found.duration_s == pytest.approx(3.0)


def test_posteriors_of_single_labels_have_a_column_for_none(recording):
    detector = tiny_detector()
    _, probs = detector.detect_probs(recording)
    assert detector.outputs == (*CLASSES, "none")
    np.testing.assert_allclose(probs.probs.sum(axis=1), 1, atol=1e-5)
    assert tiny_detector(labels="multi").outputs == CLASSES


def test_events_at_another_rate_are_nearly_the_same(tmp_path, recording):
    detector = tiny_detector()
    twice = tmp_path / "twice.wav"
    samples, _ = soundfile.read(recording, dtype="float32")
    soundfile.write(twice, auricle_resample(samples), 2 * RATE)
    found = detector.detect_file(twice)
    assert found.source_rate == 2 * RATE
    assert found.duration_s == pytest.approx(3.0)
    _, probs = detector.detect_probs(twice)
    assert len(probs.probs) == -(-len(samples) // HOP)


def auricle_resample(samples):
    from auricle.io import resample

    return resample(samples, source_rate=RATE, target_rate=2 * RATE)


def test_a_saved_stream_goes_on_where_it_stood(tmp_path):
    detector = tiny_detector(detection=DetectionConfig(median=3, min_gap_s=0.03))
    waveform = sound(3.0, seed=2)
    whole = detector.stream()
    expected = [*whole.push(waveform), *whole.finish()]
    first = detector.stream()
    events = first.push(waveform[:4321])
    first.save(tmp_path / "state")
    second = detector.stream()
    second.push(sound(0.3))
    second.load(tmp_path / "state")
    events += [*second.push(waveform[4321:]), *second.finish()]
    assert len(expected) > 2
    assert same_detections(events, expected)


def test_events_that_differ_are_not_taken_for_the_same():
    detector = tiny_detector()
    stream = detector.stream()
    events = [*stream.push(sound(2.0, seed=5)), *stream.finish()]
    moved = [replace(events[0], onset_s=events[0].onset_s + 1e-3), *events[1:]]
    renamed = [replace(events[0], label="other"), *events[1:]]
    assert same_detections(events, list(events))
    assert not same_detections(events, moved)
    assert not same_detections(events, renamed)
    assert not same_detections(events, events[1:])


def test_a_finished_stream_takes_no_more():
    stream = tiny_detector().stream()
    stream.push(sound(0.3))
    stream.finish()
    assert stream.finish() == []
    with pytest.raises(StateError, match="one that was finished"):
        stream.push(sound(0.1))


def test_a_stream_that_resamples_cannot_be_saved(tmp_path):
    stream = tiny_detector().stream(sample_rate=2 * RATE)
    with pytest.raises(ConfigError, match="sample_rate: expected the model's own"):
        stream.save(tmp_path / "state")


def test_a_model_file_gives_what_its_head_is_for(tmp_path):
    tiny_detector(labels="multi").save(tmp_path / "d.auricle")
    Listener(tiny_model()).save(tmp_path / "c.auricle")
    detector = auricle.load(tmp_path / "d.auricle")
    assert isinstance(detector, Detector) and detector.head.labels == "multi"
    assert isinstance(auricle.load(tmp_path / "c.auricle"), Listener)
    with pytest.raises(ModelFileError, match="expected a classifier, got a detector"):
        load_listener(tmp_path / "d.auricle")
    with pytest.raises(ModelFileError, match="expected a detector of events, got a classifier"):
        load_detector(tmp_path / "c.auricle")


def test_a_detector_and_a_listener_are_not_taken_for_each_other():
    with pytest.raises(ConfigError, match="expected a detector, got a classifier"):
        DetectionStream(tiny_model())
    with pytest.raises(ConfigError, match="expected a classifier, got a detector"):
        Stream(tiny_detector().model)


def test_a_bidirectional_trunk_cannot_detect():
    config = replace(tiny_config(bidirectional=True), head=DetectConfig())
    with pytest.raises(ConfigError, match="trunk: expected one that listens forwards"):
        Model(config)


def test_one_class_is_enough_for_a_detector():
    config = replace(tiny_config(), head=DetectConfig(), classes=("call",))
    assert Detector(Model(config)).outputs == ("call", "none")
