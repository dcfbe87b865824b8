import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiny import FRONT_END

from auricle.errors import ConfigError
from auricle.models import UNKNOWN, DecisionConfig, EventDecoder, ModelConfig, RunningPosterior
from auricle.models.decision import softmax

CLASSES = ("bark", "chirp", UNKNOWN)
CONFIG = DecisionConfig(threshold=0.6, release=0.5, min_duration_s=0.2)


def decode(rows, *, config=CONFIG, classes=CLASSES, cuts=()):
    decoder = EventDecoder(classes, config, step_s=0.1)
    posteriors, state, events = np.array(rows, dtype=np.float64), decoder.initial_state(), []
    posteriors = posteriors.reshape(-1, len(classes))
    edges = [0, *sorted(cuts), len(posteriors)]
    for start, end in zip(edges, edges[1:], strict=False):
        more, state = decoder.forward(posteriors[start:end], state)
        events += more
    return events + decoder.finish(state)


def told(events):
    return [(e.kind, e.label, round(e.onset_s, 3), round(e.time_s, 3), e.score) for e in events]


BARK, CHIRP, QUIET = (0.9, 0.05, 0.05), (0.1, 0.8, 0.1), (0.1, 0.1, 0.8)
UNSURE = (0.4, 0.35, 0.25)  # below the threshold, above the release


def test_a_label_that_holds_starts_and_ends():
    assert told(decode([QUIET, BARK, BARK, BARK, QUIET])) == [
        ("start", "bark", 0.1, 0.3, 0.9),
        ("end", "bark", 0.1, 0.4, 0.9),
    ]


def test_what_is_shorter_than_the_shortest_is_not_told():
    assert decode([QUIET, BARK, QUIET, CHIRP, QUIET]) == []


def test_nothing_unsure_begins_an_event():
    assert decode([UNSURE] * 9) == []


def test_an_event_outlives_doubt_until_it_falls_below_the_release():
    weak = (0.29, 0.40, 0.31)
    assert told(decode([BARK, BARK, UNSURE, UNSURE, weak, weak])) == [
        ("start", "bark", 0.0, 0.2, 0.9),
        ("end", "bark", 0.0, 0.4, 0.9),
    ]


def test_another_label_takes_over_at_once():
    assert told(decode([BARK, BARK, CHIRP, CHIRP])) == [
        ("start", "bark", 0.0, 0.2, 0.9),
        ("end", "bark", 0.0, 0.2, 0.9),
        ("start", "chirp", 0.2, 0.4, 0.8),
        ("end", "chirp", 0.2, 0.4, 0.8),
    ]


def test_unknown_is_never_an_event_and_ends_one():
    assert decode([QUIET] * 9) == []
    barely = (0.35, 0.2, 0.45)  # the label is above its release, but unknown is likelier
    assert [e.kind for e in decode([BARK, BARK, barely, barely])] == ["start", "end"]
    assert told(decode([BARK, BARK, barely, barely]))[1][3] == 0.2


def test_a_class_is_only_silent_if_it_is_called_unknown():
    rows = [QUIET] * 3
    assert [e.label for e in decode(rows, classes=("bark", "chirp", "hum"))] == ["hum", "hum"]


def test_score_is_the_highest_so_far():
    louder = (0.97, 0.02, 0.01)
    scores = [e.score for e in decode([BARK, BARK, louder, BARK])]
    assert scores == [0.9, 0.97]


def test_what_is_still_heard_ends_with_the_stream():
    assert told(decode([BARK] * 3))[-1] == ("end", "bark", 0.0, 0.3, 0.9)
    assert decode([BARK]) == [] and decode([]) == []


rows = st.lists(st.sampled_from([BARK, CHIRP, QUIET, UNSURE, (0.6, 0.3, 0.1)]), max_size=25)


