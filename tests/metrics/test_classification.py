import math
import warnings

import numpy as np
import pytest

from auricle.errors import ShapeError
from auricle.metrics import (
    accuracy,
    confusion_matrix,
    f1_scores,
    log_loss,
    macro_f1,
    precision_recall,
)
from auricle.metrics._check import check_labels, check_same_length

NONE = np.array([], dtype=np.int64)


def answers(num_clips=200, num_classes=7, seed=0):
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, num_classes - 1, num_clips)  # the last class never occurs
    wrong = rng.integers(0, num_classes, num_clips)
    return targets, np.where(rng.random(num_clips) < 0.6, targets, wrong)


def test_scores_equal_scikit_learn():
    from sklearn import metrics as reference

    targets, predictions = answers()
    precision, recall, f1, _ = reference.precision_recall_fscore_support(
        targets, predictions, labels=list(range(7)), zero_division=0.0
    )
    ours = precision_recall(targets, predictions, num_classes=7)
    np.testing.assert_allclose(ours, (precision, recall))
    np.testing.assert_allclose(f1_scores(*ours), f1)
    assert accuracy(targets, predictions) == reference.accuracy_score(targets, predictions)
    assert macro_f1(targets, predictions, num_classes=9) == pytest.approx(
        reference.f1_score(targets, predictions, average="macro", zero_division=0.0)
    )
    np.testing.assert_array_equal(
        confusion_matrix(targets, predictions, num_classes=7),
        reference.confusion_matrix(targets, predictions, labels=list(range(7))),
    )


def test_log_loss_equals_scikit_learn():
    from sklearn.metrics import log_loss as reference

    rng = np.random.default_rng(1)
    probs = rng.dirichlet(np.ones(5), size=50)
    targets = rng.integers(0, 5, 50)
    assert log_loss(probs, targets) == pytest.approx(
        reference(targets, probs, labels=list(range(5)))
    )


def test_log_loss_of_a_certain_mistake_is_finite():
    probs = np.array([[1.0, 0.0]])
    assert log_loss(probs, np.array([1])) == pytest.approx(-math.log(1e-12))


def test_no_clip_has_defined_scores():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert accuracy(NONE, NONE) == 0.0
        assert macro_f1(NONE, NONE, num_classes=3) == 0.0
        assert log_loss(np.zeros((0, 3)), NONE) == 0.0
        assert confusion_matrix(NONE, NONE, num_classes=2).tolist() == [[0, 0], [0, 0]]


def test_label_outside_the_classes_is_refused():
    with pytest.raises(ShapeError, match="class indices from 0 to 2, got 0 to 3"):
        confusion_matrix(np.array([0, 3]), np.array([0, 1]), num_classes=3)


def test_labels_that_are_no_whole_numbers_are_refused():
    with pytest.raises(ShapeError, match="whole numbers on one axis, got float64"):
        check_labels("targets", np.array([0.5]), num_classes=3)


def test_arrays_of_other_length_are_refused():
    with pytest.raises(ShapeError, match=r"as many entries as targets \(3\), got 2"):
        check_same_length("predictions", np.zeros(2), other_name="targets", other=np.zeros(3))


def test_logits_given_as_probabilities_are_refused():
    with pytest.raises(ShapeError, match="Apply softmax first"):
        log_loss(np.array([[2.0, -1.0]]), np.array([0]))
