from pathlib import Path

import numpy as np

from auricle.data.annotations import AnnotatedEvent
from auricle.evaluation.event_track import EventTrack
from auricle.training.detection.tuning import Held
from auricle.training.detection.tuning_overlaps import tune_overlaps

CLASSES = ("rain", "tick")
HOP_S = 0.02


def held(events, *, hops=1000):
    """A recording with these events, and posteriors that follow them surely."""
    listed = [AnnotatedEvent(path=Path("x"), onset_s=a, offset_s=b, label=c) for a, b, c in events]
    track = EventTrack(listed, CLASSES, hop_s=HOP_S)
    probs = 0.02 + 0.9 * track.multi(0, hops)
    return Held(probs=probs.astype(np.float32), events=track)


RAIN = [(at, at + 2.0, "rain") for at in (1.0, 6.0, 11.0, 16.0)]
TICKS = [(at, at + 0.3, "tick") for at in np.arange(0.5, 19.0, 1.1).tolist()]


def test_clean_posteriors_need_no_smoothing():
    config = tune_overlaps([held(RAIN + TICKS)] * 2, CLASSES, hop_s=HOP_S)
    assert config.medians == (1, 1) and config.min_gaps_s == config.min_durations_s == (0.0, 0.0)
    assert all(0.05 <= threshold <= 0.9 for threshold in config.thresholds)


def test_holes_in_long_events_are_bridged():
    one = held(RAIN + TICKS)
    for first in one.events.first[one.events.labels == 0].tolist():
        one.probs[first + 20 : first + 25, 0] = 0.01
        one.probs[first + 60 : first + 65, 0] = 0.01
    config = tune_overlaps([one], CLASSES, hop_s=HOP_S)
    assert config.min_gaps_s[0] >= 0.1 or config.medians[0] >= 11
    assert (config.medians[1], config.min_gaps_s[1]) == (1, 0.0)


def test_each_class_gets_its_threshold():
    one = held(RAIN + TICKS)
    one.probs[:, 0] *= 0.3  # never more than 0.28 sure of rain
    one.probs[:, 1] = np.maximum(one.probs[:, 1], 0.55)  # 0.55 sure of ticks where there are none
    rain, tick = tune_overlaps([one], CLASSES, hop_s=HOP_S).thresholds
    assert rain <= 0.2 and tick >= 0.6


def test_recordings_do_not_run_into_each_other():
    """An event at the end of one recording and one at the start of the next stay two."""
    ends, begins = held([(19.0, 20.0, "rain")]), held([(0.0, 1.0, "rain")])
    config = tune_overlaps([ends, begins], CLASSES, hop_s=HOP_S)
    assert (config.medians[0], config.min_gaps_s[0]) == (1, 0.0)
