import numpy as np
import pytest

from auricle.data.annotations import AnnotatedEvent
from auricle.evaluation.event_track import EventTrack
from auricle.training.detection.store import FrameStore
from auricle.training.detection.windows import Annotated, WindowSampler


def annotated(tmp_path, *, length=400, events=((1.0, 1.2, "a"), (3.0, 3.1, "b"))):
    """A recording whose frame n holds n in every filter, and 1000 where it is silent."""
    frames = np.repeat(np.arange(length, dtype=np.float32)[:, None], 3, axis=1)
    store = FrameStore([frames], silence=np.full(3, 1000, dtype=np.float32))
    listed = [AnnotatedEvent(path=tmp_path, onset_s=a, offset_s=b, label=c) for a, b, c in events]
    return Annotated(frames=store, events=EventTrack(listed, ("a", "b"), hop_s=0.01))


def sampler(recordings, **settings):
    chosen = dict(size=40, lookahead=8, single=True, balance="events", gain_db=0.0) | settings
    return WindowSampler(recordings, **chosen)


def test_targets_are_of_the_frames_that_they_stand_beside(tmp_path):
    one = annotated(tmp_path)
    windows = sampler([one]).draw(64, np.random.default_rng(0))
    assert windows.frames.shape == (64, 48, 3) and windows.targets.shape == (64, 40)
    for frames, targets in zip(windows.frames.numpy(), windows.targets.numpy(), strict=True):
        inside = frames[:40, 0] < 1000
        at = frames[:40, 0][inside].astype(int)
        np.testing.assert_array_equal(targets[inside], one.events.single(0, 400)[at])
        assert (targets[~inside] == 2).all()


def share_with(windows, label):
    return float((windows.targets.numpy() == label).any(axis=1).mean())


def test_every_second_window_holds_an_event_by_default(tmp_path):
    one = annotated(tmp_path, length=40_000, events=((7.0, 7.1, "a"),))
    rng = np.random.default_rng(0)
    assert share_with(sampler([one]).draw(200, rng), 0) == pytest.approx(0.5, abs=0.1)
    assert share_with(sampler([one], balance="time").draw(200, rng), 0) < 0.05


def test_rare_classes_are_drawn_as_often_as_others_on_request(tmp_path):
    events = [(float(at), at + 0.1, "a") for at in range(1, 300, 3)] + [(350.0, 350.1, "b")]
    one = annotated(tmp_path, length=40_000, events=events)
    rng = np.random.default_rng(0)
    assert share_with(sampler([one], balance="classes").draw(300, rng), 1) > 0.2
    assert share_with(sampler([one]).draw(300, rng), 1) < 0.05


def test_levels_vary_by_the_gain(tmp_path):
    frames = sampler([annotated(tmp_path)], gain_db=3.0).draw(300, np.random.default_rng(0)).frames
    shifts = (frames[:, 0, 0] - frames[:, 0, 0].round()).numpy()
    assert np.abs(shifts).max() > 0.1
    assert (frames[:, 1:, 0] - frames[:, :-1, 0]).abs().median() == pytest.approx(1, abs=1e-3)


def test_recordings_without_events_are_learnt_from_too(tmp_path):
    windows = sampler([annotated(tmp_path, events=())]).draw(4, np.random.default_rng(0))
    assert (windows.targets == 2).all()
