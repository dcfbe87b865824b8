"""PSDS: what the peer does not answer, and what must hold whatever it says."""

from dataclasses import replace

import numpy as np
import pytest

from auricle.errors import ConfigError, ShapeError
from auricle.metrics import (
    DCASE_PSDS1,
    DCASE_PSDS2,
    PsdsSettings,
    ScoreCurves,
    TimedEvents,
    psds,
    psds_interval,
    psds_of_events,
)

LABELS = ["dog", "cat"]
EDGES = np.arange(0, 10.01, 0.1)
MIDDLES = (EDGES[1:] + EDGES[:-1]) / 2
WIDE = replace(DCASE_PSDS1, max_efpr=2000.0)


def events(*rows):
    return TimedEvents.of(list(rows))


TRUTH = events((1.0, 2.0, "dog"), (4.0, 6.0, "dog"), (3.0, 5.0, "cat"))


def curves(truth, *, noise=0.0, seed=0):
    scores = np.random.default_rng(seed).normal(0, 1, (100, 2)) * noise
    for onset, offset, label in zip(truth.onsets_s, truth.offsets_s, truth.labels, strict=True):
        scores[(onset < MIDDLES) & (offset > MIDDLES), LABELS.index(label)] += 1.0
    return ScoreCurves(edges_s=EDGES, scores=scores)


def score(parts, truths, *, measure=psds, **options):
    given = {"labels": LABELS, "settings": WIDE, "durations_s": [10.0] * len(truths)}
    return measure(parts, truths, **{**given, **options})


def decoded(part, threshold):
    """The events of one threshold, by a plain loop."""
    rows = []
    for column, label in enumerate(LABELS):
        active = np.concatenate([[False], part.scores[:, column] >= threshold, [False]])
        changes = np.flatnonzero(active[1:] != active[:-1])
        rows += [(EDGES[a], EDGES[b], label) for a, b in changes.reshape(-1, 2)]
    return events(*((float(a), float(b), label) for a, b, label in rows))


def test_a_perfect_detector_scores_one():
    assert score([curves(TRUTH)], [TRUTH]).psds == 1.0


def test_a_detector_that_never_speaks_of_the_right_class_scores_nothing():
    swapped = curves(TRUTH)
    wrong = ScoreCurves(edges_s=EDGES, scores=np.ascontiguousarray(swapped.scores[:, ::-1]))
    assert score([wrong], [TRUTH], settings=DCASE_PSDS1).psds == 0.0


@pytest.mark.parametrize(
    ("settings", "noise"), [(WIDE, 0.4), (replace(DCASE_PSDS2, max_efpr=1000.0), 0.8)]
)
def test_events_of_every_threshold_give_what_the_scores_give(settings, noise):
    truths = [TRUTH, events((0.5, 2.5, "cat"))]
    parts = [curves(truth, noise=noise, seed=i) for i, truth in enumerate(truths)]
    every = np.unique(np.concatenate([part.scores.ravel() for part in parts]))
    estimates = [[decoded(part, threshold) for part in parts] for threshold in every]
    whole = score(parts, truths, settings=settings)
    by_events = psds_of_events(
        estimates, truths, durations_s=[10.0] * 2, labels=LABELS, settings=settings
    )
    assert by_events.psds == pytest.approx(whole.psds, abs=1e-12) and 0.05 < whole.psds < 0.95
    assert by_events.per_class == pytest.approx(whole.per_class, abs=1e-12)
    some = psds_of_events(
        estimates[::200], truths, durations_s=[10.0] * 2, labels=LABELS, settings=settings
    )
    for label, value in some.per_class.items():
        assert value <= whole.per_class[label], "fewer thresholds cannot find more"


def test_some_thresholds_come_near_all_of_them():
    parts = [curves(TRUTH, noise=0.4, seed=i) for i in range(4)]
    whole = score(parts, [TRUTH] * 4).psds
    assert score(parts, [TRUTH] * 4, num_thresholds=100).psds == pytest.approx(whole, abs=0.02)
    few = score(parts, [TRUTH] * 4, num_thresholds=5).per_class
    every = score(parts, [TRUTH] * 4).per_class
    assert all(few[label] < every[label] for label in LABELS)


