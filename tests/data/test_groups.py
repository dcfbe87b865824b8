"""Groups: found where there are some, not found where there are none."""

from pathlib import Path

import numpy as np
import pytest

from auricle.data import NO_GROUPS, Clip, infer_groups
from auricle.io import write_audio


def clips_of(*names, root=Path("data")):
    """Clips named class/path; nothing exists on disk."""
    return [Clip(path=root / name, label=name.split("/")[0]) for name in names]


def test_the_column_is_kept():
    clips = [
        Clip(path=Path("a"), label="x", group="g"),
        Clip(path=Path("b"), label="x"),
    ]
    groups, rule = infer_groups(clips, column="speaker")
    assert groups == ("g", None)
    assert rule == "the column 'speaker'; 1 clips without a value are each alone"


@pytest.mark.parametrize(
    ("names", "groups", "words"),
    [
        (
            ["dog/s1/1.wav", "dog/s2/1.wav", "cat/s1/2.wav", "cat/3.wav"],
            ("s1", "s2", "s1", None),
            "the sub-folder under the class folder; 1 clips outside one",
        ),
        (
            ["dog/1-30-A-0.wav", "dog/2-30-B-0.wav", "cat/3-4-A-5.wav"],
            ("30", "30", "4"),
            "ESC-50",
        ),
        (["a/100-3-0-0.wav", "a/100-3-0-12.wav", "b/7-1-0-0.wav"], ("100", "100", "7"), "UrbanS"),
        (
            ["yes/0a0b0c0d_nohash_0.wav", "no/0a0b0c0d_nohash_1.wav", "no/ffffffff_nohash_0.wav"],
            ("0a0b0c0d", "0a0b0c0d", "ffffffff"),
            "Speech Commands",
        ),
        (
            ["sad/03-01-04-01-01-01-12.wav", "sad/03-01-04-01-02-01-07.wav"],
            ("12", "07"),
            "RAVDESS",
        ),
        (
            ["0/0_ann_0.wav", "0/0_bob_0.wav", "1/1_ann_1.wav", "1/1_bob_11.wav"],
            ("ann", "bob", "ann", "bob"),
            "without class and take number ('ann' in '0_ann_0.wav')",
        ),
        (
            [
                "dog bark/park-dog_bark-01.wav",
                "dog bark/home-Dog_Bark-01.wav",
                "cat/park-cat-2.wav",
            ],
            ("park", "home", "park"),
            "without class and take number",
        ),
        (
            ["dog/20240501_120000.wav", "dog/20240502_120000.wav", "cat/20240502_130000.wav"],
            ("20240501", "20240502", "20240502"),
            "'20240501'",
        ),
    ],
    ids=["folder", "esc", "urban", "commands", "ravdess", "speaker", "wide", "day"],
)
def test_groups_are_found(names, groups, words):
    found, rule = infer_groups(clips_of(*names))
    assert found == groups and words in rule


@pytest.mark.parametrize(
    "names",
    [
        ["dog/1.wav", "dog/2.wav", "cat/3.wav"],
        ["dog/dog_1.wav", "dog/dog_2.wav", "cat/cat_1.wav"],
        ["dog/bark_1.wav", "dog/bark_2.wav", "cat/meow_1.wav"],
        ["dog/REC_1.wav", "dog/REC_2.wav", "cat/REC_3.wav"],
        ["dog/rex_1.wav", "dog/bello.wav", "cat/rex_2.wav"],
        ["dog/XC1.wav", "dog/XC2.wav", "cat/XC3.wav"],
        [],
    ],
    ids=["numbers", "class", "synonym", "recorder", "unlike", "own", "none"],
)
def test_no_groups_are_made_up(names):
    groups, rule = infer_groups(clips_of(*names))
    assert groups == (None,) * len(names) and rule == NO_GROUPS


def test_clips_of_one_file_share_a_group_unless_a_column_says_otherwise(tmp_path):
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 8000).astype(np.float32)
    write_audio(tmp_path / "day.wav", sound, 8000)
    write_audio(tmp_path / "other.wav", sound[:99], 8000)
    parts = [
        Clip(path=tmp_path / "day.wav", label=label, start_s=start, end_s=start + 0.1)
        for start, label in ((0.0, "x"), (0.5, "y"))
    ]
    groups, rule = infer_groups([*parts, Clip(path=tmp_path / "other.wav", label="x")])
    assert groups[0] == groups[1] and groups[0].startswith("day.wav#") and groups[2] is None
    assert "2 clips share a group" in rule
    spoken = [Clip(path=p.path, label=p.label, start_s=p.start_s, group=p.label) for p in parts]
    assert infer_groups(spoken)[0] == ("x", "y")


def test_identical_audio_joins_groups(tmp_path):
    rng = np.random.default_rng(0)
    clips = []
    for index, (name, group) in enumerate([("a", "p"), ("b", "q"), ("c", "q"), ("d", None)]):
        sound = rng.uniform(-0.5, 0.5, 9000).astype(np.float32) if index != 1 else sound  # noqa: F821
        write_audio(tmp_path / f"{name}.wav", sound, 8000)
        clips.append(Clip(path=tmp_path / f"{name}.wav", label="x", group=group))
    groups, rule = infer_groups(clips)
    assert groups == ("p", "p", "p", None) and "2 clips share a group" in rule


def test_empty_files_are_not_identical_audio(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.wav").write_bytes(b"")
    clips = [Clip(path=tmp_path / f"{name}.wav", label="x") for name in "ab"]
    assert infer_groups(clips)[0] == (None, None)


def test_groups_do_not_depend_on_where_the_folder_lies():
    names = ["dog/s1/1.wav", "dog/s2/1.wav", "cat/s1/2.wav"]
    here, there = (clips_of(*names, root=Path(root)) for root in ("dog", "/a/b/c"))
    assert infer_groups(here) == infer_groups(there)
