import errno
import json
import os
import time

import pytest
import soundfile
from tests.tiny import RATE, sound
from tests.tiny_detector import tiny_detector, write_recordings

from auricle.archive import find_places, label_recordings
from auricle.archive.labels import work
from auricle.archive.labels.journal import NAME
from auricle.archive.lock import hold
from auricle.data.annotations import read_annotations
from auricle.errors import ModelFileError, OutputError


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny_detector().save(tmp_path_factory.mktemp("model") / "d.auricle")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    write_recordings(folder)
    return folder


@pytest.fixture(scope="module", params=["single", "multi"])
def heard(request, recordings, tmp_path_factory):
    """A detector of either kind in its file, and what it hears in each recording."""
    detector = tiny_detector(labels=request.param)
    model = detector.save(tmp_path_factory.mktemp("heard") / "d.auricle")
    return model, {p: detector.detect_file(p).events for p in sorted(recordings.glob("*.flac"))}


def label(model, folder, output, *, format="csv", **options):
    places = find_places([folder], output, format=format)
    return label_recordings(model, places, output, format=format, **options)


def contents(output):
    return {p.name: p.read_bytes() for p in output.iterdir() if not p.name.startswith((".", NAME))}


def rows(events):
    return [(round(e.onset_s, 6), round(e.offset_s, 6), e.label) for e in events]


@pytest.mark.parametrize("format", ["raven", "audacity", "textgrid", "elan", "dcase", "csv"])
def test_labels_of_every_format_are_read_back_as_what_the_detector_heard(
    tmp_path, recordings, heard, format
):
    model, events = heard
    summary = label(model, recordings, tmp_path / "out", format=format)
    found = read_annotations(tmp_path / "out", recordings=recordings, format=format, strict=False)
    assert summary.labelled == len(found) == 3 and summary.events == len(found.events) > 10
    tolerance_s = 2e-3 if format == "elan" else 2e-6
    for part in found.recordings:
        told = events[part.path]
        assert len(part.events) == len(told)
        for mine, theirs in zip(by_label(part.events), by_label(told), strict=True):
            assert mine.label == theirs.label
            assert mine.onset_s == pytest.approx(theirs.onset_s, abs=tolerance_s)
            assert mine.offset_s == pytest.approx(theirs.offset_s, abs=tolerance_s)


def by_label(events):
    return sorted(events, key=lambda e: (e.label, e.onset_s))


def test_scores_are_written_where_the_format_holds_them(tmp_path, model, recordings):
    label(model, recordings, tmp_path / "out", format="raven")
    found = read_annotations(tmp_path / "out", recordings=recordings, strict=False)
    heard = tiny_detector().detect_file(found.recordings[0].path).events
    assert [e.score for e in found.recordings[0].events] == pytest.approx(
        [e.score for e in heard], abs=6e-5
    )


def test_many_events_are_written_in_parts_that_join(tmp_path, model, recordings, monkeypatch):
    monkeypatch.setattr("auricle.archive.labels.tables._EVENTS_AT_ONCE", 3)
    label(model, recordings, tmp_path / "parts", format="raven")
    monkeypatch.undo()
    label(model, recordings, tmp_path / "whole", format="raven")
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")


def test_bad_recordings_are_told_and_the_others_are_done(tmp_path, model):
    write_recordings(tmp_path / "in", number=2)
    (tmp_path / "in" / "bad.wav").write_bytes(b"no sound")
    told = []
    summary = label(model, tmp_path / "in", tmp_path / "out", on_error=told.append)
    assert summary.labelled == 2 and summary.failed == told and "bad.wav" in told[0]
    assert sorted(contents(tmp_path / "out")) == ["r0.csv", "r1.csv"]


def test_what_is_done_is_not_done_again(tmp_path, model, recordings):
    first = label(model, recordings, tmp_path / "out")
    written = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").glob("*.csv")}
    (tmp_path / "out" / "r1.csv").unlink()
    again = label(model, recordings, tmp_path / "out")
    assert (first.labelled, again.before, again.labelled) == (3, 2, 1)
    kept = {p: at for p, at in written.items() if p.stem != "r1"}
    assert all(p.stat().st_mtime_ns == at for p, at in kept.items())


def test_another_model_does_not_count_as_done(tmp_path, model, recordings):
    label(model, recordings, tmp_path / "out")
    before = contents(tmp_path / "out")
    other = tiny_detector(seed=2).save(tmp_path / "other.auricle")
    summary = label(other, recordings, tmp_path / "out")
    assert summary.labelled == 3 and contents(tmp_path / "out") != before


def test_a_recording_that_was_changed_is_labelled_again(tmp_path, model):
    paths = write_recordings(tmp_path / "in")
    label(model, tmp_path / "in", tmp_path / "out")
    soundfile.write(paths[1], sound(3.0, seed=9), RATE)
    assert label(model, tmp_path / "in", tmp_path / "out").labelled == 1


def test_labels_that_were_edited_are_left_alone(tmp_path, model, recordings):
    label(model, recordings, tmp_path / "out")
    edited = tmp_path / "out" / "r0.csv"
    edited.write_text("mended by hand")
    summary = label(model, recordings, tmp_path / "out")
    assert (summary.before, summary.edited, summary.failed) == (3, 1, [])
    other = tiny_detector(seed=2).save(tmp_path / "other.auricle")
    summary = label(other, recordings, tmp_path / "out")
    assert summary.labelled == 2 and "left alone" in summary.failed[0]
    assert edited.read_text() == "mended by hand"
    assert label(other, recordings, tmp_path / "out", overwrite=True).labelled == 1
    assert edited.read_text() != "mended by hand"


