from itertools import pairwise

import numpy as np
import pytest

from auricle.errors import ConfigError
from auricle.models import DetectionConfig, DetectionDecoder

CLASSES = ("a", "b")
HOP_S = 0.01


def single(text):
    """Posteriors of hops that are written as letters, `.` for none."""
    columns = {"a": 0, "b": 1, ".": 2}
    probs = np.full((len(text), 3), 0.05, dtype=np.float32)
    for at, letter in enumerate(text):
        probs[at, columns[letter]] = 0.9
    return probs


def decode(probs, config, *, cuts=(), single=True, **settings):
    decoder = DetectionDecoder(CLASSES, config, single=single, hop_s=HOP_S, **settings)
    state, events = decoder.initial_state(), []
    for start, stop in pairwise([0, *cuts, len(probs)]):
        more, state = decoder.forward(probs[start:stop], state)
        events += more
    return events + decoder.finish(state)


def spans(events):
    return [(e.label, round(e.onset_s / HOP_S), round(e.offset_s / HOP_S)) for e in events]


def test_runs_of_a_class_become_events():
    assert spans(decode(single("..aaa..bb."), DetectionConfig())) == [("a", 2, 5), ("b", 7, 9)]


def test_a_change_of_class_ends_an_event_without_a_vote():
    assert spans(decode(single(".aabb."), DetectionConfig())) == [("a", 1, 3), ("b", 3, 5)]


def test_the_vote_gives_a_stretch_between_silences_one_label():
    config = DetectionConfig(vote="segment")
    assert spans(decode(single(".aabaa.bbb"), config)) == [("a", 1, 6), ("b", 7, 10)]


def test_events_shorter_than_the_shortest_are_dropped():
    config = DetectionConfig(min_duration_s=0.03)
    assert spans(decode(single(".aa.bbb."), config)) == [("b", 4, 7)]


def test_a_short_pause_of_the_same_class_does_not_end_an_event():
    config = DetectionConfig(min_gap_s=0.02)
    found = spans(decode(single("aa..aa...aa.bb"), config))
    assert found == [("a", 0, 6), ("a", 9, 11), ("b", 12, 14)]


def test_the_median_removes_lone_hops():
    assert spans(decode(single("..a..aaa.aa.."), DetectionConfig(median=3))) == [("a", 5, 11)]


def test_an_event_begins_and_ends_between_hops_where_the_posterior_crosses_the_threshold():
    probs = np.array([[0.0], [0.2], [0.9], [0.9], [0.4], [0.0]], dtype=np.float32)
    probs = np.concatenate([probs, np.zeros_like(probs)], axis=1)
    (event,) = decode(probs, DetectionConfig(), single=False)
    assert event.onset_s / HOP_S == pytest.approx(1.5 + 3 / 7, abs=1e-5)  # middles at 1.5 and 2.5
    assert event.offset_s / HOP_S == pytest.approx(3.5 + 4 / 5, abs=1e-5)


def test_an_event_longer_than_the_longest_is_cut():
    config = DetectionConfig(max_event_s=0.03)
    assert spans(decode(single(".aaaaaaa."), config)) == [("a", 1, 4), ("a", 4, 7), ("a", 7, 8)]


def test_release_holds_what_sounds_until_it_is_well_below_the_threshold():
    probs = np.array([[0.6], [0.4], [0.4], [0.2], [0.4]], dtype=np.float32)
    probs = np.concatenate([probs, np.zeros_like(probs)], axis=1)
    config = DetectionConfig(release=0.6)
    assert spans(decode(probs, config, single=False)) == [("a", 0, 3)]


def test_classes_that_overlap_are_told_apart():
    probs = np.array([[0.9, 0.1], [0.9, 0.8], [0.1, 0.8]], dtype=np.float32)
    events = decode(probs, DetectionConfig(), single=False)
    assert sorted(spans(events)) == [("a", 0, 2), ("b", 1, 3)]


def test_each_class_has_its_own_threshold():
    probs = np.array([[0.6, 0.6]], dtype=np.float32)
    config = DetectionConfig(thresholds=(0.7, 0.5))
    assert spans(decode(probs, config, single=False)) == [("b", 0, 1)]


def test_the_score_is_the_mean_posterior():
    probs = np.array([[0.6, 0.0], [1.0, 0.0]], dtype=np.float32)
    (event,) = decode(probs, DetectionConfig(), single=False)
    assert event.score == pytest.approx(0.8)


@pytest.mark.parametrize("median", [1, 5])
@pytest.mark.parametrize("gap_s", [0.0, 0.02])
def test_an_event_is_told_no_later_than_the_stated_delay(median, gap_s):
    config = DetectionConfig(median=median, min_gap_s=gap_s)
    decoder = DetectionDecoder(CLASSES, config, single=True, hop_s=HOP_S, lookahead=4)
    events = decode(single(".aaaaaa...........bbbbbb.........."), config, lookahead=4)
    delays = [round((e.time_s - e.offset_s) / HOP_S) for e in events]
    assert len(delays) == 2
    assert delays == [decoder.delay] * 2


