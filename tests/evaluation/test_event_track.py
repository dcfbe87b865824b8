from pathlib import Path

import numpy as np
import pytest

from auricle.data.annotations import AnnotatedEvent
from auricle.evaluation.event_track import EventTrack


def event(onset_s, offset_s, label):
    return AnnotatedEvent(path=Path("x"), onset_s=onset_s, offset_s=offset_s, label=label)


def track(*events):
    return EventTrack(events, ("a", "b"), hop_s=0.01)


def test_a_hop_belongs_to_an_event_by_its_middle():
    one = track(event(0.014, 0.035, "b"))
    np.testing.assert_array_equal(one.single(0, 5), [2, 1, 1, 2, 2])
    np.testing.assert_array_equal(one.multi(0, 5)[:, 1], [0, 1, 1, 0, 0])


def test_boundaries_on_a_middle_are_not_lost_to_rounding():
    one = track(event(0.015, 0.045, "a"), event(0.055, 0.075, "b"))
    np.testing.assert_array_equal(one.single(0, 8), [2, 0, 0, 0, 2, 1, 1, 2])


@pytest.mark.parametrize("cut", range(12))
def test_any_stretch_shows_the_same_events(cut):
    one = track(event(0.0, 0.05, "a"), event(0.03, 0.09, "b"), event(0.1, 0.11, "a"))
    for paint in (one.single, one.multi):
        whole = paint(0, 12)
        np.testing.assert_array_equal(np.concatenate([paint(0, cut), paint(cut, 12)]), whole)


def test_overlapping_events_both_sound_where_they_may():
    one = track(event(0.0, 0.04, "a"), event(0.02, 0.06, "b"))
    np.testing.assert_array_equal(one.multi(0, 6), [[1, 0]] * 2 + [[1, 1]] * 2 + [[0, 1]] * 2)
    np.testing.assert_array_equal(one.single(0, 6), [0, 0, 1, 1, 1, 1])


def test_an_event_of_no_length_is_in_one_hop():
    assert track(event(0.021, 0.021, "a")).multi(0, 5)[:, 0].sum() == 1


def test_a_label_that_is_not_known_matches_no_class():
    one = track(event(0.0, 0.02, "stranger"))
    np.testing.assert_array_equal(one.single(0, 3), [-1, -1, 2])
    assert one.multi(0, 3).sum() == 0


def test_a_recording_without_events_is_none_throughout():
    np.testing.assert_array_equal(track().single(5, 8), [2, 2, 2])
