"""Annotations find their recordings, and what a manifest says of them."""

import csv

import pytest
from tests.data.annotations.songs import write_songs

from auricle.data.annotations import read_annotations
from auricle.errors import ManifestError


def write(place, text):
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return place


def paths(found):
    return [part.path for part in found.recordings]


@pytest.mark.parametrize(
    "name", ["song.txt", "song.wav.txt", "song.Table.1.selections.txt", "song.BirdNET.results.txt"]
)
def test_a_file_that_names_no_recording_is_of_the_one_called_like_it(tmp_path, name):
    write_songs(tmp_path, "song.wav", "other.wav")
    found = read_annotations(write(tmp_path / name, "1\t2\tx\n"))
    assert paths(found) == [tmp_path / "song.wav"]
    assert found.recordings[0].duration_s == 4.0 and found.recordings[0].sample_rate == 8000
    timed = found.recordings[0].timed_events
    assert (timed.onsets_s.tolist(), timed.offsets_s.tolist(), timed.labels) == ([1], [2], ("x",))


def test_the_recording_beside_the_annotation_is_preferred(tmp_path):
    write_songs(tmp_path, "one/song.wav", "two/song.wav")
    write(tmp_path / "one" / "song.txt", "1\t2\tx\n")
    write(tmp_path / "two" / "song.txt", "1\t2\ty\n")
    found = read_annotations(tmp_path)
    assert paths(found) == [tmp_path / "one/song.wav", tmp_path / "two/song.wav"]
    assert [part.labels for part in found.recordings] == [("x",), ("y",)]


def test_files_of_two_folders_each_find_their_recordings(tmp_path):
    write_songs(tmp_path, "one/a.wav", "two/b.wav")
    files = [write(tmp_path / "one" / "a.txt", "1\t2\tx\n"),
             write(tmp_path / "two" / "b.txt", "1\t2\ty\n")]  # fmt: skip
    found = read_annotations(files)
    assert paths(found) == [tmp_path / "one/a.wav", tmp_path / "two/b.wav"]
    assert found.root == tmp_path


def test_a_name_that_several_recordings_have_is_refused(tmp_path):
    write_songs(tmp_path, "one/song.wav", "two/song.wav")
    table = write(tmp_path / "all.csv", "path,onset_s,offset_s,label\nsong.wav,1,2,x\n")
    with pytest.raises(ManifestError, match="expected one recording called song.wav, got .*one"):
        read_annotations(table)
    assert paths(read_annotations(table, recordings=tmp_path / "two")) == [
        tmp_path / "two/song.wav"
    ]


def test_a_recording_that_was_packed_is_found_and_that_is_said(tmp_path):
    write_songs(tmp_path, "Wave/1.flac")
    table = write(tmp_path / "all.csv", "path,onset_s,offset_s,label\n1.wav,1,2,x\n")
    found = read_annotations(table)
    assert paths(found) == [tmp_path / "Wave" / "1.flac"]
    assert (
        "One recording is found under another name than the annotation's: 1.wav" in found.notes[0]
    )


def test_a_path_of_windows_is_understood(tmp_path):
    write_songs(tmp_path, "deep/a.wav")
    table = write(tmp_path / "all.csv", "path,onset_s,offset_s,label\ndeep\\a.wav,1,2,x\n")
    assert paths(read_annotations(table)) == [tmp_path / "deep" / "a.wav"]


def test_events_of_one_recording_from_two_files_come_together(tmp_path):
    write_songs(tmp_path, "song.wav")
    write(tmp_path / "song.a.txt", "1\t2\tx\n")
    write(tmp_path / "song.b.txt", "0.5\t2\ty\n")
    found = read_annotations([tmp_path / "song.a.txt", tmp_path / "song.b.txt"])
    assert paths(found) == [tmp_path / "song.wav"] and found.labels == ("x", "y")
    assert [part.kind for part in found.problems] == ["overlapping"], "files have no common order"


def test_a_manifest_beside_gives_splits_and_what_it_alone_names_is_left_out_and_told(tmp_path):
    write_songs(tmp_path, "a.wav", "b.wav", "c.wav")
    write(tmp_path / "manifest.csv", "path,split,group\na.wav,dev,x\nb.wav,test,y\nc.wav,train,z\n")
    table = write(tmp_path / "all.csv", "path,onset_s,offset_s,label\na.wav,1,2,x\nb.wav,1,2,y\n")
    found = read_annotations(table)
    assert [(p.path.name, p.split, p.group, len(p.events)) for p in found.recordings] == [
        ("a.wav", "validation", "x", 1),
        ("b.wav", "test", "y", 1),
    ]
    assert found.notes[1].startswith("1 of 3 recordings of ")
    assert paths(found.of_split("test")) == [tmp_path / "b.wav"]
    assert paths(found.select([1, 0])) == [tmp_path / "b.wav", tmp_path / "a.wav"]


def test_columns_of_the_table_come_before_the_manifest(tmp_path):
    write_songs(tmp_path, "a.wav")
    write(tmp_path / "manifest.csv", "path,split\na.wav,test\n")
    table = write(tmp_path / "all.csv", "path,onset_s,offset_s,label,split\na.wav,1,2,x,train\n")
    assert read_annotations(table).recordings[0].split == "train"


def test_files_of_a_folder_that_are_no_annotations_are_named(tmp_path):
    write_songs(tmp_path, "song.wav")
    write(tmp_path / "song.txt", "1\t2\tx\n")
    write(tmp_path / "readme.txt", "nothing here\n")
    found = read_annotations(tmp_path)
    assert len(found.events) == 1
    assert found.notes[-1].startswith("1 file passed over") and "readme.txt" in found.notes[-1]


def test_the_finch_set_is_read_from_its_xml_as_its_table_says(shared_data):
    folder = shared_data / "birdsong_koumura_bird0"
    with (folder / "annotation_koumura.csv").open(encoding="utf-8") as file:
        rows = [(r["path"], float(r["onset_s"]), float(r["offset_s"]), r["label"])
                for r in csv.DictReader(file)]  # fmt: skip
    found = read_annotations(folder / "Annotation.xml")
    read = sorted(
        (e.path.relative_to(folder).as_posix(), e.onset_s, e.offset_s, e.label)
        for e in found.events
    )
    assert len(read) == len(rows) == 7652
    for one, other in zip(read, sorted(rows), strict=True):
        assert one[0] == other[0] and one[3] == other[3]
        assert one[1:3] == pytest.approx(other[1:3], abs=1e-6)


def test_the_finch_set_has_its_published_split(shared_data):
    found = read_annotations(shared_data / "birdsong_koumura_bird0" / "annotation_tweetynet.csv")
    sizes = [len(found.of_split(name)) for name in ("train", "validation", "test")]
    assert sizes == [85, 9, 41] and len(found.events) == 7737 and len(found.labels) == 10
