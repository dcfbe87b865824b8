"""Splits: nothing on both sides, every class everywhere, the same for the same seed."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auricle.data import (
    Clip,
    Manifest,
    k_folds,
    leave_one_group_out,
    read_manifest,
    split_manifest,
    write_manifest,
)
from auricle.errors import SplitError
from auricle.io import write_audio


def manifest_of(rows):
    """Rows of (label, group[, split[, fold]])."""
    clips = tuple(
        Clip(
            path=Path(f"{index}.wav"),
            label=row[0],
            group=row[1],
            split=row[2] if len(row) > 2 else None,
            fold=row[3] if len(row) > 3 else None,
        )
        for index, row in enumerate(rows)
    )
    return Manifest(clips=clips, source="memory", root=Path(), group_rule="the column 'group'")


def speakers(num_speakers=6, num_classes=4, takes=5):
    return manifest_of(
        [
            (f"c{label}", f"s{speaker}")
            for speaker in range(num_speakers)
            for label in range(num_classes)
            for _ in range(takes)
        ]
    )


def parts_of(split):
    return split.train, split.validation, split.test


def groups_of(manifest):
    return set(manifest.groups)


def names_of(manifest):
    return [clip.path.name for clip in manifest.clips]


def assert_partition(split, manifest):
    assert sorted(sum(map(names_of, parts_of(split)), [])) == sorted(names_of(manifest))


@pytest.mark.parametrize("seed", range(5))
def test_a_group_split_keeps_groups_whole_and_classes_everywhere(seed):
    manifest = speakers()
    split = split_manifest(manifest, seed=seed)
    assert_partition(split, manifest)
    sides = [groups_of(part) for part in parts_of(split)]
    assert [len(side) for side in sides] == [4, 1, 1] and len(set.union(*sides)) == 6
    assert all(part.classes == manifest.classes for part in parts_of(split))
    assert split.kind == "group" and "6 groups" in split.description


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 30).map(str)), min_size=60, max_size=120
    ),
    st.integers(0, 3),
)
@settings(max_examples=40, deadline=None)
def test_a_group_split_is_fair_or_refused(rows, seed):
    manifest = manifest_of(rows)
    try:
        split = split_manifest(manifest, seed=seed)
    except SplitError as error:
        assert "--split random" in str(error) or "at least two" in str(error)
        return
    assert_partition(split, manifest)
    train, validation, test = map(groups_of, parts_of(split))
    assert not (train & validation or train & test or validation & test)
    assert split.train.classes == split.test.classes == manifest.classes
    assert 0.08 < len(split.test) / len(manifest) < 0.35


@pytest.mark.parametrize("kind", ["group", "random"])
def test_a_split_depends_on_its_seed_alone(kind):
    manifest = speakers()
    one, same, other = (split_manifest(manifest, kind=kind, seed=s) for s in (1, 1, 2))
    assert one == same and names_of(one.test) != names_of(other.test)


def test_clips_without_groups_are_split_by_clip_and_that_is_said():
    manifest = manifest_of([(label, None) for label in "ab" for _ in range(50)])
    split = split_manifest(manifest)
    assert Counter(clip.label for clip in split.test.clips) == {"a": 10, "b": 10}
    assert "no groups are known" in split.description


def test_a_random_split_is_stratified_and_says_that_it_may_flatter():
    split = split_manifest(speakers(), kind="random")
    assert set(Counter(clip.label for clip in split.test.clips).values()) == {6}
    assert split.description.startswith("RANDOM split") and "6 of 6 groups" in split.description


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ([("a", "x")] * 9, r"classes: expected at least two, got 1 \('a'\) in 9 clips"),
        ([("a", "x")], "in 1 clips"),
        ([], r"got 0 \(none\)"),
        ([("a", "x"), ("a", "y"), ("b", "x")], "got one in 'b'"),
        ([("a", "x"), ("b", "y")] * 9, "2 groups for 3 parts.*--split random"),
        ([("a", g) for g in "xyz"] + [("b", "x")] * 5, "one group only in 'b'.*--split random"),
    ],
    ids=["one_class", "one_clip", "nothing", "single", "two_groups", "class_in_one_group"],
)
def test_impossible_group_splits_are_refused_with_the_remedy(rows, match):
    with pytest.raises(SplitError, match=match):
        split_manifest(manifest_of(rows))


@pytest.mark.parametrize(("validation", "test"), [(0.6, 0.5), (-0.1, 0.2), (0.1, 1.0)])
def test_absurd_fractions_are_refused(validation, test):
    with pytest.raises(SplitError, match="fractions: expected"):
        split_manifest(speakers(), validation_fraction=validation, test_fraction=test)


@pytest.mark.parametrize("kind", ["group", "random"])
def test_parts_may_be_left_out(kind):
    split = split_manifest(speakers(), kind=kind, validation_fraction=0.0)
    assert len(split.validation) == 0 and len(split.train) + len(split.test) == 120
    everything = split_manifest(speakers(), kind=kind, test_fraction=0.0)
    assert len(everything.test) == 0 and len(everything.validation) > 0


def test_the_column_is_followed_and_validation_mirrors_the_test():
    same = [(f"c{n % 3}", f"s{n % 4}", "test" if n % 5 == 0 else "train") for n in range(240)]
    split = split_manifest(manifest_of(same), kind="column")
    assert len(split.test) == 48 and groups_of(split.train) == groups_of(split.validation)
    assert "within the training groups" in split.description
    assert "4 of 4 groups stand on both sides" in split.description
    apart = [(f"c{n % 3}", f"s{n % 8}", "test" if n % 8 < 2 else "Training") for n in range(240)]
    split = split_manifest(manifest_of(apart), kind="column")
    assert not groups_of(split.train) & groups_of(split.validation)
    assert "whole groups" in split.description


def test_a_validation_part_in_the_column_is_kept():
    rows = [(f"c{n % 2}", None, ("train", "dev", "test")[n // 2 % 3]) for n in range(60)]
    assert [len(part) for part in parts_of(split_manifest(manifest_of(rows), kind="column"))] == [
        20,
        20,
        20,
    ]


@pytest.mark.parametrize(
    ("splits", "match"),
    [
        ((None, None), r"got empty \(8\)"),
        (("train", "train"), r"got train \(8\)"),
        (("train", "hold"), r"got hold \(4\), train \(4\)"),
    ],
)
def test_an_unclear_column_is_refused(splits, match):
    rows = [("ab"[n % 2], None, splits[n // 4]) for n in range(8)]
    with pytest.raises(SplitError, match=match):
        split_manifest(manifest_of(rows), kind="column")


def test_a_column_that_tests_what_was_not_taught_is_refused():
    rows = [("a", None, "train"), ("a", None, "test"), ("b", None, "test"), ("b", None, "test")]
    with pytest.raises(SplitError, match="no training clip of 'b'"):
        split_manifest(manifest_of(rows), kind="column", validation_fraction=0.0)


def test_the_fold_column_gives_a_split_for_each_fold():
    rows = [(f"c{n % 2}", f"s{n % 15}", None, n % 5) for n in range(300)]
    splits = k_folds(manifest_of(rows))
    assert len(splits) == 5 and all(split.kind == "fold" for split in splits)
    tested = sum((names_of(split.test) for split in splits), [])
    assert sorted(tested) == sorted(names_of(manifest_of(rows)))
    for split in splits:
        train, validation, test = map(groups_of, parts_of(split))
        assert not (train & validation or (train | validation) & test) and validation


def test_folds_that_share_groups_say_so():
    rows = [(f"c{n % 2}", f"s{n % 3}", None, n % 4 + 1) for n in range(48)]
    split = k_folds(manifest_of(rows))[0]
    assert "3 groups stand in more than one fold" in split.description


@pytest.mark.parametrize("kind", ["group", "random"])
def test_folds_are_dealt(kind):
    manifest = speakers(num_speakers=9)
    splits = k_folds(manifest, num_folds=3, kind=kind, seed=1)
    assert [len(split.test) for split in splits] == [60, 60, 60]
    assert all(split.kind == kind and split.test.classes == manifest.classes for split in splits)
    apart = [groups_of(split.test) & groups_of(split.train) for split in splits]
    assert any(apart) == (kind == "random")


def test_impossible_folds_are_refused():
    with pytest.raises(SplitError, match="fold column: expected a number in every row"):
        k_folds(speakers())
    with pytest.raises(SplitError, match="num_folds: expected 2 to 6, the number of groups, got 9"):
        k_folds(speakers(), num_folds=9)
    with pytest.raises(SplitError, match="num_folds"):
        k_folds(speakers(), num_folds=1)


def test_leaving_one_group_out_tests_each_group_once():
    splits = leave_one_group_out(speakers())
    assert [groups_of(split.test) for split in splits] == [{f"s{n}"} for n in range(6)]
    for split in splits:
        assert len(split.test) == 20 and len(split.train) + len(split.validation) == 100
        counts = Counter((c.label, c.group) for c in split.validation.clips)
        assert set(counts.values()) <= {1} and len(split.validation) in range(12, 20)
        assert "drawn at random within the training groups" in split.description


def test_leaving_out_needs_groups():
    with pytest.raises(SplitError, match="no groups at all"):
        leave_one_group_out(manifest_of([("a", None), ("b", None)] * 5))
    with pytest.raises(SplitError, match="one group only in 'b'"):
        leave_one_group_out(manifest_of([("a", "x"), ("a", "y"), ("b", "y"), ("b", "y")]))


def test_a_split_is_written_out_and_given_back(tmp_path):
    rng = np.random.default_rng(0)
    for label in "ab":
        for take in range(10):
            (tmp_path / label / f"s{take % 5}").mkdir(parents=True, exist_ok=True)
            path = tmp_path / label / f"s{take % 5}" / f"{take}.wav"
            write_audio(path, rng.uniform(-0.5, 0.5, 400).astype(np.float32), 8000)
    split = split_manifest(read_manifest(tmp_path))
    write_manifest(split.to_manifest(), tmp_path / "split.csv")
    back = split_manifest(read_manifest(tmp_path / "split.csv"), kind="column")
    assert [sorted(names_of(p)) for p in parts_of(back)] == [
        sorted(names_of(p)) for p in parts_of(split)
    ]


def test_the_shared_sets_split_as_published(shared_data):
    digits = read_manifest(shared_data / "fsdd")
    official = split_manifest(digits, kind="column")
    assert (len(official.test), len(official.train) + len(official.validation)) == (300, 2700)
    assert [split.test.groups[0] for split in leave_one_group_out(digits)] == [
        "george",
        "jackson",
        "lucas",
        "nicolas",
        "theo",
        "yweweler",
    ]
    folds = k_folds(read_manifest(shared_data / "esc10"))
    assert [len(split.test) for split in folds] == [80] * 5
    assert all(not groups_of(split.test) & groups_of(split.train) for split in folds)
