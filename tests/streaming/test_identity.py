import math

import numpy as np
import torch
from tests.tiny import RATE, sound, tiny_model

from auricle.streaming import PUSHES, measure_identity
from auricle.streaming.identity import difference, listen, same_events


def test_identity_holds_for_every_push_and_says_what_was_compared():
    found = measure_identity(tiny_model(), sound(1.0))
    assert found.max_abs_diff <= 1e-5 and found.events_equal
    assert found.to_dict() == {
        "max_abs_diff": found.max_abs_diff,
        "events_equal": True,
        "seconds": 1.0,
        "pushes": (*PUSHES, 0),
    }


def test_identity_of_a_broken_model_is_infinite_not_zero():
    model = tiny_model()
    with torch.no_grad():
        model.head.classify.bias.fill_(math.nan)
    assert measure_identity(model, sound(0.3), pushes=(100,)).max_abs_diff == math.inf


def test_difference_sees_steps_that_are_missing_or_moved():
    model, waveform = tiny_model(), sound(0.5)
    whole, _ = listen(model, waveform, push=len(waveform))
    fewer, _ = listen(model, waveform[:-400], push=RATE)
    assert difference(whole, fewer) == math.inf
    assert difference(whole, whole._replace(times_s=whole.times_s + 0.01)) == math.inf
    moved = whole._replace(recent=np.roll(whole.recent, 1, axis=0))
    assert 0 < difference(whole, moved) < 1
    assert difference(whole, whole) == 0


def test_same_events_sees_what_is_missing():
    _, events = listen(tiny_model(), sound(2.0), push=1000)
    assert events and same_events(events, list(events))
    assert not same_events(events, events[:-1])


def test_identity_of_an_empty_sound_is_zero():
    assert measure_identity(tiny_model(), np.zeros(0, dtype=np.float32)).max_abs_diff == 0
