import numpy as np
import pytest
from tests.tiny_detector import tiny_detector, write_recordings

from auricle.data.annotations import AnnotatedEvent, AnnotatedRecording
from auricle.evaluation import detection_measures
from auricle.evaluation.detection import timed_events, true_events
from auricle.evaluation.detection_measures import measure_detector
from auricle.evaluation.worst_moments import GRID_S, Span, cover, worst_moments, wrong_by_class
from auricle.metrics import SED_EVAL, count_events


def annotated(path, events):
    return AnnotatedRecording(
        path=path,
        events=tuple(
            AnnotatedEvent(path=path, onset_s=a, offset_s=b, label=label) for a, b, label in events
        ),
    )


@pytest.fixture(autouse=True)
def few_thresholds(monkeypatch):
    """Fifty take long where every call is checked; one test has them all."""
    monkeypatch.setattr(detection_measures, "_THRESHOLDS", (0.1, 0.5, 0.9))


class Heard:
    """A detector that remembers what it heard in each file, for tests that only need to know."""

    def __init__(self, detector):
        self.detector, self.events = detector, {}

    def __getitem__(self, path):
        if path not in self.events:
            self.events[path] = self.detector.detect_file(path).events
        return self.events[path]


@pytest.fixture(scope="module")
def heard(detector):
    return Heard(detector)


def as_truth(heard, path, *, leave_out=0, late_s=0.0):
    """What the detector hears, as an annotation: but for the first events, and moved."""
    events = heard[path][leave_out:]
    return annotated(path, [(e.onset_s + late_s, e.offset_s + late_s, e.label) for e in events])


@pytest.fixture(scope="module", params=["single", "multi"])
def detector(request):
    return tiny_detector(labels=request.param)


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return write_recordings(tmp_path_factory.mktemp("recordings"), number=3)


def figures(measures):
    return {one.key: one.value for one in measures.measures}


def test_a_detector_that_is_its_own_truth_is_perfect(detector, heard, paths):
    measures, errors = measure_detector(detector, [as_truth(heard, p) for p in paths])
    found = figures(measures)
    assert errors == () and measures.recordings == 3 and measures.seconds == pytest.approx(12.0)
    for key in ("event_f1", "event_precision", "event_recall", "onset_f1", "segment_f1"):
        assert found[key] == 1.0, key
    if detector.head.labels == "single":
        assert found["frame_error"] == found["segment_error_rate"] == 0.0
        assert found["frame_error_raw"] > 0
    else:
        assert "frame_error" not in found
    assert all(one.f1 == 1.0 for one in measures.per_class if one.num_true)


def test_event_measures_are_those_of_the_metrics(detector, heard, paths):
    recordings = [as_truth(heard, p, leave_out=2) for p in paths]
    measures, _ = measure_detector(detector, recordings)
    answers = [timed_events(heard[p]) for p in paths]
    counts = count_events(
        [true_events(one) for one in recordings],
        answers,
        collars=SED_EVAL,
        labels=detector.classes,
    )
    assert figures(measures)["event_f1"] == counts.micro().f1 < 1
    assert figures(measures)["event_precision"] == counts.micro().precision
    interval = next(one.interval for one in measures.measures if one.key == "event_f1")
    assert interval == counts.interval("f1") and interval[0] < counts.micro().f1 < interval[1]
    assert {one.name: one.f1 for one in measures.per_class} == {
        name: score.f1 for name, score in counts.per_class().items()
    }


def test_the_collar_decides_what_is_found(detector, heard, paths):
    late = [as_truth(heard, p, late_s=0.03) for p in paths]
    wide, _ = measure_detector(detector, late, collar_s=0.05)
    narrow, _ = measure_detector(detector, late, collar_s=0.01)
    assert figures(wide)["event_f1"] == 1.0 and figures(narrow)["onset_f1"] < 0.5


def test_psds_at_the_detectors_own_threshold_bounds_are_in_range_and_grow_with_truth(
    detector, heard, paths, monkeypatch
):
    monkeypatch.undo()  # of the few thresholds
    right, _ = measure_detector(detector, [as_truth(heard, p) for p in paths])
    wrong, _ = measure_detector(detector, [annotated(paths[0], [(1.0, 1.02, detector.classes[0])])])
    assert 0 <= figures(wrong)["psds1"] <= 0.2 < figures(right)["psds1"] <= 1


def test_psds_is_left_out_where_it_is_not_defined(detector, paths):
    name = detector.classes[0]
    overlapping = annotated(paths[0], [(0.5, 1.0, name), (0.8, 1.5, name)])
    assert "psds1" not in figures(measure_detector(detector, [overlapping])[0])


def test_a_label_that_the_detector_does_not_know_is_missed(detector, paths):
    measures, _ = measure_detector(detector, [annotated(paths[0], [(0.5, 1.0, "stranger")])])
    last = measures.per_class[-1]
    assert (last.name, last.num_true, last.num_found, last.recall) == ("stranger", 1, 0, 0.0)
    assert last.f1_interval is None


def test_a_bad_recording_is_told_and_the_others_are_measured(detector, heard, paths, tmp_path):
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    recordings = [annotated(bad, []), as_truth(heard, paths[0])]
    measures, errors = measure_detector(detector, recordings)
    assert measures.recordings == 1 and len(errors) == 1 and "bad.wav" in str(errors[0])


def test_nothing_to_measure_gives_no_figure_that_looks_like_one(detector):
    measures, _ = measure_detector(detector, [])
    assert measures.recordings == 0 and "psds1" not in figures(measures)


def test_cover_counts_parts_of_bins():
    covered = cover([Span(0.01, 0.07, "a"), Span(0.05, 0.06, "a")], 5)
    assert covered == pytest.approx([0.5, 1.0, 1.0, 0.5, 0.0])


def test_worst_moments_are_where_the_truth_differs(detector, heard, paths):
    events = heard[paths[0]]
    longest = max(events, key=lambda e: e.offset_s - e.onset_s)
    others = [(e.onset_s, e.offset_s, e.label) for e in events if e is not longest]
    measures, _ = measure_detector(
        detector, [annotated(paths[0], others), as_truth(heard, paths[1])]
    )
    [moment] = worst_moments(measures.scores, window_s=1.0)
    assert moment.score.recording.path == paths[0]
    assert moment.start_s <= longest.onset_s + GRID_S and moment.false == (longest.label,)
    assert moment.missed == ()
    length_s = min(longest.offset_s - longest.onset_s, 1.0)
    assert moment.wrong_s == pytest.approx(length_s, abs=GRID_S)


def test_time_wrong_is_exact_and_signed(detector, heard, paths):
    truth = annotated(paths[0], [(0.5, 1.0, "stranger")])
    measures, _ = measure_detector(detector, [truth])
    wrong = wrong_by_class(measures.scores[0])
    assert wrong["stranger"].sum() * GRID_S == pytest.approx(0.5)
    for name in detector.classes:
        length_s = sum(e.offset_s - e.onset_s for e in heard[paths[0]] if e.label == name)
        if name in wrong:
            assert -wrong[name].sum() * GRID_S == pytest.approx(length_s)
            assert np.all(wrong[name] <= 0)
