import numpy as np
import pytest

from auricle.errors import ConfigError, ShapeError
from auricle.metrics import (
    choose_threshold,
    count_alarms,
    false_alarms_per_hour,
    highest_count,
)


def two_classes(scores):
    """Rows that answer class 0 with these scores."""
    scores = np.asarray(scores, dtype=np.float64)
    return np.stack([scores, 1 - scores], axis=1)


def by_hand(probs, targets, target_precision):
    scores, right = probs.max(axis=1), probs.argmax(axis=1) == targets
    candidates = np.unique(scores)
    ceiling = max(t for t in candidates if right[scores >= t].sum() >= 0.5 * right.sum())
    precise = [t for t in candidates if right[scores >= t].mean() >= target_precision]
    return min([*precise[:1], ceiling])


def test_threshold_is_the_smallest_that_is_precise_enough():
    probs = two_classes([0.9, 0.8, 0.7, 0.6])
    assert choose_threshold(probs, np.array([0, 0, 0, 1]), target_precision=0.95) == 0.7
    assert choose_threshold(probs, np.array([0, 0, 0, 1]), target_precision=0.75) == 0.6


def test_threshold_of_faultless_clips_is_the_least_sure_of_them():
    assert choose_threshold(two_classes([0.9, 0.8, 0.6]), np.array([0, 0, 0])) == 0.6


def test_threshold_never_rejects_more_than_half_of_the_right_answers():
    probs = two_classes([0.99, 0.9, 0.8, 0.7, 0.6])
    targets = np.array([1, 0, 0, 0, 0])  # the surest answer is wrong: no threshold is precise
    assert choose_threshold(probs, targets, target_precision=1.0) == 0.8
    assert choose_threshold(probs, targets, target_precision=1.0, lowest_kept=1.0) == 0.6


def test_background_counts_as_wrong_whenever_accepted():
    probs = two_classes([0.9, 0.8, 0.7, 0.6])
    assert choose_threshold(probs, np.array([0, 0, -1, 0])) == 0.8


def test_clips_of_one_score_are_accepted_together():
    probs = two_classes([0.9, 0.8, 0.8, 0.8])
    targets = np.array([0, 0, 0, 1])
    assert choose_threshold(probs, targets, target_precision=0.9, lowest_kept=0.3) == 0.9


@pytest.mark.parametrize("seed", range(20))
def test_threshold_equals_the_definition_tried_out_one_by_one(seed):
    rng = np.random.default_rng(seed)
    probs = rng.dirichlet(np.ones(3), size=40).round(2)
    probs[:, 2] = 1 - probs[:, 0] - probs[:, 1]
    probs = probs.clip(0, 1)
    targets = np.where(rng.random(40) < 0.6, probs.argmax(axis=1), rng.integers(-1, 3, 40))
    for precision in (0.5, 0.8, 0.95, 1.0):
        chosen = choose_threshold(probs, targets, target_precision=precision)
        assert chosen == by_hand(probs, targets, precision)


def test_threshold_of_nothing_rejects_nothing_and_of_no_right_answer_everything():
    assert choose_threshold(np.zeros((0, 2)), np.array([], dtype=np.int64)) == 0.0
    assert choose_threshold(two_classes([0.9, 0.8]), np.array([1, -1])) == 1.0


def test_threshold_refuses_impossible_wishes_and_foreign_labels():
    with pytest.raises(ConfigError, match="target_precision: expected 0 < value <= 1, got 95"):
        choose_threshold(two_classes([0.9]), np.array([0]), target_precision=95.0)
    with pytest.raises(ShapeError, match="class indices from -1 to 1, got 2"):
        choose_threshold(two_classes([0.9]), np.array([2]))


def test_alarms_are_runs_of_frames_and_short_gaps_are_bridged():
    scores = np.array([0.9, 0.9, 0.1, 0.9, 0.1, 0.1, 0.9])
    assert count_alarms(scores, threshold=0.5) == 3
    assert count_alarms(scores, threshold=0.5, longest_gap=1) == 2
    assert count_alarms(scores, threshold=0.5, longest_gap=2) == 1
    assert count_alarms(scores, threshold=0.95) == 0


def test_false_alarms_are_counted_by_the_hour():
    scores = np.zeros(36000)  # one hour at 10 Hz
    scores[[100, 5000, 5005, 30000]] = [0.6, 0.8, 0.8, 0.9]
    rates = false_alarms_per_hour(scores, frame_rate=10.0, thresholds=[0.5, 0.7, 0.85, 1.0])
    assert rates.tolist() == [3.0, 2.0, 1.0, 0.0]
    unmerged = false_alarms_per_hour(scores, frame_rate=10.0, thresholds=[0.5], merge_gap_s=0.2)
    assert unmerged.tolist() == [4.0]
    assert false_alarms_per_hour(np.array([]), frame_rate=1.0, thresholds=[0.5]).tolist() == [0.0]


def test_false_alarms_need_a_frame_rate():
    with pytest.raises(ConfigError, match="frame_rate=0"):
        false_alarms_per_hour(np.zeros(4), frame_rate=0.0, thresholds=[0.5])


def test_none_seen_bounds_the_count_by_the_rule_of_three():
    assert highest_count(0) == pytest.approx(2.9957, abs=1e-3)
    assert highest_count(10) == pytest.approx(16.962, abs=1e-3)
    with pytest.raises(ConfigError, match="count=-1"):
        highest_count(-1)
