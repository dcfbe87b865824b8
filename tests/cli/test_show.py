"""``auricle show``: the command around the pictures that `tests/explain` checks."""

import numpy as np
import pytest
import soundfile
from tests.tiny_set import RATE, tiny_clip


def test_several_files_become_one_picture(auricle, tiny_set, tmp_path):
    files = (tiny_set / "low" / "r0_0.wav", tiny_set / "high" / "r0_0.wav")
    done = auricle("show", *files, "-o", tmp_path / "p.png", "--panels", "waveform, mel")
    assert done.status == 0 and done.err == "" and done.out == f"{tmp_path / 'p.png'}\n"
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["p.svg", "p.html"])
def test_the_ending_says_which_form(auricle, tiny_set, tmp_path, name):
    words = (
        "show",
        tiny_set / "low" / "r0_0.wav",
        "-o",
        tmp_path / name,
        "--panels",
        "spectrogram",
    )
    assert auricle(*words).status == 0
    assert "r0_0.wav" in (tmp_path / name).read_text(encoding="utf-8")


def test_what_is_left_out_or_pooled_is_said(auricle, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(70 * RATE), RATE)
    done = auricle("show", tmp_path / "a.wav", "-o", tmp_path / "p.png", "--columns", "50")
    assert done.status == 0 and "No scalogram" in done.err and "1.4 s" in done.err


def test_a_part_and_each_channel(auricle, tmp_path):
    both = np.stack([tiny_clip("low", seed=0), tiny_clip("high", seed=0)], axis=1)
    soundfile.write(tmp_path / "a.wav", both, RATE)
    words = ("--start-s", "0.1", "--end-s", "0.3", "--channel", "each", "--panels", "waveform")
    done = auricle("show", tmp_path / "a.wav", "-o", tmp_path / "p.svg", *words)
    text = (tmp_path / "p.svg").read_text(encoding="utf-8")
    assert done.status == 0 and "channel 1 of 2" in text and "from 0.1 s on" in text


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--panels", "mels"), "got mels"),
        (("--panels", ","), "got none"),
        (("--panels", "mel,mel"), "each once"),
        (("--columns", "0"), "columns: expected > 1"),
        (("--pitch-hz", "9", "3"), "lowest < highest"),
        (("--start-s", "9"), "times within"),
        (("--channel", "3"), "a channel from 0 to 0"),
        (("-o", "p.gif"), "ends in .png"),
    ],
)
def test_bad_words_are_one_message_and_no_picture(auricle, tiny_set, tmp_path, words, reason):
    done = auricle("show", tiny_set / "low" / "r0_0.wav", "-o", tmp_path / "p.png", *words)
    assert done.status == 1 and reason in done.message and not [*tmp_path.iterdir()]


def test_a_bad_file_and_none_are_said(auricle, tmp_path):
    (tmp_path / "a.wav").write_bytes(b"")
    assert "0 bytes" in auricle("show", tmp_path / "a.wav", "-o", tmp_path / "p.png").message
    assert "paths: expected at least one" in auricle("show").message
