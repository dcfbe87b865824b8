from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiny import HOP, TRUNK, sound, tiny_config, tiny_model
from torch import nn

from auricle.errors import ConfigError
from auricle.features import CompressionConfig
from auricle.features.log_mel import log_mel_for
from auricle.models import Model, ModelConfig, preset
from auricle.streaming import Stream, measure_identity
from auricle.streaming.hearing import Hearing
from auricle.streaming.identity import difference, listen, same_events
from auricle.streaming.step import Stepper, StepPlan, step_refusal
from auricle.trunks import RecurrentConfig

ATOL = 1e-5


def move_from_start(model):
    """Normalisations that do something: folded wrongly, they would show."""
    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, nn.BatchNorm2d | nn.LayerNorm):
                part.weight.uniform_(0.5, 1.5)
                part.bias.uniform_(-0.3, 0.3)
            if isinstance(part, nn.BatchNorm2d):
                part.running_mean.normal_(0, 0.3)
                part.running_var.uniform_(0.5, 2.0)
    return model


def leaves(state):
    if isinstance(state, tuple):
        return [leaf for part in state for leaf in leaves(part)]
    return [state]


def real_model(rate, *, compression="log", trunk=None):
    torch.manual_seed(0)
    config = ModelConfig(
        classes=("a", "b", "c", "d"),
        front_end=log_mel_for(rate),
        compression=CompressionConfig(kind=compression),
        trunk=trunk or RecurrentConfig(),
    )
    model = Model(config).eval()
    mean, deviation = (-10.0, 4.0) if compression == "log" else (0.3, 0.3)
    model.compression.set_statistics(torch.full((64,), mean), torch.full((64,), deviation))
    with torch.no_grad():
        model.head.classify.weight.mul_(6)
        model.head.temperature.fill_(0.7)
    return move_from_start(model)


def assert_steps_equal_model(model, waveforms):
    """Scores of every hop, and every part of the memory, taken out and put back on the way."""
    hop = model.config.front_end.hop_length
    with torch.inference_mode():
        x = torch.from_numpy(waveforms)[:, None]
        whole, final = model(x, model.initial_state(len(waveforms)))
    stepper, rows = Stepper(StepPlan(model), model.initial_state(len(waveforms))), []
    for index, start in enumerate(range(0, waveforms.shape[1], hop)):
        row = stepper.step(waveforms[:, start : start + hop])
        assert (row is None) == (index % model.trunk.stride != 0)
        rows += [] if row is None else [row]
        if index % 7 == 3:
            stepper = Stepper(stepper.plan, stepper.state())
    probs = np.exp(np.stack([row.log_probs for row in rows], axis=1))
    weights = np.stack([row.weights for row in rows], axis=1)
    np.testing.assert_allclose(probs, whole.log_probs.exp().numpy(), atol=ATOL)
    np.testing.assert_allclose(weights, whole.weights.numpy(), atol=ATOL)
    for ours, theirs in zip(leaves(stepper.state()), leaves(final), strict=True):
        torch.testing.assert_close(ours, theirs, atol=3e-5, rtol=1e-5)


@pytest.mark.parametrize("streams", [1, 3, 20])
@pytest.mark.parametrize("compression", ["log", "pcen"])
@pytest.mark.parametrize("strides", [(1, 1), (1, 2), (2, 3), (3, 3), (3, 1), (2, 2)])
def test_steps_equal_the_model_for_any_strides(strides, compression, streams):
    model = move_from_start(tiny_model(strides=strides, compression=compression))
    waveforms = np.stack([sound(0.4, seed=seed) for seed in range(streams)])
    assert_steps_equal_model(model, waveforms)


@pytest.mark.parametrize(
    "trunk",
    [
        RecurrentConfig(stem_channels=(5,), stem_strides=(1,), hidden_size=7, num_layers=1),
        RecurrentConfig(stem_channels=(3, 4, 5), stem_strides=(1, 3, 2), hidden_size=9),
        replace(TRUNK, num_layers=5),
        preset("tiny"),
        preset("base"),
    ],
    ids=["one_conv", "odd", "deep", "tiny", "base"],
)
def test_steps_equal_the_model_for_any_sizes(trunk):
    model = move_from_start(tiny_model(config=replace(tiny_config(), trunk=trunk)))
    assert_steps_equal_model(model, np.stack([sound(0.4, seed=seed) for seed in range(2)]))


