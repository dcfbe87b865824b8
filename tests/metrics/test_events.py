"""Events and segments: conventions, edges, averages, intervals; the peers are in test_peers."""

import numpy as np
import pytest

from auricle.errors import ConfigError, ShapeError
from auricle.metrics import (
    MIR_EVAL,
    DetectionCounts,
    EventCollars,
    TimedEvents,
    count_events,
    count_segments,
)

NOTHING = TimedEvents.of([])


def events(*rows):
    return TimedEvents.of(list(rows))


def random_events(rng, *, number, hours=0.01):
    onsets = rng.uniform(0, 3600 * hours, number)
    labels = tuple(str(label) for label in rng.integers(0, 3, number))
    lengths = rng.uniform(0.05, 0.6, number)
    return TimedEvents(onsets_s=onsets, offsets_s=onsets + lengths, labels=labels)


@pytest.mark.parametrize("seed", range(5))
def test_counts_equal_mir_eval_now(seed):
    """Here and now, beside the recorded answers: mir_eval is small enough to be at hand."""
    from mir_eval.transcription import precision_recall_f1_overlap

    rng = np.random.default_rng(seed)
    truth, more = random_events(rng, number=60), random_events(rng, number=20)
    shifts = rng.normal(0, 0.15, (2, 60))
    onsets = np.maximum(truth.onsets_s + shifts[0], 0.0)
    answer = TimedEvents(
        onsets_s=np.concatenate([onsets, more.onsets_s]),
        offsets_s=np.concatenate([np.maximum(truth.offsets_s + shifts[1], onsets + 0.01),
                                  more.offsets_s]),
        labels=truth.labels + more.labels,
    )  # fmt: skip
    both = []
    for part in (truth, answer):
        pitches = np.array([100.0 * 2 ** int(label) for label in part.labels])
        both += [np.stack([part.onsets_s, part.offsets_s], axis=1), pitches]
    for ratio in (None, 0.2):
        theirs = precision_recall_f1_overlap(*both, offset_ratio=ratio, onset_tolerance=0.2)[:3]
        collars = EventCollars(
            onset_s=0.2, offset_s=None if ratio is None else 0.05, offset_share=0.2, decimals=4
        )
        ours = count_events([truth], [answer], collars=collars).micro()
        assert ours == pytest.approx(tuple(theirs), abs=1e-9)
        assert 0.2 < ours.f1 < 0.9


def test_nothing_true_and_nothing_found_is_zero_not_an_error():
    counts = count_events([NOTHING], [NOTHING], labels=["a"])
    assert counts.micro() == counts.macro() == counts.per_class()["a"] == (0.0, 0.0, 0.0)
    assert count_events([], []).micro() == (0.0, 0.0, 0.0)
    assert count_segments([NOTHING], [NOTHING]).micro() == (0.0, 0.0, 0.0)


def test_labels_are_found_or_given_and_unknown_ones_refused():
    truth, answer = events((0.0, 1.0, "b")), events((0.0, 1.0, "b"), (2.0, 3.0, "z"))
    assert count_events([truth], [answer]).labels == ("b", "z")
    assert count_events([truth], [answer], labels=["z", "b"]).labels == ("z", "b")
    with pytest.raises(ConfigError, match="expected every label that occurs, got events of 'z'"):
        count_events([truth], [answer], labels=["b"])
    with pytest.raises(ConfigError, match="got events of 'z'"):
        count_segments([truth], [answer], labels=["b"])


def test_a_false_class_lowers_micro_and_is_left_out_of_macro():
    counts = count_events([events((0.0, 1.0, "b"))], [events((0.0, 1.0, "b"), (2.0, 3.0, "z"))])
    assert counts.macro() == (1.0, 1.0, 1.0)
    assert counts.micro() == pytest.approx((0.5, 1.0, 2 / 3))


