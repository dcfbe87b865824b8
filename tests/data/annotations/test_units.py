"""Seconds, milliseconds and samples: a wrong unit is noticed and never guessed."""

import pytest
from tests.data.annotations.songs import RATE, annotations_of, write_songs

from auricle.data.annotations import read_annotations, write_annotations
from auricle.errors import ConfigError, ManifestError


def labels_in_ms(folder):
    write_songs(folder, "a.wav")
    (folder / "a.txt").write_text("500\t1000\tx\n2250\t3500.5\ty\n", encoding="utf-8")
    return folder / "a.txt"


@pytest.mark.parametrize("strict", [True, False])
def test_milliseconds_by_mistake_are_noticed_and_refused(tmp_path, strict):
    match = r"in seconds, got 2250 to 3500.5 in a.wav, which is 4.000 s long \(line 2\).*--times ms"
    with pytest.raises(ManifestError, match=match):
        read_annotations(labels_in_ms(tmp_path), strict=strict)


def test_milliseconds_are_read_when_they_are_said(tmp_path):
    found = read_annotations(labels_in_ms(tmp_path), times="ms")
    assert [(e.onset_s, e.offset_s) for e in found.events] == [(0.5, 1.0), (2.25, 3.5005)]


def test_seconds_that_are_said_are_only_out_of_file(tmp_path):
    found = read_annotations(labels_in_ms(tmp_path), times="s", strict=False)
    assert [part.kind for part in found.problems] == ["out_of_file"] * 2


def test_times_that_fit_neither_unit_are_out_of_file(tmp_path):
    write_songs(tmp_path, "a.wav")
    (tmp_path / "a.txt").write_text("500\t9000\tx\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="expected events inside their recording"):
        read_annotations(tmp_path / "a.txt")


def test_milliseconds_cannot_be_said_of_a_format_that_fixes_its_unit(tmp_path):
    folder = write_songs(tmp_path, "a.wav")
    found = annotations_of(folder, {"a.wav": [(1.0, 2.0, "x")]})
    write_annotations(found, folder / "a.eaf", format="elan")
    with pytest.raises(
        ConfigError, match="times: expected 'auto' for a format that fixes its unit"
    ):
        read_annotations(folder / "a.eaf", times="ms")


SAMPLES = "Begin Time (s)\tEnd Time (s)\tBegin Sample (samples)\tAnnotation\n"


def test_a_raven_table_of_another_sample_rate_is_refused(tmp_path):
    write_songs(tmp_path, "a.wav")
    (tmp_path / "a.txt").write_text(f"{SAMPLES}1.5\t2.0\t66150\tx\n", encoding="utf-8")
    with pytest.raises(ManifestError, match=r"a table made on a.wav, which has 8000 Hz, "
                       r"got one of a recording at 44100 Hz \(line 2\)"):  # fmt: skip
        read_annotations(tmp_path / "a.txt")


def test_a_raven_table_of_its_own_sample_rate_is_read(tmp_path):
    write_songs(tmp_path, "a.wav")
    rows = f"{SAMPLES}1.5\t2.0\t{1.5 * RATE:.0f}\tx\n0.001\t0.5\t8\ty\n"
    (tmp_path / "a.txt").write_text(rows, encoding="utf-8")
    assert len(read_annotations(tmp_path / "a.txt").events) == 2


def test_a_raven_table_with_frequencies_of_a_higher_rate_is_refused(tmp_path):
    write_songs(tmp_path, "a.wav")
    head = "Begin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation\n"
    (tmp_path / "a.txt").write_text(f"{head}1\t2\t0\t22050\tx\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="expected frequencies below half"):
        read_annotations(tmp_path / "a.txt")


def test_samples_without_their_recording_are_refused(tmp_path):
    xml = (
        "<Sequences><Sequence><WaveFileName>0.wav</WaveFileName><Position>0</Position><Note>"
        "<Position>8</Position><Length>8</Length><Label>a</Label></Note></Sequence></Sequences>"
    )
    (tmp_path / "notes.xml").write_text(xml, encoding="utf-8")
    with pytest.raises(ManifestError, match=r"its times are samples .*got no 0.wav \(line 1, col"):
        read_annotations(tmp_path / "notes.xml", strict=False)