@pytest.mark.parametrize("compression", ["log", "pcen"])
@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100])
def test_steps_of_the_default_model_equal_it_at_any_rate(rate, compression):
    model = real_model(rate, compression=compression)
    hops = 41 * model.config.front_end.hop_length
    assert_steps_equal_model(
        model, np.stack([sound(1.0, rate=rate, seed=s)[:hops] for s in (0, 1)])
    )


@pytest.mark.parametrize("streams", [1, 3, 70])
@pytest.mark.parametrize("strides", [(1, 1), (2, 3)])
def test_steps_of_the_rg_lru_equal_the_model(strides, streams):
    model = move_from_start(tiny_model(strides=strides, kind="rglru"))
    with torch.no_grad():
        for block in model.trunk.blocks:
            block.cell.decay.normal_(0, 3)  # from memories of a step to memories of thousands
    waveforms = np.stack([sound(0.4, seed=seed) for seed in range(streams)])
    assert_steps_equal_model(model, waveforms)


@pytest.mark.parametrize("kind", ["mingru", "rglru"])
def test_steps_of_very_many_streams_equal_the_model(kind):
    model = real_model(8000, trunk=RecurrentConfig(kind=kind))
    rng = np.random.default_rng(0)
    waveforms = rng.standard_normal((130, 9 * 80)) * 10 ** rng.uniform(-3, 0, (130, 1))
    assert_steps_equal_model(model, waveforms.astype(np.float32))


def test_steps_without_attention_equal_the_model():
    model = move_from_start(tiny_model(pooling="mean"))
    assert_steps_equal_model(model, sound(0.4)[None])


@pytest.mark.parametrize("level", [0.0, 1e-4, 1.0, 32768.0, 1e12])
def test_steps_of_a_pure_tone_equal_the_model_at_any_level(level):
    """Far above full scale, what rounding leaves in empty filters is heard: it must be the same."""
    tone = np.sin(2 * np.pi * 333 / 4000 * np.arange(2000)) * level
    assert_steps_equal_model(tiny_model(), tone.astype(np.float32)[None])


def test_a_stepper_copies_the_state_that_it_is_given():
    model = tiny_model(compression="pcen")
    state = model.initial_state(1)
    before = [leaf.clone() for leaf in leaves(state)]
    stepper = Stepper(StepPlan(model), state)
    taken = None
    for start in range(0, 20 * HOP, HOP):
        stepper.step(sound(0.5)[None, start : start + HOP])
        if start == 10 * HOP:
            taken = stepper.state()
            copies = [leaf.clone() for leaf in leaves(taken)]
    for ours, theirs in zip([*leaves(state), *leaves(taken)], [*before, *copies], strict=True):
        torch.testing.assert_close(ours, theirs, atol=0, rtol=0)


def test_only_what_is_known_has_a_plan():
    assert step_refusal(tiny_model()) is None
    refusals = {
        "its cell is gru": tiny_model(kind="gru"),
        "its trunk is a BidirectionalTrunk": tiny_model(config=tiny_config(bidirectional=True)),
        "not compute in float32": tiny_model().double(),
        "no convolution": tiny_model(
            config=replace(tiny_config(), trunk=replace(TRUNK, stem_channels=(), stem_strides=()))
        ),
    }
    for reason, model in refusals.items():
        assert reason in str(step_refusal(model))
        with pytest.raises(ConfigError, match=f"one that has none: .*{reason}"):
            StepPlan(model)


@pytest.mark.parametrize("place", ["trunk", "block", "conv", "head", "model"])
def test_a_part_that_is_not_known_is_not_left_out_in_silence(place):
    model = tiny_model()
    owner = {
        "trunk": model.trunk,
        "block": model.trunk.blocks[1],
        "conv": model.trunk.stem[0],
        "head": model.head,
        "model": model,
    }[place]
    owner.extra = nn.Linear(2, 2)
    assert "parts that the fast step does not know" in str(step_refusal(model))


