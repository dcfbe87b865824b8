"""`auricle convert`: from any format to any, with one clear message for what is odd or bad."""

import pytest
from tests.data.annotations.songs import write_songs


@pytest.fixture
def song(tmp_path):
    write_songs(tmp_path, "a.wav")
    (tmp_path / "a.txt").write_text("0.5\t1.0\tx\n\\\t200\t900\n0.9\t2.0\ty\n", encoding="utf-8")
    return tmp_path / "a.txt"


@pytest.mark.parametrize(
    ("format", "name"),
    [("raven", "a.sel.txt"), ("textgrid", "a.TextGrid"), ("elan", "a.eaf"), ("dcase", "a.tsv"),
     ("csv", "a.csv"), ("koumura", "a.xml"), ("audacity", "b.txt")],
)  # fmt: skip
def test_convert_there_and_back_keeps_the_events(auricle, song, tmp_path, format, name):
    there = auricle("convert", song, "--to", format, "-o", tmp_path / name)
    assert there.status == 0 and "2 events of 1 recording" in there.out
    back = auricle("convert", tmp_path / name, "--to", "audacity", "-o", tmp_path / "back.txt",
                   "--from", format, "--recordings", tmp_path / "a.wav")  # fmt: skip
    assert back.status == 0
    text = (tmp_path / "back.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in text if line[0] != "\\"] == ["0.5\t1.0\tx", "0.9\t2.0\ty"]
    assert any(line[0] == "\\" for line in text) is (format in {"raven", "csv", "audacity"})


def test_convert_says_what_is_odd_with_file_and_line_and_what_is_lost(auricle, song, tmp_path):
    done = auricle("convert", song, "--to", "dcase", "-o", tmp_path / "a.tsv")
    assert "overlapping: 1" in done.err and f"{song}, line 3: 'y' 0.900-2.000 s" in done.err
    assert "Nothing of this was changed." in done.err
    assert done.err.count("dcase cannot hold frequency bounds: they are left out.") == 1


def test_convert_works_without_the_recordings_and_says_so(auricle, song, tmp_path):
    (tmp_path / "a.wav").unlink()
    done = auricle("convert", song, "--to", "csv", "-o", tmp_path / "a.csv")
    assert done.status == 0 and "annotation of a recording that is not there: 1" in done.err
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()[1].startswith("a.wav,0.5")


def test_convert_refuses_milliseconds_until_they_are_said(auricle, song, tmp_path):
    song.write_text("500\t1000\tx\n", encoding="utf-8")
    done = auricle("convert", song, "--to", "csv", "-o", tmp_path / "a.csv")
    assert done.status == 1 and "They look like milliseconds" in done.message
    assert not (tmp_path / "a.csv").exists()
    done = auricle("convert", song, "--to", "csv", "-o", tmp_path / "a.csv", "--times", "ms")
    assert done.status == 0
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()[1] == "a.wav,0.5,1.0,x"


def test_convert_refuses_to_overwrite_what_it_reads(auricle, song, tmp_path):
    before = song.read_bytes()
    done = auricle("convert", song, "--to", "raven", "-o", song)
    assert done.status == 1 and "expected an output beside the input" in done.message
    assert song.read_bytes() == before


def test_convert_refuses_a_file_that_is_no_annotation(auricle, tmp_path):
    (tmp_path / "a.txt").write_text("dear diary\n", encoding="utf-8")
    done = auricle("convert", tmp_path / "a.txt", "--to", "csv", "-o", tmp_path / "a.csv")
    assert done.status == 1 and "Name the format with --from." in done.message


def test_convert_refuses_no_input(auricle, tmp_path):
    done = auricle("convert", "--to", "csv", "-o", tmp_path / "a.csv")
    assert done.status == 1 and "expected at least one" in done.message