@settings(max_examples=60, deadline=None)
@given(rows=rows, cuts=st.lists(st.integers(0, 25), max_size=5))
def test_events_are_the_same_for_any_cut_and_come_in_pairs(rows, cuts):
    events = decode(rows)
    assert told(decode(rows, cuts=[min(cut, len(rows)) for cut in cuts])) == told(events)
    assert [e.kind for e in events] == ["start", "end"] * (len(events) // 2)
    assert all(e.label != UNKNOWN and e.onset_s <= e.time_s for e in events)
    times = [e.time_s for e in events]
    assert times == sorted(times)
    for start, end in zip(events[::2], events[1::2], strict=True):
        assert (start.label, start.onset_s) == (end.label, end.onset_s)
        assert end.time_s - end.onset_s >= CONFIG.min_duration_s - 1e-9


def running(log_probs, weights, *, decay=1.0, cuts=()):
    posterior = RunningPosterior(3, decay=decay)
    state, parts = posterior.initial_state(), []
    edges = [0, *sorted(cuts), len(weights)]
    for start, end in zip(edges, edges[1:], strict=False):
        part, state = posterior.forward(log_probs[start:end], weights[start:end], state)
        parts.append(part)
    return np.concatenate(parts), state


def drawn(frames=30, *, seed=0):
    rng = np.random.default_rng(seed)
    logits = 3 * rng.standard_normal((frames, 3))
    log_probs = np.log(softmax(logits)).astype(np.float32)
    return log_probs, rng.uniform(0.01, 1, frames).astype(np.float32)


def counted(weights, decay):
    """What each step counts: with forgetting, a tenth of the highest weight of late or more."""
    if decay == 1:
        return weights
    ages = np.arange(len(weights))[:, None] - np.arange(len(weights))
    peaks = np.where(ages >= 0, weights * decay ** (ages / 10), 0).max(axis=1)
    return np.maximum(weights, peaks / 10)


@pytest.mark.parametrize("decay", [1.0, 0.9])
def test_running_posterior_equals_its_equation(decay):
    log_probs, weights = drawn()
    probs, _ = running(log_probs, weights, decay=decay)
    for t in (0, 1, 29):
        share = counted(weights.astype(np.float64), decay)[: t + 1] * decay ** np.arange(t, -1, -1)
        mean = (share[:, None] * log_probs[: t + 1]).sum(axis=0) / share.sum()
        np.testing.assert_allclose(probs[t], softmax(mean), atol=1e-12)
    np.testing.assert_allclose(probs.sum(axis=1), 1)


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 30), max_size=6), decay=st.sampled_from([1.0, 0.8]))
def test_running_posterior_is_the_same_for_any_cut(cuts, decay):
    log_probs, weights = drawn()
    whole, final = running(log_probs, weights, decay=decay)
    cut, state = running(log_probs, weights, decay=decay, cuts=cuts)
    np.testing.assert_array_equal(cut, whole)
    np.testing.assert_array_equal(state.total, final.total)


def test_a_peak_is_forgotten_in_silence_that_weighs_next_to_nothing():
    decay = np.exp(-0.04 / 0.2)  # steps of 40 ms, a memory of 0.2 s
    word, silence = np.log([0.98, 0.01, 0.01]), np.log([0.3, 0.3, 0.4])
    log_probs = np.array([word] * 3 + [silence] * 25, dtype=np.float32)
    weights = np.array([0.9] * 3 + [1e-4] * 25, dtype=np.float32)
    probs, _ = running(log_probs, weights, decay=decay)
    assert probs[3, 0] > 0.95 and probs[-1, 0] < 0.35  # a second later
    whole, _ = running(log_probs, weights)
    assert whole[-1, 0] > 0.95  # as a clip, it still is that word


def test_accumulating_equals_running():
    log_probs, weights = drawn()
    posterior = RunningPosterior(3)
    state = posterior.accumulate(log_probs, weights, posterior.initial_state())
    _, truth = running(log_probs, weights)
    np.testing.assert_allclose(state.total, truth.total, rtol=1e-12)
    assert state.weight == pytest.approx(truth.weight)


def test_running_posterior_survives_hours_of_certainty():
    log_probs = np.tile(np.array([[0.0, -200.0, -200.0]], dtype=np.float32), (20_000, 1))
    weights = np.full(20_000, 1e-6, dtype=np.float32)
    for decay in (1.0, 0.5):
        probs, _ = running(log_probs, weights, decay=decay)
        np.testing.assert_allclose(probs[:, 0], 1)


def test_settings_out_of_range_are_named():
    for bad in (
        {"threshold": 1.5},
        {"memory_s": 0.0},
        {"release": 0.0},
        {"min_duration_s": -1.0},
        {"min_duration_s": float("nan")},
    ):
        with pytest.raises(ConfigError, match="threshold, memory_s, release"):
            DecisionConfig(**bad)
    for classes in (("one",), ("two", "two")):
        with pytest.raises(ConfigError, match="classes: expected at least two different names"):
            ModelConfig(classes=classes, front_end=FRONT_END)
