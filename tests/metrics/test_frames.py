import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auricle.errors import ShapeError
from auricle.metrics import (
    bootstrap_interval,
    edit_distance,
    frame_error,
    frame_errors,
    segment_error_rate,
    segment_error_rates,
)

WORDS = st.text("abc", max_size=12)


def slow_distance(a, b):
    """The recursion as it is written in the books."""
    table = [
        [max(i, j) if 0 in (i, j) else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)
    ]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            replaced = table[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            table[i][j] = min(replaced, table[i - 1][j] + 1, table[i][j - 1] + 1)
    return table[-1][-1]


@given(WORDS, WORDS)
def test_edit_distance_equals_the_recursion(a, b):
    assert edit_distance(a, b) == slow_distance(a, b) == edit_distance(b, a)


def test_edit_distance_counts_a_run_of_insertions():
    assert edit_distance("a", "axxxxxxxxx") == 9
    assert edit_distance("", "abc") == 3 and edit_distance([], []) == 0


def test_edit_distance_takes_any_labels_and_long_sequences():
    rng = np.random.default_rng(0)
    one = [str(label) for label in rng.integers(0, 9, 5000)]
    other = one[:1000] + ["new"] + one[1005:]
    assert edit_distance(one, other) == 5
    assert edit_distance(one, one[5:] + ["new"] * 5) <= 10
    assert edit_distance([1, 2, (3,)], [1, (3,)]) == 1


def test_segment_error_rate_averages_over_recordings_or_over_labels():
    references, estimates = ["abcd", "ab"], ["abcd", "ba"]
    assert segment_error_rate(references, estimates) == pytest.approx((0 + 2 / 2) / 2)
    assert segment_error_rate(references, estimates, average="total") == pytest.approx(2 / 6)


def test_segment_error_rate_of_a_recording_without_events_counts_the_false_ones():
    assert segment_error_rate([""], [""]) == 0.0
    assert segment_error_rate(["", "ab"], ["abc", "ab"]) == pytest.approx(3 / 2)
    assert segment_error_rate(["", "ab"], ["abc", "ab"], average="total") == pytest.approx(3 / 2)
    assert segment_error_rate([""], ["abc"], average="total") == 3.0
    assert segment_error_rate([], []) == 0.0


def test_frame_error_averages_over_recordings_or_over_frames():
    targets = [np.array([0, 0, 1, 1]), np.array([2, 2])]
    predictions = [np.array([0, 1, 1, 1]), np.array([2, 0])]
    assert frame_error(targets, predictions) == pytest.approx((1 / 4 + 1 / 2) / 2)
    assert frame_error(targets, predictions, average="total") == pytest.approx(2 / 6)
    assert frame_error([], []) == 0.0
    assert frame_error([np.array([], dtype=int)], [np.array([], dtype=int)]) == 0.0


def test_recordings_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="expected one entry for each of the 2 recordings, got 1"):
        segment_error_rate(["a", "b"], ["a"])
    with pytest.raises(ShapeError, match="predictions: expected as many entries as targets"):
        frame_error([np.array([1, 2])], [np.array([1])])


def test_the_values_of_recordings_are_those_whose_mean_it_is():
    words = (["abcd", "ab", ""], ["abcd", "ba", "xx"])
    assert segment_error_rates(*words).tolist() == [0.0, 1.0, 2.0]
    assert segment_error_rate(*words) == 1.0
    frames = ([np.array([0, 1, 1, 1])], [np.array([0, 1, 1, 0])])
    assert frame_errors(*frames).tolist() == [0.25] == [frame_error(*frames)]
    low, high = bootstrap_interval(segment_error_rates(*words), ["a", "b", "c"])
    assert low < 1.0 < high
