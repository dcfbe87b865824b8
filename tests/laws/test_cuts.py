"""The one law: where the input is cut changes nothing."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recurrences import CELLS
from tests.tiny import FRONT_END, HOP, TDNN, TRUNK, WAVENET, sound, tiny_config, tiny_model

from auricle.features import Compression, CompressionConfig, LogMel
from auricle.layers import CausalConv1d, CausalConv2d, MinGru
from auricle.models import Model
from auricle.streaming import Stream
from auricle.streaming.identity import difference, listen, same_events
from auricle.trunks import CellKind, RecurrentTrunk, TdnnTrunk, WaveNetTrunk

ATOL = 1e-5
FRAMES = 23
CAUSAL_MAPS = {
    "conv_stride_1": (CausalConv2d(2, 3, bands=5, stride=1), (2, FRAMES, 5), 2),
    "conv_stride_2": (CausalConv2d(2, 3, bands=5, stride=2), (2, FRAMES, 5), 2),
    "conv_stride_3": (CausalConv2d(2, 3, bands=4, kernel=4, stride=3), (2, FRAMES, 4), 2),
    "mingru": (MinGru(5, 4), (FRAMES, 5), 1),
    **{name: (make(), (FRAMES, 5), 1) for name, make in CELLS.items()},
    "trunk": (RecurrentTrunk(TRUNK, input_size=12).eval(), (FRAMES, 12), 1),
    "conv1d": (CausalConv1d(5, 3, kernel=3, dilation=2), (FRAMES, 5), 1),
    "conv1d_strided": (CausalConv1d(5, 3, kernel=3, dilation=2, stride=4), (FRAMES, 5), 1),
    "conv1d_pointwise": (CausalConv1d(5, 3, kernel=1), (FRAMES, 5), 1),
    "tdnn": (TdnnTrunk(TDNN, input_size=12).eval(), (FRAMES, 12), 1),
    "wavenet": (WaveNetTrunk(WAVENET, input_size=12).eval(), (FRAMES, 12), 1),
    "log_mel": (LogMel(FRONT_END), (1, FRAMES * 17), 2),
    "log": (Compression(CompressionConfig(), n_mels=6, frame_rate=100.0), (FRAMES, 6), 1),
    "pcen": (
        Compression(CompressionConfig(kind="pcen"), n_mels=6, frame_rate=100.0),
        (FRAMES, 6),
        1,
    ),
}


def leaves(state):
    if isinstance(state, tuple):
        return [leaf for part in state for leaf in leaves(part)]
    return [state]


def run_in_parts(causal_map, x, cuts, *, axis):
    state, outputs = causal_map.initial_state(x.shape[0]), []
    edges = [0, *sorted(cuts), x.shape[axis]]
    for start, end in zip(edges, edges[1:], strict=False):
        y, state = causal_map(x.narrow(axis, start, end - start), state)
        outputs.append(y)
    return torch.cat(outputs, dim=axis), state


@pytest.mark.parametrize("name", CAUSAL_MAPS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_causal_map_gives_the_same_for_any_cut(name, data):
    causal_map, shape, axis = CAUSAL_MAPS[name]
    assert causal_map.causal
    x = torch.randn(2, *shape, generator=torch.Generator().manual_seed(1))
    if name in ("log", "pcen"):
        x = 4 * x - 8
    cuts = data.draw(st.lists(st.integers(0, x.shape[axis]), max_size=8))  # repeats: empty parts
    with torch.inference_mode():
        if name == "log_mel":
            cut, state = run_log_mel(causal_map, x, cuts)
            whole, final = run_log_mel(causal_map, x, [])
        else:
            cut, state = run_in_parts(causal_map, x, cuts, axis=axis)
            whole, final = causal_map(x, causal_map.initial_state(2))
    torch.testing.assert_close(cut, whole, atol=ATOL, rtol=0)
    for ours, theirs in zip(leaves(state), leaves(final), strict=True):
        torch.testing.assert_close(ours, theirs, atol=ATOL, rtol=0)


def run_log_mel(log_mel, x, cuts):
    state, outputs = log_mel.initial_state(2), []
    edges = [0, *sorted(cuts), x.shape[2]]
    for start, end in zip(edges, edges[1:], strict=False):
        y, state = log_mel(x[:, :, start:end], state)
        outputs.append(y)
    return torch.cat(outputs, dim=1), state


@pytest.mark.parametrize("compression", ["log", "pcen"])
@pytest.mark.parametrize("kind", get_args(CellKind))
def test_model_gives_the_same_for_any_cut(kind, compression):
    model = tiny_model(kind=kind, compression=compression)
    x = torch.from_numpy(sound(1.0))[None, None]
    with torch.inference_mode():
        whole, _ = model(x, model.initial_state(1))
        state, parts = model.initial_state(1), []
        for piece in torch.split(x, 333, dim=2):
            scores, state = model(piece, state)
            parts.append(scores)
    cut = torch.cat([part.log_probs for part in parts], dim=1)
    torch.testing.assert_close(cut.exp(), whole.log_probs.exp(), atol=ATOL, rtol=0)
    weights = torch.cat([part.weights for part in parts], dim=1)
    torch.testing.assert_close(weights, whole.weights, atol=ATOL, rtol=0)


@pytest.mark.parametrize("trunk", [TDNN, WAVENET], ids=["tdnn", "wavenet"])
@pytest.mark.parametrize("push", [1, 7, HOP, 1000])
def test_convolutional_model_streams_the_same_for_any_push(push, trunk):
    model = tiny_model(config=replace(tiny_config(), trunk=trunk))
    waveform = sound(2.0)[:-13]
    whole, whole_events = listen(model, waveform, push=len(waveform))
    scores, events = listen(model, waveform, push=push)
    assert len(whole.times_s) and difference(whole, scores) <= ATOL
    assert same_events(whole_events, events)


@pytest.mark.parametrize("strides", [(1, 1), (1, 2), (2, 3)])
@pytest.mark.parametrize("push", [1, 7, HOP, 160, 1000, 65536, 0])
def test_stream_gives_the_same_posteriors_and_events_for_any_push(push, strides):
    model = tiny_model(strides=strides)
    waveform = sound(2.0)[:-13]
    whole, whole_events = listen(model, waveform, push=len(waveform))
    scores, events = listen(model, waveform, push=push)
    assert difference(whole, scores) <= ATOL
    assert same_events(whole_events, events)
    assert whole_events and {event.kind for event in whole_events} == {"start", "end"}


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(0, 3000), max_size=12))
def test_stream_gives_the_same_clip_answer_for_any_cut(cuts):
    waveform, model = sound(0.75), STREAMED
    answers = []
    for edges in ([0, len(waveform)], [0, *sorted(cuts), len(waveform)]):
        stream = Stream(model)
        for start, end in zip(edges, edges[1:], strict=False):
            stream.push(waveform[start:end])
            assert stream.time_s == pytest.approx(end / stream.sample_rate)
        stream.finish()
        assert stream.time_s == pytest.approx(len(waveform) / stream.sample_rate)
        answers.append(stream.clip_probs)
    np.testing.assert_allclose(answers[1], answers[0], atol=ATOL)


STREAMED: Model = tiny_model()


def test_stream_beyond_its_largest_part_equals_many_pushes(monkeypatch):
    monkeypatch.setattr("auricle.streaming.stream._MAX_SAMPLES_AT_ONCE", 3 * HOP + 1)
    waveform = sound(1.0)
    whole, whole_events = listen(STREAMED, waveform, push=len(waveform))
    monkeypatch.undo()
    scores, events = listen(STREAMED, waveform, push=500)
    assert difference(whole, scores) <= ATOL and same_events(whole_events, events)


def test_log_mel_of_a_long_sound_equals_short_ones(monkeypatch):
    log_mel, x = LogMel(FRONT_END), torch.from_numpy(sound(1.0))[None, None]
    whole = log_mel(x, log_mel.initial_state(1))[0]
    monkeypatch.setattr("auricle.features.log_mel._MAX_FRAMES_AT_ONCE", 7)
    torch.testing.assert_close(log_mel(x, log_mel.initial_state(1))[0], whole, atol=1e-6, rtol=0)


def test_nothing_later_changes_what_was_said():
    model, waveform = tiny_model(), torch.from_numpy(sound(1.0))[None, None]
    changed = waveform.clone()
    changed[..., 2000:] = 0.3
    with torch.inference_mode():
        before = model(waveform, model.initial_state(1))[0].log_probs
        after = model(changed, model.initial_state(1))[0].log_probs
    steps = -(-(2000 // HOP) // model.trunk.stride)
    torch.testing.assert_close(after[:, :steps], before[:, :steps], atol=0, rtol=0)
    assert not torch.allclose(after, before, atol=1e-3)
