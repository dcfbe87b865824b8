from pathlib import Path

import numpy as np
import pytest

from auricle.data import Clip, FeatureCache, Manifest, k_folds, leave_one_group_out, read_manifest
from auricle.errors import SplitError
from auricle.evaluation import evaluate_baselines
from auricle.evaluation.fitting import fit_forest, fit_svm

RATE = 8000


def tone_clip(kind, group, index):
    rng = np.random.default_rng(1000 * index + kind)
    t = np.arange(2400) / RATE
    sound = np.sin(2 * np.pi * (300 + 500 * kind + 20 * rng.standard_normal()) * t)
    sound = 0.3 * sound + 0.02 * rng.standard_normal(len(t))
    return Clip(
        path=Path(f"{kind}_{index}.wav"),
        label=("low", "middle", "high")[kind],
        group=group,
        samples=sound.astype(np.float32),
        sample_rate=RATE,
    )


def manifest(groups, *, kinds=(0, 1, 2), each=4, start=0):
    clips = tuple(
        tone_clip(kind, group, start + 10 * place + index)
        for place, group in enumerate(groups)
        for kind in kinds
        for index in range(each)
    )
    return Manifest(clips=clips, source="csv", root=Path("."), group_rule="given")


def test_baselines_learn_tones_and_the_majority_does_not():
    told = []
    found = evaluate_baselines(
        manifest("abc"),
        manifest("de", start=500),
        sample_rate=RATE,
        progress=lambda done, total: told.append((done, total)),
    )
    assert list(found) == ["majority", "svm", "random_forest"]
    assert found["svm"].accuracy == found["random_forest"].accuracy == 1.0
    assert found["majority"].accuracy == pytest.approx(1 / 3)
    assert found["svm"].accuracy_interval[0] < 1.0
    assert told == [(done, 60) for done in range(1, 61)]


def test_baselines_are_the_same_for_the_same_seed_and_from_the_cache(tmp_path):
    cache = FeatureCache(tmp_path)
    runs = [
        evaluate_baselines(
            manifest("abc"), manifest("d", start=500), sample_rate=RATE, seed=3, cache=kept
        )
        for kept in (None, cache, cache)
    ]
    assert runs[0] == runs[1] == runs[2]
    assert cache.size_bytes() > 0


def test_baselines_of_one_class_answer_it():
    found = evaluate_baselines(
        manifest("ab", kinds=(0,)), manifest("c", kinds=(0, 1), start=500), sample_rate=RATE
    )
    assert found["svm"].accuracy == 0.5


def test_baselines_of_one_clip_a_class_are_fitted_without_folds():
    found = evaluate_baselines(
        manifest("a", each=1), manifest("b", each=1, start=500), sample_rate=RATE
    )
    assert "not searched for" in found["svm"].detail


def test_baselines_refuse_an_empty_split():
    with pytest.raises(SplitError, match="test: expected at least one clip, got none"):
        evaluate_baselines(manifest("a"), manifest(""), sample_rate=RATE)


def test_svm_of_a_large_set_learns_from_a_part_of_it(monkeypatch):
    monkeypatch.setattr("auricle.evaluation.fitting.LARGEST_SVM_SET", 50)
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 2, 200)
    x = (rng.standard_normal((200, 5)) + 4 * targets[:, None]).astype(np.float32)
    groups = [str(index % 7) for index in range(200)]
    fitted = fit_svm(x, targets, groups, seed=0)
    assert fitted.num_train == 50
    assert (fitted.predict(x) == targets).mean() > 0.95
    assert fit_forest(x, targets, seed=0).num_train == 200


def test_baselines_on_a_held_out_speaker_are_far_above_chance(shared_data):
    george = leave_one_group_out(read_manifest(shared_data / "fsdd", group_column="speaker"))[0]
    train = george.train.select(range(0, len(george.train), 5))
    found = evaluate_baselines(train, george.test, sample_rate=RATE)
    assert 0.25 < found["svm"].accuracy < 0.65
    assert 0.25 < found["random_forest"].accuracy < 0.65
    assert found["majority"].accuracy == pytest.approx(0.1, abs=0.01)


def test_baselines_on_environmental_sounds_reach_their_measured_accuracy(shared_data):
    first = k_folds(read_manifest(shared_data / "esc10"))[0]
    found = evaluate_baselines(first.train, first.test, sample_rate=22050)
    assert found["svm"].accuracy > 0.7
    assert found["random_forest"].accuracy > 0.7