def test_a_file_that_is_not_ours_is_left_alone(tmp_path, model, recordings):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "r2.csv").write_text("somebody's")
    summary = label(model, recordings, tmp_path / "out")
    assert summary.labelled == 2 and len(summary.failed) == 1
    assert (tmp_path / "out" / "r2.csv").read_text() == "somebody's"


def test_a_journal_torn_in_the_middle_of_a_line_loses_that_line_only(tmp_path, model, recordings):
    label(model, recordings, tmp_path / "out")
    journal = tmp_path / "out" / NAME
    lines = journal.read_bytes().splitlines(keepends=True)
    torn = json.loads(lines[2])["output"]
    journal.write_bytes(b"".join(lines[:2]) + lines[2][:40])
    (tmp_path / "out" / torn).unlink()
    assert label(model, recordings, tmp_path / "out").labelled == 1
    assert label(model, recordings, tmp_path / "out").before == 3


def test_killed_between_journal_and_file_the_old_labels_do_not_count_as_new(
    tmp_path, model, recordings, monkeypatch
):
    label(model, recordings, tmp_path / "out")
    other = tiny_detector(seed=2).save(tmp_path / "other.auricle")
    monkeypatch.setattr(os, "replace", _killed)
    with pytest.raises(KeyboardInterrupt):
        label(other, recordings, tmp_path / "out")
    monkeypatch.undo()
    assert label(other, recordings, tmp_path / "out").labelled == 3


def _killed(*_):
    raise KeyboardInterrupt


def test_a_full_disk_is_one_message_and_what_is_done_is_kept(
    tmp_path, model, recordings, monkeypatch
):
    write, calls = work.write_events, []

    def full(events, path, **options):
        calls.append(path)
        if len(calls) == 2:
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(events, path, **options)

    monkeypatch.setattr(work, "write_events", full)
    with pytest.raises(OutputError, match="No space left on device.*what is done is kept"):
        label(model, recordings, tmp_path / "out")
    monkeypatch.undo()
    assert len(contents(tmp_path / "out")) == 1
    assert label(model, recordings, tmp_path / "out").labelled == 2


def test_several_processes_write_what_one_does(tmp_path, model, recordings):
    label(model, recordings, tmp_path / "one", format="raven", jobs=1)
    label(model, recordings, tmp_path / "two", format="raven", jobs=2)
    assert contents(tmp_path / "two") == contents(tmp_path / "one")


def test_a_process_that_dies_takes_its_recording_only(tmp_path, model, recordings, monkeypatch):
    listen, killed = work._Crew._listen, []

    def kill_first(crew, connection):
        if not killed:
            killed.append(crew.at_work[connection].place.recording.name)
            crew.workers[connection].kill()
            crew.workers[connection].join()
            while connection.poll():
                try:
                    connection.recv()
                except (EOFError, OSError):
                    break
        return listen(crew, connection)

    monkeypatch.setattr(work._Crew, "_listen", kill_first)
    summary = label(model, recordings, tmp_path / "out", jobs=2)
    assert summary.labelled == 2 and len(summary.failed) == 1 and killed[0] in summary.failed[0]


def test_two_jobs_do_not_share_a_folder(tmp_path, model, recordings):
    parts = tmp_path / "out" / ".auricle-parts"
    parts.mkdir(parents=True)
    with hold(parts):
        with pytest.raises(OutputError, match="another that is writing there now"):
            label(model, recordings, tmp_path / "out")


def test_progress_ends_with_everything_heard(tmp_path, model, recordings):
    seen = []
    label(
        model,
        recordings,
        tmp_path / "out",
        on_progress=lambda p: seen.append((p.done, p.files, p.heard_s, p.seconds, p.left_s)),
    )
    assert seen[-1][:2] == (3, 3) and seen[-1][2] == pytest.approx(12.0) == seen[-1][3]
    assert [one[2] for one in seen] == sorted(one[2] for one in seen) and seen[-1][4] == 0


def test_another_rate_is_resampled_and_counted(tmp_path, model):
    write_recordings(tmp_path / "in", number=2, rate=2 * RATE)
    summary = label(model, tmp_path / "in", tmp_path / "out")
    assert summary.resampled == 2 and summary.seconds == pytest.approx(8.0)


def test_a_classifier_is_refused(tmp_path, recordings):
    from tests.tiny import tiny_model

    from auricle.models import save_model

    model = save_model(tiny_model(), tmp_path / "c.auricle")
    with pytest.raises(ModelFileError, match="expected a detector"):
        label(model, recordings, tmp_path / "out")


def test_labels_of_a_long_recording_are_those_of_the_file_in_one_piece(tmp_path, model):
    [path] = write_recordings(tmp_path / "in", number=1, seconds=40.0)
    started = time.monotonic()
    label(model, tmp_path / "in", tmp_path / "out")
    found = read_annotations(tmp_path / "out", recordings=tmp_path / "in", strict=False)
    stream = tiny_detector().stream()
    waveform, _ = soundfile.read(path, dtype="float32")
    heard = sorted([*stream.push(waveform), *stream.finish()], key=lambda e: (e.onset_s, e.label))
    assert rows(found.events) == rows(heard) and time.monotonic() - started < 60
