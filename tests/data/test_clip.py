"""Clips: what they load, what they are called, and when two are the same."""

import os

import numpy as np
import pytest

from auricle.data import Clip, Manifest
from auricle.errors import AudioError
from auricle.io import write_audio

SOUND = np.random.default_rng(0).uniform(-0.5, 0.5, 8000).astype(np.float32)


def test_a_fingerprint_depends_on_content_and_times_not_on_the_path(tmp_path):
    for name in ("a.wav", "b.wav"):
        write_audio(tmp_path / name, SOUND, 8000)
    first, second = (Clip(path=tmp_path / name, label="x") for name in ("a.wav", "b.wav"))
    part = Clip(path=tmp_path / "a.wav", label="x", start_s=0.5)
    assert first.fingerprint() == second.fingerprint() != part.fingerprint()


@pytest.mark.parametrize("age_s", [0, 3600])
def test_a_fingerprint_notices_that_a_file_changed(tmp_path, age_s):
    path, clip = tmp_path / "a.wav", Clip(path=tmp_path / "a.wav", label="x")
    seen = set()
    for level in (1.0, 0.5):
        write_audio(path, SOUND * np.float32(level), 8000)
        os.utime(path, (0, path.stat().st_mtime - age_s - level))
        seen.add(clip.fingerprint())
    assert len(seen) == 2


def test_a_manifest_fingerprint_depends_on_labels_not_on_order(tmp_path):
    write_audio(tmp_path / "a.wav", SOUND, 8000)
    write_audio(tmp_path / "b.wav", SOUND[:100], 8000)
    clips = tuple(Clip(path=tmp_path / f"{name}.wav", label=name) for name in "ab")
    manifest = Manifest(clips=clips, source="memory", root=tmp_path, group_rule="none")
    assert manifest.fingerprint() == manifest.select([1, 0]).fingerprint()
    assert manifest.fingerprint() != manifest.select([0]).fingerprint()


def test_blocks_join_to_load(tmp_path):
    write_audio(tmp_path / "a.wav", SOUND, 8000)
    for clip in (
        Clip(path=tmp_path / "a.wav", label="x", start_s=0.1, end_s=0.9),
        Clip(path=tmp_path / "a#1", label="x", samples=SOUND, sample_rate=8000, start_s=0.1),
    ):
        blocks = list(clip.blocks(sample_rate=11025, block_s=0.05))
        assert np.array_equal(np.concatenate(blocks), clip.load(sample_rate=11025)[0])


def test_a_name_tells_the_part(tmp_path):
    clip = Clip(path=tmp_path / "a.wav", label="x", start_s=1.5, end_s=2.0)
    assert clip.name.endswith("a.wav [1.500-2.000 s]")
    assert Clip(path=tmp_path / "a.wav", label="x").name.endswith("a.wav")


@pytest.mark.parametrize(
    ("samples", "rate", "match"),
    [
        (SOUND, None, "expected a sample rate beside samples"),
        (SOUND, 5, "got 5 Hz"),
        (SOUND.reshape(2, -1), 8000, "expected one channel"),
        (np.array([0.0, np.nan]), 8000, "expected finite samples"),
    ],
)
def test_samples_that_are_no_sound_are_refused(tmp_path, samples, rate, match):
    with pytest.raises(AudioError, match=match):
        Clip(path=tmp_path / "row#1", label="x", samples=samples, sample_rate=rate)


def test_a_part_without_samples_is_refused(tmp_path):
    clip = Clip(path=tmp_path / "r", label="x", samples=SOUND, sample_rate=8000, start_s=5.0)
    with pytest.raises(AudioError, match="expected at least one sample"):
        clip.load()
