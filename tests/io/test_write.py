"""Writing sound, and files that are whole or not there."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from auricle.errors import AudioError, OutputError
from auricle.io import audio_info, check_writable, read_audio, write_atomically, write_audio

NOISE = np.random.default_rng(0).uniform(-1, 1, 4000).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "depth", "tolerance"),
    [
        ("a.wav", "pcm16", 0.5 / 2**15 + 1e-9),
        ("a.flac", "pcm16", 0.5 / 2**15 + 1e-9),
        ("a.aiff", "pcm24", 0.5 / 2**23 + 1e-9),
        ("a.WAV", "float", 0.0),
        ("a.rf64", "pcm16", 0.5 / 2**15 + 1e-9),
    ],
)
def test_write_audio_reads_back_as_the_nearest_value(tmp_path, name, depth, tolerance):
    sound = NOISE.clip(-1, 1 - 2**-15)
    write_audio(tmp_path / name, sound, 8000, depth=depth)
    back, rate = read_audio(tmp_path / name)
    assert rate == 8000 and np.abs(back - sound).max() <= tolerance


@pytest.mark.parametrize("name", ["a.ogg", "a.mp3", "a.opus"])
def test_write_audio_writes_lossy_formats(tmp_path, name):
    write_audio(tmp_path / name, 0.3 * NOISE, 16000)
    assert audio_info(tmp_path / name).num_samples == len(NOISE)


def test_a_second_round_trip_changes_nothing(tmp_path):
    write_audio(tmp_path / "a.wav", NOISE, 8000)
    once = read_audio(tmp_path / "a.wav")[0]
    write_audio(tmp_path / "a.wav", once, 8000)
    assert np.array_equal(read_audio(tmp_path / "a.wav")[0], once)


@pytest.mark.parametrize(
    ("waveform", "rate", "name", "match"),
    [
        (2 * NOISE, 8000, "a.wav", "got a peak of"),
        (NOISE * np.float32("nan"), 8000, "a.wav", "expected finite samples"),
        (NOISE, 10, "a.wav", "got 10 Hz"),
        (NOISE, 8000, "a.m4a", r"got suffix '\.m4a'"),
        (NOISE, 12345, "a.opus", "got 12345 Hz"),
    ],
)
def test_write_audio_refuses_what_it_cannot_write(tmp_path, waveform, rate, name, match):
    with pytest.raises(AudioError, match=match):
        write_audio(tmp_path / name, waveform, rate)
    assert list(tmp_path.iterdir()) == []


def test_write_atomically_replaces_a_file_when_all_is_well(tmp_path):
    path = tmp_path / "new" / "a.txt"
    for text in ("one", "two"):
        with write_atomically(path) as temporary:
            assert temporary.parent == path.parent and temporary.suffix == ".txt"
            temporary.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError("bug"), KeyboardInterrupt()])
def test_write_atomically_keeps_the_old_file_when_interrupted(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(type(error)), write_atomically(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise error
    assert path.read_text(encoding="utf-8") == "old" and list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_an_output_error_that_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(OutputError, match=r"a\.txt: .*No space left"), write_atomically(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert path.read_text(encoding="utf-8") == "old" and list(tmp_path.iterdir()) == [path]


def test_a_body_that_writes_nothing_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="No such file"), write_atomically(tmp_path / "a.txt"):
        pass


def test_places_that_cannot_be_written_are_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    for path, match in (
        (tmp_path, "got a folder"),
        (tmp_path / "file" / "a.txt", "which is no folder"),
    ):
        with pytest.raises(OutputError, match=match):
            check_writable(path)
        with pytest.raises(OutputError, match=match), write_atomically(path):
            pass
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(OutputError, match="got a read-only file"):
        check_writable(tmp_path / "file")
    with pytest.raises(OutputError, match="got the read-only folder"):
        check_writable(tmp_path / "new.txt")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev/null")
def test_a_device_is_not_replaced():
    with pytest.raises(OutputError, match="got a device"):
        check_writable(Path("/dev/null"))


@pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")
def test_a_link_is_followed(tmp_path):
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("old", encoding="utf-8")
    link.symlink_to(target)
    with write_atomically(link) as temporary:
        temporary.write_text("new", encoding="utf-8")
    assert link.is_symlink() and target.read_text(encoding="utf-8") == "new"
