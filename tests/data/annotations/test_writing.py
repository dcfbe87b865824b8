"""Files are written whole, to places of their own."""

import errno
import os

import pytest
from tests.data.annotations.songs import annotations_of, event, write_songs

from auricle.data.annotations import write_annotations
from auricle.data.annotations.textgrid import textgrid_text
from auricle.errors import ManifestError, OutputError

TWO = {"a.wav": [(1.0, 2.0, "x")], "deep/b.wav": [(1.0, 2.0, "y")]}


def test_a_folder_has_a_file_for_each_recording_as_they_lie(tmp_path):
    folder = write_songs(tmp_path, *TWO)
    files = write_annotations(annotations_of(folder, TWO), tmp_path / "out", format="textgrid")
    assert [file.relative_to(tmp_path / "out").as_posix() for file in files] == [
        "a.TextGrid",
        "deep/b.TextGrid",
    ]


def test_one_file_for_several_recordings_is_refused(tmp_path):
    with pytest.raises(OutputError, match="expected a folder, since raven has a file for each"):
        write_annotations(annotations_of(tmp_path, TWO), tmp_path / "all.txt", format="raven")


def test_two_recordings_that_would_share_a_file_are_refused(tmp_path):
    found = annotations_of(tmp_path, {"a.wav": [(1.0, 2.0, "x")], "a.flac": [(1.0, 2.0, "x")]})
    with pytest.raises(OutputError, match="a.txt: expected a file for each recording, got two"):
        write_annotations(found, tmp_path / "out", format="audacity")
    assert not (tmp_path / "out").exists()


def test_the_input_is_never_overwritten(tmp_path):
    source = tmp_path / "a.txt"
    source.write_text("1\t2\tx\n", encoding="utf-8")
    found = annotations_of(tmp_path, {"a.wav": [(1.0, 2.0, "x")]})
    with pytest.raises(OutputError, match="expected an output beside the input"):
        write_annotations(found, source, format="raven", keep=[source])
    assert source.read_text(encoding="utf-8") == "1\t2\tx\n"


@pytest.mark.parametrize("format", ["audacity", "raven", "dcase"])
def test_a_label_with_a_tab_is_refused_before_anything_is_written(tmp_path, format):
    found = annotations_of(tmp_path, {"a.wav": [(1.0, 2.0, "x")], "b.wav": [(1.0, 2.0, "x\ty")]})
    with pytest.raises(ManifestError, match="labels without tabs and line ends"):
        write_annotations(found, tmp_path / "out", format=format)
    assert not (tmp_path / "out").exists()


def test_a_full_disk_half_way_keeps_what_was_done_and_leaves_no_half_file(tmp_path, monkeypatch):
    found = annotations_of(tmp_path, TWO)
    flush = os.fsync

    def full(handle):
        if (tmp_path / "out" / "a.txt").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        flush(handle)

    monkeypatch.setattr("os.fsync", full)
    monkeypatch.setattr("auricle.io.atomic._flush_folder", lambda folder: None)
    with pytest.raises(OutputError, match="deep/b.txt: expected to write the file, got 'No space"):
        write_annotations(found, tmp_path / "out", format="audacity")
    left = [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert left == ["a.txt"]
    assert (tmp_path / "out" / "a.txt").read_text(encoding="utf-8") == "1.0\t2.0\tx\n"


def test_the_birdsong_xml_needs_the_recordings_rate(tmp_path):
    found = annotations_of(tmp_path, {"gone.wav": [(1.0, 2.0, "x")]})
    with pytest.raises(ManifestError, match="since this format counts samples, got no .*gone.wav"):
        write_annotations(found, tmp_path / "all.xml", format="koumura")


@pytest.mark.parametrize(
    ("onset_s", "offset_s", "label"),
    [(-1.0, 2.0, "x"), (2.0, 1.0, "x"), (float("nan"), 2.0, "x"), (1.0, float("inf"), "x"),
     (1.0, 2.0, "")],
)  # fmt: skip
def test_an_event_that_no_format_could_hold_is_refused(tmp_path, onset_s, offset_s, label):
    with pytest.raises(ManifestError, match="expected a label and 0 <= onset <= offset"):
        event(tmp_path / "a.wav", onset_s, offset_s, label)


def test_a_grid_of_points_alone_has_no_tier_of_intervals(tmp_path):
    found = annotations_of(tmp_path, {"a.wav": [(1.0, 1.0, "x")]})
    text = textgrid_text(found.recordings[0])
    assert 'class = "TextTier"' in text and "IntervalTier" not in text
