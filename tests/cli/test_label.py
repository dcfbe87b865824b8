"""``auricle label``: stopped in any way, it neither loses a recording nor labels it twice."""

import json
import os
import signal
import time

import pytest
from tests.cli.conftest import start, wait
from tests.tiny_detector import tiny_detector, write_recordings

from auricle.archive import LabelProgress
from auricle.cli.label import hours, progress_line, teller

NUMBER = 12


@pytest.fixture(scope="module")
def detector_file(tmp_path_factory):
    return tiny_detector().save(tmp_path_factory.mktemp("model") / "d.auricle")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    write_recordings(folder, number=NUMBER, seconds=12.0)
    return folder


def _lines(output):
    journal = output / "auricle-labels.jsonl"
    if not journal.exists():
        return []
    return [json.loads(line)["output"] for line in journal.read_bytes().splitlines()]


def _begin_and_stop(model, recordings, output, sign):
    """Label in a process of its own, and send it the signal when three recordings are done."""
    process = start("label", model, recordings, "-o", output)
    deadline = time.monotonic() + 100
    while len(_lines(output)) < 3:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.001)
    process.send_signal(sign)
    return wait(process)


def _tables(output):
    return {path.name: path.read_bytes() for path in output.glob("*.txt")}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_a_job_that_was_killed_goes_on_where_it_stopped(
    auricle, detector_file, recordings, tmp_path
):
    output = tmp_path / "out"
    stopped = _begin_and_stop(detector_file, recordings, output, signal.SIGKILL)
    done = _lines(output)
    times = {p.name: p.stat().st_mtime_ns for p in output.glob("*.txt")}
    assert stopped.status == -signal.SIGKILL and 3 <= len(done) < NUMBER
    again = auricle("label", detector_file, recordings, "-o", output)
    assert again.status == 0 and f"{len(times)} recordings had been labelled" in again.out
    assert len(set(_lines(output))) == NUMBER and len(_lines(output)) <= NUMBER + 1
    assert all((output / name).stat().st_mtime_ns == at for name, at in times.items())
    assert auricle("label", detector_file, recordings, "-o", tmp_path / "whole").status == 0
    assert _tables(output) == _tables(tmp_path / "whole")
    assert not (output / ".auricle-parts").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to a whole console")
def test_ctrl_c_is_one_line(detector_file, recordings, tmp_path):
    stopped = _begin_and_stop(detector_file, recordings, tmp_path / "out", signal.SIGINT)
    assert stopped.status == 130 and "the same command goes on" in stopped.message
    assert not (tmp_path / "out" / ".auricle-parts").exists()


def test_a_bad_recording_is_told_at_the_end_too(auricle, detector_file, tmp_path):
    write_recordings(tmp_path / "in", number=2)
    (tmp_path / "in" / "bad.wav").write_bytes(b"no sound")
    done = auricle("label", detector_file, tmp_path / "in", "-o", tmp_path / "out", "--to", "csv")
    assert done.status == 1 and "bad.wav" in done.err and "in 2 recordings" in done.out
    assert "1 of 3 recordings were not labelled; the others are done." in done.err


def test_a_classifier_cannot_label(auricle, model, recordings, tmp_path):
    done = auricle("label", model, recordings, "-o", tmp_path / "out")
    assert done.status == 1 and "auricle train FOLDER --annotations" in done.message


def test_jobs_below_one_are_refused(auricle, detector_file, recordings):
    done = auricle("label", detector_file, recordings, "--jobs", "0")
    assert done.status == 1 and "jobs: expected >= 1, got 0" in done.message


def test_progress_says_the_time_left(monkeypatch):
    now = time.monotonic()
    progress = LabelProgress(files=4, seconds=7200.0, done=1, heard_s=1800.0, started=now - 30)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert progress_line(progress) == (
        "1 of 4 recordings, 30:00 of 2:00:00 heard, 60 x real time, 1:30 left"
    )


def test_progress_is_one_line_that_is_written_over_on_a_terminal(capsys):
    class Terminal:
        def __init__(self):
            self.text = ""

        def write(self, text):
            self.text += text
            return len(text)

        def flush(self):
            pass

        def isatty(self):
            return True

    out = Terminal()
    teller(out)(LabelProgress(files=1, seconds=10.0, done=1, heard_s=10.0))
    assert out.text.startswith("\r\x1b[K1 of 1 recordings") and out.text.endswith("left\n")


def test_hours_are_written_as_a_clock():
    assert [hours(s) for s in (0.4, 61.0, 3600.0, 360000.5)] == [
        "0:00",
        "1:01",
        "1:00:00",
        "100:00:00",
    ]
