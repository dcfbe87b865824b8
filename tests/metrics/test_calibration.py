import numpy as np
import pytest

from auricle.errors import ConfigError, ShapeError
from auricle.metrics import expected_calibration_error, fit_temperature, reliability_bins

NONE = np.array([], dtype=np.int64)


def softmax(logits):
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def calibrated_logits(num_clips=4000, num_classes=4, seed=0):
    rng = np.random.default_rng(seed)
    logits = 2.0 * rng.standard_normal((num_clips, num_classes))
    cumulative = softmax(logits).cumsum(axis=1)
    targets = (rng.random((num_clips, 1)) > cumulative).sum(axis=1)
    return logits, np.minimum(targets, num_classes - 1)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_temperature_that_spoiled_the_scores_is_found_again(temperature):
    logits, targets = calibrated_logits()
    assert fit_temperature(temperature * logits, targets) == pytest.approx(temperature, rel=0.05)


def test_temperature_is_where_the_log_loss_is_least():
    logits, targets = calibrated_logits(num_clips=300)
    best = fit_temperature(3 * logits, targets)

    def loss(temperature):
        probs = softmax(3 * logits / temperature)
        return -np.log(probs[np.arange(300), targets]).mean()

    assert loss(best) <= min(loss(best * 0.999), loss(best * 1.001))


def test_temperature_of_faultless_clips_is_the_lowest_allowed_unless_a_prior_doubts():
    logits = np.eye(3)[np.array([0, 1, 2, 0])] * 2.0
    targets = np.array([0, 1, 2, 0])
    assert fit_temperature(logits, targets) == pytest.approx(0.05)
    assert fit_temperature(logits, targets, bounds=(0.5, 20.0)) == pytest.approx(0.5)
    assert fit_temperature(logits, targets, prior_clips=1.0) > 0.5


def test_temperature_of_answers_at_odds_with_the_truth_is_the_highest_allowed():
    assert fit_temperature(np.array([[5.0, 0.0]] * 4), np.array([1] * 4)) == pytest.approx(20.0)


def test_temperature_without_known_clips_is_one():
    assert fit_temperature(np.zeros((0, 3)), NONE) == 1.0
    assert fit_temperature(np.zeros((2, 3)), np.array([-1, -1])) == 1.0


def test_temperature_takes_minus_infinity_and_leaves_background_out():
    log_probs = np.log(np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3]]))
    targets = np.array([0, 1, 0])
    more = np.concatenate([log_probs, [[0.0, -np.inf]]])
    assert fit_temperature(more, np.append(targets, -1)) == fit_temperature(log_probs, targets)
    assert np.isfinite(fit_temperature(more, np.append(targets, 0)))


def test_temperature_of_a_broken_network_is_refused():
    with pytest.raises(ShapeError, match="no NaN"):
        fit_temperature(np.array([[np.nan, 0.0]]), np.array([0]))
    with pytest.raises(ConfigError, match="bounds"):
        fit_temperature(np.zeros((1, 2)), np.array([0]), bounds=(2.0, 1.0))


def test_calibration_error_of_calibrated_scores_is_near_zero_and_of_sharpened_ones_is_not():
    logits, targets = calibrated_logits()
    assert expected_calibration_error(softmax(logits), targets) < 0.02
    assert expected_calibration_error(softmax(4 * logits), targets) > 0.1


def test_calibration_error_equals_a_case_by_hand():
    probs = np.array([[0.95, 0.05], [0.95, 0.05], [0.65, 0.35], [0.4, 0.6]])
    targets = np.array([0, 1, 0, 1])
    # bin (0.9, 1]: confidence 0.95, accuracy 0.5; (0.6, 0.7]: 0.65, 1; (0.5, 0.6]: 0.6, 1
    expected = (2 * 0.45 + 0.35 + 0.4) / 4
    assert expected_calibration_error(probs, targets, num_bins=10) == pytest.approx(expected)


def test_bins_hold_every_clip_once_and_certainty_too():
    probs = np.array([[1.0, 0.0], [0.5, 0.5], [0.2, 0.8]])
    bins = reliability_bins(probs, np.array([0, 0, 0]), num_bins=10)
    assert [(part.upper, part.num_clips) for part in bins] == [(0.5, 1), (0.8, 1), (1.0, 1)]


def test_no_clip_has_no_bins_and_no_error():
    assert reliability_bins(np.zeros((0, 2)), NONE) == ()
    assert expected_calibration_error(np.zeros((0, 2)), NONE) == 0.0


def test_no_bins_are_refused():
    with pytest.raises(ConfigError, match="num_bins: expected >= 1, got 0"):
        reliability_bins(np.zeros((0, 2)), NONE, num_bins=0)
