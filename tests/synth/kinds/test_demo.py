import csv
import hashlib
import os

import numpy as np
import pytest
import soundfile

from auricle.errors import ConfigError, OutputError
from auricle.synth import SOUND_KINDS, write_demo_set


@pytest.fixture(scope="module")
def demo_set(tmp_path_factory):
    return write_demo_set(tmp_path_factory.mktemp("demo") / "set", clips_per_class=15)


def rows_of(root):
    with (root / "manifest.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def digests(root):
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*.wav")
    }


def test_manifest_lists_every_clip_with_its_class_and_group(demo_set):
    rows = rows_of(demo_set)
    assert list(rows[0]) == ["path", "label", "group"]
    assert {row["path"] for row in rows} == {
        path.relative_to(demo_set).as_posix() for path in demo_set.rglob("*.wav")
    }
    assert all(row["path"].split("/")[0] == row["label"] for row in rows)
    for kind in SOUND_KINDS:
        groups = [row["group"] for row in rows if row["label"] == kind]
        assert len(groups) == 15
        assert len(set(groups)) == 3


def test_a_group_belongs_to_one_class(demo_set):
    pairs = {(row["group"], row["label"]) for row in rows_of(demo_set)}
    assert len(pairs) == len({group for group, _ in pairs})


def test_clips_last_one_to_two_and_a_half_seconds_at_the_sample_rate(demo_set):
    for row in rows_of(demo_set):
        info = soundfile.info(demo_set / row["path"])
        assert (info.samplerate, info.channels, info.subtype) == (16000, 1, "PCM_16")
        assert 1.0 <= info.duration <= 2.5


def test_no_clip_holds_a_run_of_equal_samples(demo_set):
    for row in rows_of(demo_set):
        clip, _ = soundfile.read(demo_set / row["path"], dtype="int16")
        changes = np.flatnonzero(np.diff(clip) != 0)
        assert np.diff(changes).max() < 16, row["path"]


def test_levels_of_the_classes_overlap(demo_set):
    levels = {kind: [] for kind in SOUND_KINDS}
    for row in rows_of(demo_set):
        clip, _ = soundfile.read(demo_set / row["path"])
        levels[row["label"]].append(10 * np.log10(np.mean(clip**2)))
    middles = [np.median(values) for values in levels.values()]
    assert max(middles) - min(middles) < min(np.ptp(values) for values in levels.values())


def test_same_seed_writes_the_same_set_and_a_smaller_one_is_a_part(demo_set, tmp_path):
    part = digests(write_demo_set(tmp_path / "part", clips_per_class=6))
    other = digests(write_demo_set(tmp_path / "other", clips_per_class=6, seed=1))
    whole = digests(demo_set)
    assert len(part) == 24
    assert part.items() <= whole.items()
    assert not set(other.values()) & set(whole.values())


def test_an_earlier_demo_set_is_written_over(tmp_path):
    seen = []
    root = write_demo_set(tmp_path / "set", clips_per_class=2)
    write_demo_set(
        root, clips_per_class=1, seed=3, progress=lambda done, total: seen.append((done, total))
    )
    assert len(rows_of(root)) == 4
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "manifest.csv").write_text("path,label\n", encoding="utf-8")
    with pytest.raises(OutputError, match="expected an absent folder, an empty one"):
        write_demo_set(tmp_path)
    assert (tmp_path / "manifest.csv").read_text(encoding="utf-8") == "path,label\n"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    target = tmp_path / "set"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="got a file"):
        write_demo_set(target)
    assert target.read_text(encoding="utf-8") == "mine"


def test_a_full_disk_leaves_no_half_file(tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_demo_set(tmp_path / "set", clips_per_class=1)
    assert [path for path in (tmp_path / "set").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("setting", "value"), [("clips_per_class", 0), ("seed", -1), ("sample_rate", 100)]
)
def test_settings_out_of_range_are_refused(tmp_path, setting, value):
    with pytest.raises(ConfigError, match=f"{setting}: expected"):
        write_demo_set(tmp_path / "set", **{setting: value})
    assert not (tmp_path / "set").exists()
