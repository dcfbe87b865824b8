import json
import re

import pytest
from tests.tiny_detector import tiny_detector, write_recordings

from auricle.data.clip import file_fingerprint
from auricle.evaluation import detection_measures


@pytest.fixture(autouse=True)
def few_thresholds(monkeypatch):
    """Fifty take long where every call is checked."""
    monkeypatch.setattr(detection_measures, "_THRESHOLDS", (0.1, 0.5, 0.9))


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """A detector's file, and recordings whose annotation is what it hears, less one event each."""
    folder = tmp_path_factory.mktemp("songs")
    detector, paths = tiny_detector(), write_recordings(folder / "in")
    model = detector.save(folder / "d.auricle")
    rows = ["path,onset_s,offset_s,label"]
    for path in paths:
        rows += [
            f"{path.name},{e.onset_s:.6f},{e.offset_s:.6f},{e.label}"
            for e in detector.detect_file(path).events[1:]
        ]
    events = folder / "events.csv"
    events.write_text("\n".join(rows) + "\n")
    return model, folder / "in", events


def test_a_detector_is_measured_on_its_annotation(auricle, songs):
    model, folder, events = songs
    done = auricle("evaluate", model, folder, "--annotations", events)
    assert done.status == 0 and "Event F1" in done.out and "Segment error rate" in done.out
    assert "none of which the model was trained on" in done.err


def test_json_holds_every_figure(auricle, songs):
    model, folder, events = songs
    done = auricle("evaluate", model, folder, "--annotations", events, "--json")
    results = json.loads(done.out)["results"]
    assert results["event_recall"] == 1.0 and 0.5 < results["event_precision"] < 1.0
    low, high = results["event_f1_interval"]
    assert low <= results["event_f1"] <= high and results["recordings"] == 3


def test_the_page_shows_timelines_moments_and_sound(auricle, songs, tmp_path):
    model, folder, events = songs
    page = tmp_path / "page.html"
    auricle("evaluate", model, folder, "--annotations", events, "--report", page)
    text = page.read_text(encoding="utf-8")
    for part in ("measures", "classes", "recordings", "timelines", "moments"):
        assert f'<section id="{part}">' in text
    assert text.count("<audio") >= 3 and "data:audio/wav;base64," in text
    assert text.count('class="event ') > 20 and text.count('class="differs"') >= 3
    assert not re.search(r"""(src|href)=["'](?!data:)""", text) and "<script" not in text


def test_recordings_that_were_trained_on_are_left_out_unless_asked_for(auricle, songs, tmp_path):
    _, folder, events = songs
    detector = tiny_detector()
    heard = [file_fingerprint(folder / name)[:12] for name in ("r0.flac", "r1.flac")]
    detector.card = {"data": {"heard": heard}}
    model = detector.save(tmp_path / "m.auricle")
    done = auricle("evaluate", model, folder, "--annotations", events, "--json")
    assert json.loads(done.out)["results"]["recordings"] == 1 and "2 of 3" in done.err
    words = ("--annotations", events, "--json", "--include-trained")
    done = auricle("evaluate", model, folder, *words)
    assert json.loads(done.out)["results"]["recordings"] == 3


def test_a_detector_without_annotations_is_refused_with_the_remedy(auricle, songs):
    model, folder, _ = songs
    done = auricle("evaluate", model, folder)
    assert done.status == 1 and "--annotations songs.csv" in done.message


def test_a_classifier_with_annotations_is_refused(auricle, model, songs):
    _, folder, events = songs
    done = auricle("evaluate", model, folder, "--annotations", events)
    assert done.status == 1 and "a detector of events" in done.message


def test_labels_that_the_detector_does_not_know_at_all_are_refused(auricle, songs, tmp_path):
    model, folder, _ = songs
    events = tmp_path / "e.csv"
    events.write_text("path,onset_s,offset_s,label\nr0.flac,0.5,1.0,stranger\n")
    done = auricle("evaluate", model, folder, "--annotations", events)
    assert done.status == 1 and "some of the model's" in done.message
