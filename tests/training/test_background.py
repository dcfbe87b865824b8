"""Recordings of nothing become examples of unknown in every part, and noise to mix in."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.tiny_set import RATE

from auricle.data import Clip, Manifest, k_folds, read_manifest, split_manifest, write_manifest
from auricle.errors import AudioError, ManifestError
from auricle.models import UNKNOWN
from auricle.training.background import background_manifest, is_background, with_background
from auricle.training.config import TrainConfig
from auricle.training.run import fit_split

SECONDS = 0.5


def _write(path, seconds, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).uniform(-0.1, 0.1, round(seconds * RATE))
    soundfile.write(path, noise, RATE)


def _labelled(count=20, *, classes=("hey",)):
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, round(SECONDS * RATE))
    clips = tuple(
        Clip(
            path=Path(f"#{label}{at}"),
            label=label,
            group=f"s{at % 5}",
            samples=noise.astype(np.float32) * (1 + at) / count,
            sample_rate=RATE,
        )
        for label in classes
        for at in range(count)
    )
    return Manifest(clips=clips, source="test", root=Path(), group_rule="test")


@pytest.fixture
def many(tmp_path):
    """Eight recordings of 2 s."""
    for seed in range(8):
        _write(tmp_path / "many" / f"{seed}.wav", 2.0, seed)
    return tmp_path / "many"


@pytest.fixture
def long(tmp_path):
    """Two recordings of 8 s."""
    for seed in range(2):
        _write(tmp_path / "long" / f"{seed}.wav", 8.0, seed)
    return tmp_path / "long"


def _split(manifest=None):
    return split_manifest(manifest or _labelled(), min_classes=1)


def _heard(manifest):
    """What is heard of background: the file and the moment, in steps of 1 ms."""
    return {
        (clip.path.name, step)
        for clip in manifest.clips
        if clip.label == UNKNOWN
        for step in range(round(1000 * clip.start_s), round(1000 * (clip.end_s or 8.0)))
    }


@pytest.mark.parametrize("folder", ["many", "long"])
def test_no_moment_of_background_is_in_two_parts(folder, request):
    (split,) = with_background([_split()], request.getfixturevalue(folder), seed=0)
    train, validation, test = map(_heard, (split.train, split.validation, split.test))
    assert train and validation and test
    assert not train & validation and not train & test and not validation & test


def test_whole_recordings_are_held_out_where_there_are_enough(many):
    (split,) = with_background([_split()], many, seed=0)
    names = [{clip.path for clip in part.clips if clip.label == UNKNOWN}
             for part in (split.train, split.validation, split.test)]  # fmt: skip
    assert not names[0] & names[2] and not names[1] & names[2]
    assert "recordings that were not learnt from" in split.description


def test_moments_of_few_recordings_are_held_out_and_that_is_said(long):
    (split,) = with_background([_split()], long, seed=0)
    assert "other moments of recordings that were learnt from" in split.description


def test_background_is_cut_as_long_as_clips_and_to_their_number(many):
    (split,) = with_background([_split(_labelled(12))], many, seed=0)
    stretches = [clip for part in (split.train, split.validation, split.test)
                 for clip in part.clips if clip.label == UNKNOWN]  # fmt: skip
    assert len(stretches) == 24  # two for each clip of the class
    assert {round((clip.end_s or 2.0) - clip.start_s, 3) for clip in stretches} == {SECONDS}


def test_folds_test_every_stretch_once(many):
    splits = with_background(k_folds(_labelled(), num_folds=4, min_classes=1), many, seed=0)
    tested = Counter(clip.name for split in splits for clip in split.test.clips)
    assert set(tested.values()) == {1} and sum("many" in name for name in tested) == 32
    for split in splits:
        assert not _heard(split.test) & (_heard(split.train) | _heard(split.validation))


def test_background_of_a_split_that_was_given_back_stays_where_it_was(many, tmp_path):
    (split,) = with_background([_split()], many, seed=0)
    write_manifest(split.to_manifest(), tmp_path / "split.csv")
    back = split_manifest(read_manifest(tmp_path / "split.csv"), kind="column")
    (again,) = with_background([back], many, seed=5)
    assert again is back and _heard(back.test) == _heard(split.test)


def test_background_that_has_a_class_is_refused(many):
    clips = tuple(Clip(path=path, label="noise") for path in sorted(many.iterdir()))
    labelled = _labelled()
    both = replace(labelled, clips=(*labelled.clips, *clips))
    with pytest.raises(ManifestError, match="recordings of 'noise'"):
        with_background([split_manifest(both)], many, seed=0)


def test_too_little_background_is_refused(tmp_path):
    _write(tmp_path / "short.wav", 1.0)
    with pytest.raises(ManifestError, match=r"at least 5 stretches as long as a clip.*got 2"):
        with_background([_split()], tmp_path, seed=0)


def test_files_of_identical_audio_share_a_group(many):
    (many / "copy.wav").write_bytes((many / "0.wav").read_bytes())
    groups = {clip.path.name: clip.group for clip in background_manifest(many).clips}
    assert groups["copy.wav"] == groups["0.wav"] != groups["1.wav"]


def test_a_folder_that_holds_no_background_is_refused(tmp_path):
    with pytest.raises(ManifestError, match="got none"):
        background_manifest(tmp_path)
    with pytest.raises(ManifestError, match="got no such folder"):
        background_manifest(tmp_path / "gone")


def test_background_that_cannot_be_read_is_named(many):
    (many / "a.wav").write_bytes(b"")
    with pytest.raises(AudioError, match=r"(?s)background .*got 1 that cannot.*a\.wav"):
        with_background([_split()], many, seed=0)


def test_background_is_told_from_other_unknown_clips(many, tmp_path):
    inside = Clip(path=many / "0.wav", label=UNKNOWN)
    assert is_background(inside, many)
    assert not is_background(replace(inside, label="hey"), many)
    assert not is_background(replace(inside, path=tmp_path / "0.wav"), many)


def test_a_split_without_background_gets_it_when_it_is_fitted(many):
    config = TrainConfig(preset="tiny", epochs=1, threads=1, background=many)
    split = split_manifest(_labelled(classes=("a", "b")))
    listener = fit_split(split, config).listener
    assert listener.classes == ("a", "b", UNKNOWN)


def test_the_description_counts_what_was_added(many):
    (split,) = with_background([_split()], many, seed=0)
    found = re.search(
        r"(\d+) train, (\d+) validation, (\d+) test stretches of 8", split.description
    )
    parts = (split.train, split.validation, split.test)
    counts = [sum(clip.label == UNKNOWN for clip in part.clips) for part in parts]
    assert found and [int(number) for number in found.groups()] == counts


def test_a_long_recording_does_not_crowd_out_the_others(many):
    _write(many / "long.wav", 60.0, 9)
    (split,) = with_background([_split(_labelled(12))], many, seed=0)
    counts = Counter(
        clip.path.name
        for part in (split.train, split.validation, split.test)
        for clip in part.clips
        if clip.label == UNKNOWN
    )
    assert len(counts) == 9 and set(counts.values()) == {2, 3}
