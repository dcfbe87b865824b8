import pytest
from tests.tiny_detector import write_recordings

from auricle.archive import find_places
from auricle.errors import ConfigError


def test_the_tree_of_a_folder_is_kept(tmp_path):
    write_recordings(tmp_path / "in" / "north", number=1)
    write_recordings(tmp_path / "in" / "south", number=1)
    places = find_places([tmp_path / "in"], tmp_path / "out", format="raven")
    outputs = [place.output.relative_to(tmp_path / "out").as_posix() for place in places]
    assert outputs == ["north/r0.txt", "south/r0.txt"]
    assert [place.seconds for place in places] == [4.0, 4.0]


def test_recordings_that_differ_by_their_suffix_keep_it(tmp_path):
    [path] = write_recordings(tmp_path, number=1)
    path.with_name("R0.wav").write_bytes(b"")
    places = find_places([tmp_path], tmp_path, format="csv")
    assert sorted(place.output.name for place in places) == ["R0.wav.csv", "r0.flac.csv"]


def test_two_recordings_of_one_name_are_refused(tmp_path):
    [first] = write_recordings(tmp_path / "a", number=1)
    [second] = write_recordings(tmp_path / "b", number=1)
    with pytest.raises(ConfigError, match="would both be"):
        find_places([first, second], tmp_path / "out", format="csv")


def test_a_folder_without_recordings_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="expected at least one sound file"):
        find_places([tmp_path], tmp_path / "out", format="csv")
