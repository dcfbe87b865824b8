import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiny import CLASSES, HOP, RATE, sound, tiny_config, tiny_model

from auricle.errors import AudioError, CausalityError, ConfigError, ShapeError, StateError
from auricle.models import UNKNOWN
from auricle.streaming import Listener, ManyStreams, Stream
from auricle.streaming.deciding import join_scores
from auricle.streaming.identity import difference, same_events

MODEL = tiny_model()
ATOL = 1e-5


def sounds(streams, seconds=1.0):
    return np.stack([sound(seconds, seed=seed) for seed in range(streams)])


def hear_many(many, waveforms, cuts):
    """Events and scores of each stream, of pushes between these cuts."""
    edges = [0, *sorted(cuts), waveforms.shape[1]]
    events, parts = [[] for _ in waveforms], [[] for _ in waveforms]
    for start, end in zip(edges, edges[1:], strict=False):
        more, scores = many.push_both(waveforms[:, start:end])
        for stream in range(len(waveforms)):
            events[stream] += more[stream]
            parts[stream].append(scores[stream])
    return events, [join_scores(row) for row in parts]


def hear_one(model, waveform, *, push=HOP):
    stream, events, parts = Stream(model), [], []
    for start in range(0, len(waveform), push):
        more, scores = stream.push_both(waveform[start : start + push])
        events += more
        parts.append(scores)
    return events, join_scores(parts), stream


KINDS, PUSHES = ("elman", "lstm", "gru", "mingru", "rglru"), (HOP, 7, 333, RATE)
# Every cell with every length of push, and either compression with each of both.
MANY = [
    (kind, ("log", "pcen")[(row + column) % 2], push)
    for row, kind in enumerate(KINDS)
    for column, push in enumerate(PUSHES)
]


@pytest.mark.parametrize(("kind", "compression", "push"), MANY)
def test_many_streams_equal_single_ones(kind, compression, push):
    model = tiny_model(kind=kind, compression=compression, strides=(2, 3))
    waveforms = sounds(5, 2.0)
    many = ManyStreams(model, streams=5)
    events, scores = hear_many(many, waveforms, range(push, waveforms.shape[1], push))
    assert (many.step_refusal is None) == (kind in ("mingru", "rglru"))
    times = [many.time_s(i) for i in range(5)]
    clips = [many.clip_probs(i) for i in range(5)]
    last = many.finish()
    for i, waveform in enumerate(waveforms):
        own_events, own, stream = hear_one(model, waveform, push=1000)
        assert times[i] == stream.time_s
        np.testing.assert_allclose(clips[i], stream.clip_probs, atol=ATOL)
        assert difference(own, scores[i]) <= ATOL
        assert same_events(own_events + stream.finish(), events[i] + last[i])
    assert any(events) and len(many) == 0


def test_so_many_streams_that_their_kernels_are_compiled_equal_single_ones():
    model, waveforms = tiny_model(strides=(2, 1)), sounds(150, 0.6)
    many = ManyStreams(model, streams=150)
    events, scores = hear_many(many, waveforms, range(90, waveforms.shape[1], 90))
    for i, waveform in enumerate(waveforms):
        own_events, own, _ = hear_one(model, waveform, push=1000)
        assert difference(own, scores[i]) <= ATOL
        assert same_events(own_events, events[i])


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_many_streams_give_the_same_for_any_cut(data):
    waveforms = sounds(3, 0.75)
    cuts = data.draw(st.lists(st.integers(0, waveforms.shape[1]), max_size=12))
    whole_events, whole = hear_many(ManyStreams(MODEL, streams=3), waveforms, [])
    events, scores = hear_many(ManyStreams(MODEL, streams=3), waveforms, cuts)
    for i in range(3):
        assert difference(whole[i], scores[i]) <= ATOL
        assert same_events(whole_events[i], events[i])


@pytest.mark.parametrize("at", [0, 5, HOP, 2 * HOP, 3 * HOP + 11])
def test_streams_that_begin_at_other_times_keep_their_own_state(at):
    waveforms = sounds(4, 1.0)
    many = ManyStreams(MODEL, streams=2)
    events = many.push(waveforms[:2, :at])
    assert [many.add(), many.add()] == [2, 3] and len(many) == 4
    events += [[], []]
    for start in range(at, waveforms.shape[1], 97):
        more = many.push(waveforms[:, start : start + 97])
        events = [a + b for a, b in zip(events, more, strict=True)]
    for i, begin in enumerate((0, 0, at, at)):
        own_events, _, stream = hear_one(MODEL, waveforms[i, begin:])
        assert same_events(own_events, events[i])
        np.testing.assert_allclose(many.clip_probs(i), stream.clip_probs, atol=ATOL)


def test_a_stream_is_reset_and_removed_alone():
    waveforms = sounds(4, 1.0)
    many = ManyStreams(MODEL, streams=4)
    half = 1007
    events = many.push(waveforms[:, :half])
    many.reset(2)
    ended = events[1] + many.remove(1)
    more = many.push(waveforms[[0, 2, 3], half:])
    own_events, _, stream = hear_one(MODEL, waveforms[1, :half])
    assert same_events(ended, own_events + stream.finish())
    for row, (i, begin) in enumerate(((0, 0), (2, half), (3, 0))):
        own_events, _, stream = hear_one(MODEL, waveforms[i, begin:])
        np.testing.assert_allclose(many.clip_probs(row), stream.clip_probs, atol=ATOL)
        before = events[i] if begin == 0 else []
        assert same_events(before + more[row], own_events)
        assert many.time_s(row) == stream.time_s