def test_short_pushes_of_a_stream_are_stepped_and_long_ones_are_not():
    stream, waveform = Stream(tiny_model()), sound(4.0)
    assert stream.stepper is None and stream.step_refusal is None
    for start in range(0, 10 * HOP, HOP):
        stream.push(waveform[start : start + HOP])
    assert stream.stepper is not None
    stream.push(waveform[:8000])
    assert stream.stepper is None
    stream.push(waveform[:HOP])
    assert stream.stepper is not None


def test_a_stream_without_a_fast_step_says_why():
    stream = Stream(tiny_model(kind="lstm"))
    for _ in range(10):
        stream.push(sound(0.5)[:HOP])
    assert stream.stepper is None and stream.step_refusal == "its cell is lstm, not mingru or rglru"


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_steps_and_long_pushes_mix_at_will(data):
    model = MIXED[data.draw(st.integers(0, len(MIXED) - 1))]
    waveform = sound(3.0, seed=5)
    whole, whole_events = listen(model, waveform, push=len(waveform))
    stream, events, parts, at = Stream(model), [], [], 0
    while at < len(waveform):
        size = data.draw(st.sampled_from([1, HOP - 1, HOP, HOP + 1, 3 * HOP, 700, 2500]))
        for start in range(at, min(len(waveform), at + 6 * size), size):
            end = min(start + size, at + 6 * size)
            more, scores = stream.push_both(waveform[start:end])
            events += more
            parts += [scores] if len(scores.times_s) else []
        at += 6 * size
    more, scores = stream.finish_both()
    joined = type(scores)(*(np.concatenate(c) for c in zip(*parts, scores, strict=True)))
    assert difference(whole, joined) <= ATOL and same_events(whole_events, events + more)


MIXED = [tiny_model(strides=(2, 3)), tiny_model(compression="pcen"), tiny_model(strides=(3, 1))]


@pytest.mark.parametrize("at", [17 * HOP, 17 * HOP + 3, 20 * HOP])
def test_a_stream_that_is_stepped_can_be_saved_and_go_on(at, tmp_path):
    model, waveform = tiny_model(compression="pcen", strides=(2, 3)), sound(1.5)
    stream = Stream(model)
    for start in range(0, at, HOP // 2):
        stream.push(waveform[start : min(at, start + HOP // 2)])
    assert stream.stepper is not None
    stream.save(tmp_path / "state")
    for push in (HOP, len(waveform)):
        other = Stream(model)
        other.load(tmp_path / "state")
        for start in range(at, len(waveform), push):
            other.push(waveform[start : start + push])
        other.finish()
        whole = Stream(model)
        whole.push(waveform)
        whole.finish()
        np.testing.assert_allclose(other.clip_probs, whole.clip_probs, atol=ATOL)


def test_a_trained_models_identity_is_measured_by_steps_too(monkeypatch):
    stepped = []
    step = Stepper.step
    monkeypatch.setattr(Stepper, "step", lambda *args: (stepped.append(1), step(*args))[1])
    assert measure_identity(tiny_model(), sound(1.0)).max_abs_diff <= ATOL
    assert len(stepped) > 200
    monkeypatch.setattr(Stepper, "step", lambda *args: broken(step(*args)))
    assert measure_identity(tiny_model(), sound(1.0)).max_abs_diff > 1e-3


def broken(row):
    return None if row is None else row._replace(log_probs=row.log_probs * 1.1)


def test_an_unusual_floor_and_numpys_alarms_stop_nothing():
    front_end = replace(tiny_config().front_end, floor_db=-500.0)  # no floor: ln(0) in silence
    model = tiny_model(config=replace(tiny_config(), front_end=front_end))
    hearing = Hearing(model, model.initial_state(1), plan=StepPlan(model))
    with np.errstate(all="raise"):
        for _ in range(5):
            hearing.hear(np.zeros((1, HOP), dtype=np.float32))
    assert hearing.stepper is not None
