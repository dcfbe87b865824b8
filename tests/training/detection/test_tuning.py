from pathlib import Path

import numpy as np
import pytest

from auricle.data.annotations import AnnotatedEvent
from auricle.evaluation.event_track import EventTrack
from auricle.models import DetectionConfig, DetectionDecoder
from auricle.training.detection.tuning import Held, segment_costs, smoothed, tune_decoding

CLASSES = ("a", "b")


def mean_cost(held, classes, config, *, hop_s):
    return segment_costs(held, classes, config, hop_s=hop_s).mean()


HOP_S = 0.01


def held(*, single, events, hops=600):
    """A recording with these events, and posteriors that follow them surely."""
    listed = [AnnotatedEvent(path=Path("x"), onset_s=a, offset_s=b, label=c) for a, b, c in events]
    track = EventTrack(listed, CLASSES, hop_s=HOP_S)
    if single:
        probs = np.full((hops, 3), 0.01, dtype=np.float32)
        probs[np.arange(hops), track.single(0, hops)] = 0.98
    else:
        probs = 0.02 + 0.96 * track.multi(0, hops)
    return Held(probs=probs.astype(np.float32), events=track)


EVENTS = [(at, at + 0.3, "ab"[round(at) % 2]) for at in np.arange(0.5, 5.5, 0.8).tolist()]


def tuned(one, *, single, measure):
    return tune_decoding([one], CLASSES, single=single, hop_s=HOP_S, measure=measure)


def test_clean_posteriors_need_no_smoothing():
    config = tuned(held(single=True, events=EVENTS), single=True, measure="segments")
    assert (config.median, config.min_gap_s) == (1, 0.0)


def test_lone_wrong_hops_inside_events_bring_the_vote():
    one = held(single=True, events=EVENTS)
    for first in one.events.first.tolist():
        one.probs[first + 12 : first + 16] = one.probs[first + 12 : first + 16][:, [1, 0, 2]]
    config = tuned(one, single=True, measure="segments")
    cost = mean_cost([one], CLASSES, config, hop_s=HOP_S)
    assert cost < 0.01 < mean_cost([one], CLASSES, DetectionConfig(), hop_s=HOP_S)


def test_short_false_events_bring_a_shortest_duration_or_a_median():
    one = held(single=True, events=EVENTS)
    one.probs[::97] = np.array([0.9, 0.05, 0.05], dtype=np.float32)
    config = tuned(one, single=True, measure="segments")
    assert config.min_duration_s >= 0.02 or config.median >= 3
    assert mean_cost([one], CLASSES, config, hop_s=HOP_S) < 0.02


def test_each_class_gets_the_threshold_that_suits_it():
    one = held(single=False, events=EVENTS)
    one.probs[:, 0] *= 0.4  # a is only ever 0.4 sure
    one.probs[:, 1] = np.maximum(one.probs[:, 1], 0.55)  # b is 0.55 sure of nothing
    config = tuned(one, single=False, measure="events")
    assert config.thresholds[0] <= 0.3 and config.thresholds[1] >= 0.6


def test_a_class_without_a_true_event_keeps_its_threshold_of_a_half():
    only_a = [event for event in EVENTS if event[2] == "a"]
    config = tuned(held(single=False, events=only_a), single=False, measure="events")
    assert config.thresholds[1] == 0.5


@pytest.mark.parametrize("single", [True, False])
def test_nothing_to_tune_on_gives_defaults(single):
    one = held(single=single, events=())
    measure = "segments" if single else "events"
    assert tuned(one, single=single, measure=measure).median == 1


@pytest.mark.parametrize("single", [True, False])
def test_smoothing_all_at_once_is_that_of_the_decoder(single):
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.full(3, 0.3), 200).astype(np.float32)[:, : 2 + single]
    settings = dict(single=single, hop_s=HOP_S)
    stream = DetectionDecoder(CLASSES, DetectionConfig(median=5), **settings)
    events, state = stream.forward(probs, stream.initial_state())
    plain = DetectionDecoder(CLASSES, DetectionConfig(), **settings)
    same, rest = plain.forward(smoothed(probs, 5, single=single), plain.initial_state())
    mine, theirs = events + stream.finish(state), same + plain.finish(rest)
    assert [(e.onset_s, e.offset_s, e.label) for e in mine] == [
        (e.onset_s, e.offset_s, e.label) for e in theirs
    ]