def random_probs(rng, *, single):
    """Posteriors that jump now and then."""
    logits = np.repeat(rng.normal(0, 3, (40, 2 + single)), 4, axis=0)
    logits += rng.normal(0, 1, logits.shape)
    probs = np.exp(logits)
    return (probs / (probs.sum(axis=1, keepdims=True) if single else 1 + probs)).astype(np.float32)


@pytest.mark.parametrize("kind", [True, False], ids=["single", "multi"])
@pytest.mark.parametrize(
    "config",
    [
        DetectionConfig(),
        DetectionConfig(vote="segment", median=5, min_duration_s=0.03),
        DetectionConfig(median=3, min_gap_s=0.04, release=0.5),
        DetectionConfig(vote="segment", min_gap_s=0.03, max_event_s=0.11),
        DetectionConfig(median=7, min_gap_s=0.02, max_event_s=0.05, thresholds=(0.3, 0.8)),
    ],
    ids=["plain", "vote", "gaps", "longest", "all"],
)
def test_where_the_posteriors_are_cut_changes_nothing(kind, config):
    rng = np.random.default_rng(0)
    for trial in range(3):
        probs = random_probs(rng, single=kind)
        whole = decode(probs, config, single=kind)
        assert len(whole) > 3
        cuts = sorted(rng.integers(0, len(probs) + 1, rng.integers(1, 40)).tolist())
        parts = decode(probs, config, cuts=cuts, single=kind)
        by_hop = decode(probs, config, cuts=range(1, len(probs)), single=kind)
        for found in (parts, by_hop):
            assert spans(found) == spans(whole), trial
            for name in ("onset_s", "offset_s"):
                mine, theirs = ([getattr(e, name) for e in part] for part in (found, whole))
                np.testing.assert_allclose(mine, theirs, atol=1e-12)
            assert [e.time_s for e in found] == [e.time_s for e in whole]
            np.testing.assert_allclose([e.score for e in found], [e.score for e in whole])


def test_events_come_in_the_order_in_which_they_are_known():
    probs = random_probs(np.random.default_rng(1), single=False)
    times = [event.time_s for event in decode(probs, DetectionConfig(min_gap_s=0.03), single=False)]
    assert times == sorted(times)


def test_a_wrong_number_of_thresholds_is_refused():
    with pytest.raises(ConfigError, match="thresholds: expected one for each of 2 classes"):
        DetectionDecoder(CLASSES, DetectionConfig(thresholds=(0.5,)), single=True, hop_s=HOP_S)


@pytest.mark.parametrize(
    "settings", [{"median": 2}, {"release": 0.0}, {"thresholds": (1.5,)}, {"max_event_s": -1.0}]
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ConfigError, match="expected an odd median"):
        DetectionConfig(**settings)


PER_CLASS = DetectionConfig(
    thresholds=(0.8, 0.5),
    medians=(1, 9),
    min_gaps_s=(0.02, 0.0),
    min_durations_s=(0.0, 0.04),
)


def test_each_class_is_decoded_by_its_own_settings():
    probs = np.random.default_rng(2).random((400, 2)).astype(np.float32)
    together = decode(probs, PER_CLASS, single=False)
    for at, name in enumerate(CLASSES):
        alone = DetectionConfig(
            thresholds=PER_CLASS.thresholds,
            median=PER_CLASS.medians[at],
            min_gap_s=PER_CLASS.min_gaps_s[at],
            min_duration_s=PER_CLASS.min_durations_s[at],
        )
        wanted = [one for one in spans(decode(probs, alone, single=False)) if one[0] == name]
        assert sorted(one for one in spans(together) if one[0] == name) == sorted(wanted)
        assert len(wanted) > 3


def test_where_a_stream_is_cut_changes_nothing_with_settings_of_each_class():
    probs = np.random.default_rng(3).random((200, 2)).astype(np.float32)
    whole = decode(probs, PER_CLASS, single=False)
    for cuts in ([1], [3, 4, 5, 90], list(range(1, 200))):
        assert decode(probs, PER_CLASS, single=False, cuts=cuts) == whole


def test_settings_of_each_class_are_one_a_class_and_for_overlaps_only():
    with pytest.raises(ConfigError, match="one for each of 2 classes that may overlap, or none"):
        decode(single("..a.."), DetectionConfig(medians=(1, 3)))
    with pytest.raises(ConfigError, match="got 3, 0, 0"):
        decode(np.zeros((3, 2), np.float32), DetectionConfig(medians=(1, 3, 5)), single=False)
