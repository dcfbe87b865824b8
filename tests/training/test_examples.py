"""Batches of examples."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from auricle.training.examples import (
    Examples,
    collate,
    evaluation_batches,
    training_order,
)


def make(lengths: list[int]) -> Examples:
    """Clips whose every value is their number."""
    frames = [np.full((length, 3), at, np.float32) for at, length in enumerate(lengths)]
    return Examples(frames, np.arange(len(lengths)) % 2)


@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=90),
    batch_size=st.integers(2, 12),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_training_order_covers_every_clip_once(lengths, batch_size, seed):
    generator = torch.Generator().manual_seed(seed)
    batches = training_order(lengths, batch_size, generator=generator)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert max(map(len, batches)) <= batch_size + 1
    assert len(lengths) == 1 or min(map(len, batches)) >= 2  # batch normalisation needs two


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=60),
    budget=st.integers(1, 300),
)
@settings(max_examples=40, deadline=None)
def test_evaluation_batches_cover_every_clip_once_within_the_budget(lengths, budget):
    seen = []
    batches = evaluation_batches(make(lengths), num_classes=2, floor=-9.0, most=50, budget=budget)
    for chosen, batch in batches:
        seen += chosen.tolist()
        assert len(chosen) == 1 or batch.frames.shape[0] * batch.frames.shape[1] <= budget
        assert batch.lengths.tolist() == [min(lengths[i], 50) for i in chosen]
        assert batch.frames[:, 0, 0].tolist() == chosen.tolist()
    assert sorted(seen) == list(range(len(lengths)))


def test_collate_pads_with_silence_and_cuts_long_clips():
    examples = make([4, 10, 2])
    chosen = np.array([0, 1, 2])
    batch = collate(examples, chosen, num_classes=2, floor=-9.0, most=5)
    assert batch.lengths.tolist() == [4, 5, 2] and batch.frames.shape == (3, 5, 3)
    assert (batch.frames[2, 2:] == -9.0).all() and (batch.frames[1] == 1.0).all()
    assert batch.targets.tolist() == [[1, 0], [0, 1], [1, 0]]


def test_a_random_cut_is_anywhere_and_a_plain_one_in_the_middle():
    ramp = Examples([np.arange(10, dtype=np.float32)[:, None]], np.array([0]))
    chosen = np.array([0])
    middle = collate(ramp, chosen, num_classes=2, floor=0.0, most=4)
    assert middle.frames[0, :, 0].tolist() == [3, 4, 5, 6]
    generator = torch.Generator().manual_seed(0)
    starts = {
        collate(ramp, chosen, num_classes=2, floor=0.0, most=4, generator=generator)
        .frames[0, 0, 0]
        .item()
        for _ in range(80)
    }
    assert starts == {0, 1, 2, 3, 4, 5, 6}


def test_examples_are_joined_in_order():
    both = make([1, 2]) + make([3])
    assert [len(frames) for frames in both.frames] == [1, 2, 3] and both.targets.tolist() == [
        0,
        1,
        0,
    ]
    assert both.num_frames(2) == 5 and len(both) == 3


def test_statistics_are_those_of_all_frames_together():
    from auricle.features import log_mel_for
    from auricle.models import Model, ModelConfig, preset
    from auricle.training.examples import statistics

    config = ModelConfig(
        classes=("a", "b"), front_end=log_mel_for(8000, n_mels=3), trunk=preset("tiny")
    )
    rng = np.random.default_rng(0)
    frames = [rng.normal(-5, 2, (length, 3)).astype(np.float32) for length in (7, 30)]
    model = Model(config)
    mean, deviation = statistics(model, Examples(frames, np.array([0, 1])), most=20)
    whole = torch.from_numpy(np.concatenate([frames[0], frames[1][:20]]))[None]
    seen = model.compression.compress(whole, model.compression.initial_state(1))[0][0]
    torch.testing.assert_close(mean, seen.mean(dim=0))
    torch.testing.assert_close(deviation, seen.std(dim=0, correction=0))


@pytest.mark.parametrize("threads", [1, 4])
def test_examples_come_in_the_order_of_the_manifest(tiny_set, tmp_path, threads):
    from auricle.data import FeatureCache, read_manifest
    from auricle.features import log_mel_for
    from auricle.models import Model, ModelConfig, preset
    from auricle.training.loading import load_examples

    manifest = read_manifest(tiny_set).select(range(0, 30, 5))
    config = ModelConfig(
        classes=manifest.classes, front_end=log_mel_for(8000, n_mels=16), trunk=preset("tiny")
    )
    model, calls = Model(config), []
    plain = load_examples(model, manifest, cache=None)
    cached = load_examples(
        model,
        manifest,
        cache=FeatureCache(tmp_path),
        threads=threads,
        progress=lambda done, total: calls.append((done, total)),
    )
    assert [manifest.classes[i] for i in plain.targets] == [c.label for c in manifest.clips]
    for one, two in zip(plain.frames, cached.frames, strict=True):
        assert np.array_equal(one, two)
    assert calls == [(done, 6) for done in range(1, 7)]


@pytest.mark.parametrize("features", ["log_mel", "mfcc,delta_mfcc,chroma,pcen,flux"])
def test_frames_of_many_clips_are_those_of_each_alone(tmp_path, monkeypatch, features):
    import soundfile
    from tests.tiny_set import tiny_clip

    from auricle.data import Clip
    from auricle.errors import AudioError
    from auricle.features import features_for, log_mel_for
    from auricle.models import Model, ModelConfig, preset
    from auricle.training import loading

    monkeypatch.setattr(loading, "_SAMPLES_AT_ONCE", 20_000)
    clips = []
    for at, duration_s in enumerate((0.3, 0.31, 1.2, 0.009, 0.302, 1.1, 0.77, 1.0)):
        clips.append(Clip(path=tmp_path / f"{at}.wav", label="a"))
        sound = tiny_clip("hiss", seed=at, duration_s=duration_s, rate=8000)
        soundfile.write(clips[-1].path, sound, 8000, subtype="FLOAT")
    clips.insert(3, Clip(path=tmp_path / "none.wav", label="a"))
    names = features.split(",")
    front_end = log_mel_for(8000) if names == ["log_mel"] else features_for(8000, names)
    trunk = preset("tiny") if names == ["log_mel"] else replace(preset("tiny"), stem="columns")
    model = Model(ModelConfig(classes=("a", "b"), front_end=front_end, trunk=trunk))
    together = loading.compute_frames(model, clips)
    assert isinstance(together.pop(3), AudioError)
    for clip, found in zip(clips[:3] + clips[4:], together, strict=True):
        waveform, _ = clip.load()
        with torch.inference_mode():
            alone = model.clip_frames(torch.from_numpy(waveform)[None, None])[0].numpy()
        assert found.shape == alone.shape
        np.testing.assert_allclose(found, alone, rtol=1e-6, atol=1e-6 * np.abs(alone).max())
