"""A model on composed features: file, stream, identity, training, commands."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.tiny import CLASSES, TRUNK, sound

from auricle.errors import ConfigError
from auricle.features import (
    CompressionConfig,
    FeatureFrontEnd,
    FeaturesConfig,
    features_for,
    silence_frame,
)
from auricle.features.augment import AugmentConfig, Batch
from auricle.features.augment_columns import AugmentColumns
from auricle.models import DecisionConfig, Model, ModelConfig, load_model, save_model
from auricle.streaming import ManyStreams, Stream, measure_identity
from auricle.streaming.step import step_refusal
from auricle.trunks import BidirectionalConfig, TdnnConfig, WaveNetConfig

RATE = 4000
NAMES = ("mfcc", "delta_mfcc", "chroma", "flatness", "loudness", "pcen")
COLUMNS = replace(TRUNK, stem="columns")
TRUNKS = {
    "recurrent": COLUMNS,
    "tdnn": TdnnConfig(channels=(8,), kernels=(3,), dilations=(1,), strides=(2,)),
    "wavenet": WaveNetConfig(residual_channels=4, skip_channels=6, dilations=(1, 2)),
}


def features_model(trunk=COLUMNS):
    torch.manual_seed(0)
    config = ModelConfig(
        classes=CLASSES,
        front_end=features_for(RATE, NAMES),
        trunk=trunk,
        decision=DecisionConfig(threshold=0.4, memory_s=0.2, min_duration_s=0.04),
    )
    model = Model(config).eval()
    frames = model.clip_frames(torch.from_numpy(sound(1.0))[None, None])[0]
    model.compression.set_statistics(frames.mean(0), frames.std(0), alike=False)
    with torch.no_grad():
        model.head.classify.weight.mul_(6)
    return model


@pytest.mark.parametrize("trunk", TRUNKS.values(), ids=TRUNKS)
def test_a_stream_of_features_is_the_file(trunk):
    model = features_model(trunk)
    found = measure_identity(model, sound(1.0), pushes=(7, 160, 1000))
    assert found.max_abs_diff <= 1e-5 and found.events_equal


def test_the_file_holds_the_features(tmp_path):
    model = features_model()
    path = save_model(model, tmp_path / "m.auricle")
    again, _ = load_model(path)
    assert again.config == model.config and isinstance(again.features, FeatureFrontEnd)
    waveform = torch.from_numpy(sound(0.5))[None, None]
    one, two = (m(waveform, m.initial_state(1))[0].log_probs for m in (model, again))
    assert torch.equal(one, two)


def test_a_stream_is_saved_and_resumed(tmp_path):
    model, waveform = features_model(), sound(1.0)
    whole = Stream(model)
    expected = whole.push_scores(waveform).probs
    first = Stream(model)
    head = first.push_scores(waveform[:1777]).probs
    first.save(tmp_path / "state")
    second = Stream(model)
    second.load(tmp_path / "state")
    tail = second.push_scores(waveform[1777:]).probs
    np.testing.assert_allclose(np.concatenate([head, tail]), expected, atol=1e-5)


def test_many_streams_hear_what_one_hears():
    model, waveforms = features_model(), np.stack([sound(0.6, seed=s) for s in (1, 2, 3)])
    many = ManyStreams(model, streams=3)
    _, scores = many.push_both(waveforms)
    for waveform, one in zip(waveforms, scores, strict=True):
        alone = Stream(model).push_scores(waveform)
        np.testing.assert_allclose(one.probs, alone.probs, atol=1e-5)


def test_there_is_no_fast_step_and_that_is_said():
    assert step_refusal(features_model()) == (
        "its front end is a set of features, not log-mel bands alone"
    )


def test_a_bidirectional_trunk_takes_columns():
    stem = replace(COLUMNS, num_layers=1)
    model = features_model(BidirectionalConfig(kind="bigru", stem=stem))
    frames = model.clip_frames(torch.from_numpy(sound(0.5))[None, None])
    scores, _, _ = model.score_clips(frames, torch.tensor([frames.shape[1]]))
    assert torch.isfinite(scores.log_probs).all()


def test_the_columns_stem_sees_every_column_and_no_neighbourhood():
    """Columns in another order, weights likewise: the same answer."""
    model = features_model()
    x = torch.randn(1, 20, model.config.front_end.n_features)
    order = torch.randperm(x.shape[2])
    before, _ = model.trunk(x, model.trunk.initial_state(1))
    with torch.no_grad():
        weight = model.trunk.stem[0].conv.conv.weight
        weight.copy_(weight[:, order].clone())
    after, _ = model.trunk(x[..., order], model.trunk.initial_state(1))
    torch.testing.assert_close(before, after, atol=1e-5, rtol=1e-5)


def test_pcen_compression_of_features_is_refused():
    with pytest.raises(ConfigError, match="compression: expected log with features other"):
        replace(features_model().config, compression=CompressionConfig(kind="pcen"))


def test_statistics_of_small_and_of_still_columns():
    model = features_model()
    deviation = torch.full_like(model.compression.deviation, 1e-5)
    mean = torch.zeros_like(deviation)
    mean[0], deviation[0] = 100.0, 1e-5  # rounding of a constant
    model.compression.set_statistics(mean, deviation, alike=False)
    assert model.compression.deviation[0] == 1
    assert (model.compression.deviation[1:] == 1e-5).all()


def make_augment(config, front_end, *, seed=0):
    silence = silence_frame(front_end)
    return AugmentColumns(
        config,
        silence=silence,
        deviation=torch.ones_like(silence),
        widths=front_end.config.widths,
        generator=torch.Generator().manual_seed(seed),
    )


QUIET = {
    "speed": 0.0, "pitch": 0.0, "gain_db": 0.0, "noise_probability": 0.0, "eq_db": 0.0,
    "frequency_masks": 0, "time_masks": 0, "mixup": 0.0, "shift": 0.0,
}  # fmt: skip


def test_augmentation_hides_whole_features_and_puts_silence_before():
    front_end = FeatureFrontEnd(features_for(RATE, NAMES))
    widths = front_end.config.widths
    frames = torch.randn(400, 10, sum(widths)) + 5
    batch = Batch(frames, torch.full((400,), 10), torch.eye(4).repeat(100, 1))
    varied = make_augment(AugmentConfig(**QUIET), front_end)(batch)
    assert torch.equal(varied.targets, batch.targets) and torch.equal(varied.lengths, batch.lengths)
    changed = (varied.frames != frames).any(dim=1)
    for row in changed:
        hidden = {at for at, part in enumerate(row.split(widths)) if part.any()}
        assert len(hidden) <= 1
        assert all(part.all() or not part.any() for part in row.split(widths))
    assert 0.05 < changed.any(dim=1).float().mean() < 0.2
    shifted = make_augment(AugmentConfig(**{**QUIET, "shift": 0.9}), front_end)(batch)
    late = int(shifted.lengths.argmax())
    assert int(shifted.lengths[late]) > 15
    torch.testing.assert_close(shifted.frames[late, 0], silence_frame(front_end))


def test_augmentation_mixes_targets_as_frames_and_keeps_the_seed():
    front_end = FeatureFrontEnd(features_for(RATE, ("mfcc",)))
    targets = torch.eye(8)
    frames = targets.repeat_interleave(3, dim=1)[:, None, :20].expand(8, 6, 20).clone()
    batch = Batch(frames, torch.full((8,), 6), targets)
    mixed = make_augment(AugmentConfig(**{**QUIET, "mixup": 1.0}), front_end)(batch)
    torch.testing.assert_close(mixed.frames[:, 0, ::3], mixed.targets[:, :7])
    assert (mixed.targets.max(dim=1).values < 1).sum() >= 6
    again = make_augment(AugmentConfig(**{**QUIET, "mixup": 1.0}), front_end)(batch)
    assert torch.equal(again.frames, mixed.frames)


def test_front_end_of_a_document_is_what_it_says():
    config = features_model().config
    assert isinstance(config.front_end, FeaturesConfig)
    from auricle.models.model_file import config_from_json, config_to_json

    document = json.loads(json.dumps(config_to_json(config)))
    assert document["front_end"]["kind"] == "features"
    assert config_from_json(document) == config
