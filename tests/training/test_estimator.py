"""The scikit-learn estimator."""

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GroupKFold, cross_val_score
from tests.tiny_set import CLASSES, RATE, tiny_clip

from auricle import AudioClassifier
from auricle.errors import AudioError, ConfigError, ManifestError, SplitError

TINY = {"preset": "tiny", "threads": 1, "augment": "none"}


@pytest.fixture(scope="module")
def clips() -> tuple[list[np.ndarray], list[str], list[int]]:
    """Waveforms, labels and groups."""
    rows = [(tiny_clip(kind, seed=at), kind, at % 4) for kind in CLASSES for at in range(8)]
    waveforms, labels, groups = zip(*rows, strict=True)
    return list(waveforms), list(labels), list(groups)


@pytest.fixture(scope="module")
def fitted(tiny_set) -> AudioClassifier:
    paths = sorted(tiny_set.rglob("*.wav"))
    labels = [path.parent.name for path in paths]
    return AudioClassifier(**TINY, epochs=15).fit(paths, labels, [p.name[:2] for p in paths])


def test_fit_and_predict_answer_for_paths(fitted, tiny_set):
    paths = sorted(tiny_set.rglob("*.wav"))
    labels = np.array([path.parent.name for path in paths])
    assert list(fitted.classes_) == list(CLASSES)
    assert fitted.score(paths, labels) == np.mean(fitted.predict(paths) == labels) > 0.9
    probs = fitted.predict_proba([str(path) for path in paths])
    assert probs.shape == (30, 3)
    np.testing.assert_allclose(probs.sum(axis=1), 1, atol=1e-5)
    assert np.array_equal(fitted.classes_[probs.argmax(axis=1)], fitted.predict(paths))


def test_predict_of_nothing_is_nothing(fitted):
    assert fitted.predict_proba([]).shape == (0, 3) and len(fitted.predict([])) == 0


def test_the_listener_can_be_saved_and_gives_the_same_numbers(fitted, tiny_set, tmp_path):
    from auricle import load

    path = tiny_set / "low" / "r0_0.wav"
    fitted.listener_.save(tmp_path / "m.auricle")
    again = load(tmp_path / "m.auricle").predict_file(path).probs
    assert np.array_equal(again, fitted.predict_proba([path])[0])


def test_params_are_those_given_and_clone_keeps_them():
    given = AudioClassifier(cell="gru", hidden_size=12, seed=5, **TINY)
    params = given.get_params()
    assert params["cell"] == "gru" and params["hidden_size"] == 12 and params["seed"] == 5
    assert clone(given).get_params() == params
    assert given.set_params(epochs=3).epochs == 3


def test_an_estimator_that_was_not_fitted_says_so(tiny_set):
    with pytest.raises(NotFittedError, match="expected a call of fit"):
        AudioClassifier().predict([tiny_set / "low" / "r0_0.wav"])


def test_cross_val_score_with_groups_hears_waveforms(clips):
    waveforms, labels, groups = clips
    estimator = AudioClassifier(**TINY, epochs=15, sample_rate=RATE, seed=1)
    scores = cross_val_score(estimator, waveforms, labels, groups=groups, cv=GroupKFold(2))
    assert len(scores) == 2 and min(scores) > 0.8


def test_groups_reach_fit_by_scikit_learns_routing(clips, monkeypatch):
    waveforms, labels, groups = clips
    seen = []
    real = AudioClassifier.fit

    def fit(self, X, y, groups=None):
        seen.append(groups)
        return real(self, X, y, groups)

    monkeypatch.setattr(AudioClassifier, "fit", fit)
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = AudioClassifier(**TINY, epochs=1, sample_rate=RATE).set_fit_request(groups=True)
        cross_val_score(estimator, waveforms, labels, params={"groups": groups}, cv=GroupKFold(2))
    assert len(seen) == 2 and all(len(part) == 12 for part in seen)


def test_labels_and_recordings_may_be_arrays_of_numbers(clips):
    waveforms, labels, _ = clips
    numbers = np.array([CLASSES.index(label) * 10 for label in labels])
    stacked = np.stack(waveforms)
    estimator = AudioClassifier(**TINY, epochs=1, sample_rate=RATE).fit(stacked, numbers)
    answers = estimator.predict(stacked[:4])
    assert set(answers) <= {0, 10, 20} and answers.dtype == numbers.dtype


def test_fit_refuses_what_it_cannot_learn_from(clips, tmp_path):
    waveforms, labels, _ = clips
    with pytest.raises(ManifestError, match="labels: expected one for each of 24"):
        AudioClassifier().fit(waveforms, labels[:-1])
    with pytest.raises(ManifestError, match="sample_rate: expected the rate"):
        AudioClassifier().fit(waveforms, labels)
    with pytest.raises(SplitError, match="classes: expected at least two"):
        AudioClassifier(sample_rate=RATE).fit(waveforms, ["same"] * 24)
    with pytest.raises(AudioError, match="gone.wav"):
        AudioClassifier(epochs=1).fit([tmp_path / "gone.wav"] * 4, ["a", "a", "b", "b"])
    with pytest.raises(ConfigError, match="epochs: expected >= 1"):
        AudioClassifier(sample_rate=RATE, epochs=0).fit(waveforms, labels)


def test_a_fitted_model_says_what_it_heard_and_that_it_was_not_tested(tiny_set):
    paths = sorted(tiny_set.rglob("*.wav"))
    labels = [path.parent.name for path in paths]
    listener = AudioClassifier(preset="tiny", epochs=1, threads=1).fit(paths, labels).listener_
    assert "Not tested by auricle" in listener.card["verdict"]
    assert len(listener.card["data"]["heard"]) == len(paths) and "results" not in listener.card