@pytest.mark.parametrize("kind", ["gru", "mingru"])
@pytest.mark.parametrize("at", [0, 1, 1003, 3 * HOP])
def test_a_stream_moves_to_a_plain_one_and_back(kind, at, tmp_path):
    model, waveforms = tiny_model(kind=kind, compression="pcen"), sounds(3, 1.5)
    first, second = at + 1500, at + 3100
    many = ManyStreams(model, streams=3)
    events = many.push(waveforms[:, :first])[1]
    plain = Stream(model)
    plain.push(sound(0.3, seed=9))
    plain.resume(many.snapshot(1))
    assert plain.time_s == many.time_s(1)
    events += [e for s in range(first, second, 50) for e in plain.push(waveforms[1, s : s + 50])]
    plain.save(tmp_path / "state")
    plain = Stream(model)
    plain.load(tmp_path / "state")
    many.resume(1, plain.snapshot())
    assert many.time_s(1) == plain.time_s == pytest.approx(second / RATE, abs=50 / RATE)
    rest = waveforms[:, round(plain.time_s * RATE) :]
    events += many.push(rest)[1] + many.finish()[1]
    own_events, _, stream = hear_one(model, waveforms[1])
    assert same_events(own_events + stream.finish(), events)


def test_a_snapshot_is_a_value():
    waveform = sound(1.0)[None]
    many = ManyStreams(MODEL, streams=1)
    many.push(waveform[:, :1000])
    taken = many.snapshot(0)
    answers = []
    for _ in range(2):
        many.push(waveform[:, 1000:])
        answers.append(many.clip_probs(0))
        many.resume(0, taken)
    assert many.add(taken) == 1
    many.push(np.repeat(waveform[:, 1000:], 2, axis=0))
    for probs in (*answers, many.clip_probs(1)):
        np.testing.assert_allclose(probs, many.clip_probs(0), atol=1e-6)


def test_background_is_decided_as_for_one_stream():
    config = tiny_config()
    classes = (*CLASSES[:2], UNKNOWN)
    decision = replace(config.decision, threshold=0.35)
    model = tiny_model(config=replace(config, classes=classes, decision=decision), seed=2)
    waveforms = sounds(4, 3.0)
    many = ManyStreams(model, streams=4)
    events = many.push(waveforms)
    labels = {event.label for row in events for event in row}
    for i, waveform in enumerate(waveforms):
        assert same_events(events[i], hear_one(model, waveform)[0])
    assert labels and UNKNOWN not in labels


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e30])
def test_a_push_with_a_bad_sample_names_its_stream_and_is_dropped(bad):
    waveforms = sounds(3, 0.5)
    many = ManyStreams(MODEL, streams=3)
    many.push(waveforms[:, :777])
    poisoned = waveforms[:, :100].copy()
    poisoned[1, 17] = bad
    with pytest.raises(AudioError, match=r"chunks\[1\], chunk: expected finite .* 17 of 100"):
        many.push(poisoned)
    many.push(waveforms[:, 777:])
    for i in range(3):
        _, _, stream = hear_one(MODEL, waveforms[i])
        np.testing.assert_allclose(many.clip_probs(i), stream.clip_probs, atol=ATOL)


def test_what_cannot_be_pushed_is_named():
    many = ManyStreams(MODEL, streams=2)
    for shape in ((3, 10), (2,), (1, 10), (2, 1, 10)):
        with pytest.raises(ShapeError, match="a row for each of 2 streams, .* got shape"):
            many.push(np.zeros(shape, dtype=np.float32))
    with pytest.raises(ShapeError, match="an array of int64. Convert it"):
        many.push(np.zeros((2, 3), dtype=np.int64))
    counts = np.round(sounds(2, 0.5) * 127).astype(np.int16) * 256
    many.push(counts)
    _, _, stream = hear_one(MODEL, counts[1])
    np.testing.assert_allclose(many.clip_probs(1), stream.clip_probs, atol=ATOL)


def test_streams_that_are_not_there_are_named():
    many = ManyStreams(MODEL, streams=2)
    for ask in (many.snapshot, many.remove, many.reset, many.clip_probs, many.time_s):
        for stream in (2, -1):
            with pytest.raises(StateError, match="stream: expected a number from 0 to below 2"):
                ask(stream)
    with pytest.raises(ConfigError, match="streams: expected 0 or more, got -1"):
        ManyStreams(MODEL, streams=-1)
    assert ManyStreams(MODEL).push(np.zeros((0, 100))) == []


def test_a_snapshot_of_another_model_is_refused():
    other = ManyStreams(tiny_model(seed=1), streams=1)
    many, stream = ManyStreams(MODEL, streams=1), Stream(MODEL)
    for take in (stream.resume, many.add, lambda snapshot: many.resume(0, snapshot)):
        with pytest.raises(StateError, match="snapshot: .* got the state of another model"):
            take(other.snapshot(0))
    assert len(many) == 1


def test_a_model_that_looks_ahead_is_refused():
    with pytest.raises(CausalityError, match="expected a causal trunk"):
        Listener(tiny_model(config=tiny_config(bidirectional=True))).streams(3)


def test_the_listener_opens_many_streams():
    many = Listener(MODEL).streams(3)
    assert len(many) == 3 and many.classes == CLASSES and many.sample_rate == RATE
    assert many.clip_probs(2) is None and many.step_refusal is None


def test_weights_are_read_when_the_streams_begin():
    model, waveform = tiny_model(), sound(0.5)[None]
    many = ManyStreams(model, streams=1)
    _, _, stream = hear_one(model, waveform[0])
    with torch.no_grad():
        model.head.classify.weight.zero_()
    for start in range(0, waveform.shape[1], HOP):
        many.push(waveform[:, start : start + HOP])
    np.testing.assert_allclose(many.clip_probs(0), stream.clip_probs, atol=ATOL)
