import numpy as np
import pytest

from auricle.errors import ShapeError
from auricle.metrics import average_precision, lwlrap, mean_average_precision


def tags(*, clips=200, classes=12, levels=None, seed=0):
    """Sparse tags, some clips and one class without any; scores with ties where levels are few."""
    rng = np.random.default_rng(seed)
    targets = rng.random((clips, classes)) < 0.15
    targets[:, -1] = False
    scores = targets + rng.normal(0, 1, (clips, classes))
    return targets, scores if levels is None else np.round(scores * levels) / levels


@pytest.mark.parametrize("levels", [None, 2], ids=["distinct", "ties"])
def test_scores_equal_scikit_learn(levels):
    from sklearn import metrics as reference

    targets, scores = tags(levels=levels)
    each = [
        reference.average_precision_score(targets[:, i], scores[:, i])
        for i in np.flatnonzero(targets.any(axis=0))
    ]
    assert mean_average_precision(targets, scores) == pytest.approx(np.mean(each), abs=1e-9)
    one = reference.average_precision_score(targets[:, 0], scores[:, 0])
    assert average_precision(targets[:, 0], scores[:, 0]) == pytest.approx(one, abs=1e-9)
    tagged = targets.any(axis=1)
    ranked = reference.label_ranking_average_precision_score(
        targets[tagged], scores[tagged], sample_weight=targets[tagged].sum(axis=1)
    )
    assert lwlrap(targets, scores) == pytest.approx(ranked, abs=1e-9)


def test_perfect_and_hopeless_rankings():
    targets = np.array([[True, False, False], [False, True, True]])
    assert lwlrap(targets, targets.astype(float)) == 1.0
    assert mean_average_precision(targets, targets.astype(float)) == 1.0
    worst = (1 / 3 + 2 / 3 + 2 / 3) / 3  # the tag last of three, two tags tied behind one
    assert lwlrap(targets, 1.0 - targets) == pytest.approx(worst)


def test_no_tag_at_all_is_zero():
    none = np.zeros((3, 2), dtype=bool)
    assert mean_average_precision(none, np.ones((3, 2))) == lwlrap(none, np.ones((3, 2))) == 0.0
    assert lwlrap(np.zeros((0, 2), dtype=bool), np.zeros((0, 2))) == 0.0


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(ShapeError, match="scores: expected no NaN, got 1 of 2"):
        lwlrap(np.array([[True, False]]), np.array([[np.nan, 0.0]]))