def test_collars_are_inclusive_and_mir_eval_rounds_to_a_tenth_of_a_millisecond():
    truth, answer = [events((1.0, 3.0, "a"))], [events((1.05004, 3.0, "a"))]
    assert count_events(truth, answer, collars=MIR_EVAL).micro().f1 == 1.0
    exact = EventCollars(onset_s=0.05, offset_s=0.05, offset_share=0.2)
    assert count_events(truth, answer, collars=exact).micro().f1 == 0.0


def test_a_day_of_events_is_counted_in_seconds():
    """A matrix of 100,000 by 100,000, which mir_eval would fill, takes 80 GB."""
    truth = random_events(np.random.default_rng(0), number=100_000, hours=24)
    moved = TimedEvents(
        onsets_s=truth.onsets_s + 0.01, offsets_s=truth.offsets_s + 0.01, labels=truth.labels
    )
    assert count_events([truth], [moved]).micro().recall == 1.0


def test_segments_are_active_where_an_event_touches_them():
    truth = [events((0.5, 1.5, "a"), (4.0, 5.0, "a"))]  # segments 0, 1 and 4
    answer = [events((1.2, 2.1, "a"), (7.0, 7.1, "a"))]  # segments 1, 2 and 7
    counts = count_segments(truth, answer)
    assert (counts.num_reference, counts.num_estimated, counts.hits) == (3, 3, 1)
    assert count_segments(truth, answer, segment_s=10.0).micro().f1 == 1.0


def test_interval_holds_the_score_is_seeded_and_draws_whole_recordings():
    rng = np.random.default_rng(0)
    hits = rng.binomial(10, np.repeat(rng.uniform(0.4, 1.0, 30), 2).reshape(30, 2))
    tens = np.full((30, 2), 10)
    counts = DetectionCounts(labels=("a", "b"), num_reference=tens, num_estimated=tens, hits=hits)
    for average in ("micro", "macro"):
        low, high = counts.interval("f1", average=average, seed=1)
        assert low < getattr(counts, average)().f1 < high
    assert counts.interval(seed=1) == counts.interval(seed=1) != counts.interval(seed=2)
    assert counts.select([0]).interval() == pytest.approx((counts.select([0]).micro().f1,) * 2)
    narrow = counts.interval("recall", confidence=0.5)
    assert narrow[1] - narrow[0] < np.subtract(*counts.interval("recall")[::-1])


def test_interval_of_a_mean_equals_the_normal_one():
    """With one event a recording, recall is a mean of zeros and ones."""
    hits = (np.random.default_rng(0).random((2000, 1)) < 0.3).astype(np.int64)
    ones = np.ones((2000, 1), dtype=np.int64)
    counts = DetectionCounts(labels=("a",), num_reference=ones, num_estimated=ones, hits=hits)
    low, high = counts.interval("recall")
    error = 1.96 * hits.std() / np.sqrt(2000)
    assert low == pytest.approx(hits.mean() - error, abs=0.15 * error)
    assert high == pytest.approx(hits.mean() + error, abs=0.15 * error)


def test_settings_and_events_out_of_range_are_refused():
    with pytest.raises(ConfigError, match="expected onset_s or offset_s or both"):
        EventCollars(onset_s=None, offset_s=None)
    with pytest.raises(ConfigError, match="0 <= offset_share <= 1"):
        EventCollars(offset_share=1.5)
    with pytest.raises(ConfigError, match="segment_s: expected > 0, got 0.0"):
        count_segments([], [], segment_s=0.0)
    with pytest.raises(ShapeError, match="expected 0 <= onset <= offset, .* for event 1"):
        events((0.0, 1.0, "a"), (2.0, 1.0, "a"))
    with pytest.raises(ShapeError, match="expected one of each per event"):
        TimedEvents(onsets_s=np.zeros(2), offsets_s=np.ones(2), labels=("a",))
    with pytest.raises(ShapeError, match="expected one entry for each recording"):
        count_events([NOTHING], [])
    with pytest.raises(ConfigError, match="num_draws=0"):
        count_events([NOTHING], [NOTHING], labels=["a"]).interval(num_draws=0)