def test_a_class_without_true_events_is_left_out():
    dogs = events((1.0, 2.0, "dog"))
    result = score([curves(TRUTH)], [dogs])
    alone = psds(
        [ScoreCurves(edges_s=EDGES, scores=curves(TRUTH).scores[:, :1].copy())],
        [dogs],
        durations_s=[10.0],
        labels=["dog"],
        settings=WIDE,
    )
    assert result.per_class == alone.per_class and result.psds == alone.psds
    assert score([curves(TRUTH)], [events()]).psds == 0.0


def test_rising_scores_leave_psds_as_it_is():
    part = curves(TRUTH, noise=0.4)
    risen = ScoreCurves(edges_s=EDGES, scores=np.exp(part.scores))
    assert score([risen], [TRUTH]).psds == score([part], [TRUTH]).psds


def test_touching_true_events_are_two():
    truth = events((1.0, 2.0, "dog"), (2.0, 3.0, "dog"))
    assert score([curves(truth)], [truth]).per_class == {"dog": 1.0}


def test_the_curve_rises_and_ends_within_the_rate_asked_for():
    result = score([curves(TRUTH, noise=0.6, seed=i) for i in range(3)], [TRUTH] * 3)
    assert (np.diff(result.efpr) > 0).all() and result.efpr[-1] <= WIDE.max_efpr
    without = score(
        [curves(TRUTH, noise=0.6, seed=i) for i in range(3)],
        [TRUTH] * 3,
        settings=replace(WIDE, alpha_st=0.0),
    )
    assert (np.diff(without.etpr) >= 0).all() and without.psds >= result.psds
    assert without.psds == pytest.approx(np.mean(list(without.per_class.values())))


@pytest.mark.parametrize(
    ("truth", "match"),
    [
        (events((1.0, 2.0, "dog"), (1.5, 3.0, "dog")), "do not overlap each other, got 1.5 to 3 s"),
        (events((1.0, 1.0, "dog")), "have a length .*got 1 to 1 s"),
    ],
)
def test_true_events_that_make_no_intersection_are_refused(truth, match):
    with pytest.raises(ShapeError, match=match):
        score([curves(TRUTH)], [truth])


def test_settings_and_shapes_out_of_range_are_refused():
    with pytest.raises(ConfigError, match="expected 0 < dtc, gtc, cttc <= 1"):
        PsdsSettings(dtc=0.0, gtc=0.5)
    with pytest.raises(ConfigError, match="max_efpr > 0"):
        PsdsSettings(dtc=0.5, gtc=0.5, max_efpr=0.0)
    with pytest.raises(ConfigError, match="got events of 'cow'"):
        score([curves(TRUTH)], [events((1.0, 2.0, "cow"))])
    with pytest.raises(ShapeError, match="expected 3 columns"):
        score([curves(TRUTH)], [TRUTH], labels=["dog", "cat", "cow"])
    with pytest.raises(ShapeError, match="expected one entry for each recording"):
        score([curves(TRUTH)], [TRUTH, TRUTH])
    with pytest.raises(ShapeError, match="expected one edge more than frames"):
        ScoreCurves(edges_s=EDGES[:-1], scores=np.zeros((100, 2)))
    with pytest.raises(ShapeError, match="expected no NaN"):
        ScoreCurves(edges_s=EDGES, scores=np.full((100, 2), np.nan))


def test_interval_holds_the_score_is_seeded_and_narrows_with_more_recordings():
    def interval(number, **options):
        parts = [curves(TRUTH, noise=0.4, seed=i) for i in range(number)]
        return score(parts, [TRUTH] * number, measure=psds_interval, **options)

    whole = score([curves(TRUTH, noise=0.4, seed=i) for i in range(24)], [TRUTH] * 24).psds
    low, high = interval(24)
    assert low < whole < high
    assert interval(24) == (low, high) != interval(24, seed=1)
    assert interval(4)[1] - interval(4)[0] > 1.3 * (high - low)
    one = interval(1)
    assert one[0] == one[1]


def test_interval_of_two_recordings_is_of_the_three_draws_there_are():
    parts = [curves(TRUTH, noise=0.4, seed=i) for i in range(2)]
    twice = [score([parts[i], parts[j]], [TRUTH] * 2).psds for i, j in ((0, 0), (1, 1), (0, 1))]
    ends = score(parts, [TRUTH] * 2, measure=psds_interval, confidence=0.98)
    assert ends == pytest.approx((min(twice), max(twice)), abs=1e-12)
    assert min(twice) < max(twice)
