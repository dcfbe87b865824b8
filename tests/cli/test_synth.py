import csv

import pytest

from auricle.synth import BUILT_IN_SPECS

SPEC = """
kind = "scenes"
scenes = 2
duration_s = 2.0
events = 2
[classes.beep]
sound = "sine"
duration_s = 0.4
[classes.bird]
sound = "trill"
duration_s = 0.5
"""


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "two.toml"
    path.write_text(SPEC, encoding="utf-8")
    return path


def test_a_spec_becomes_a_folder(auricle, spec, tmp_path):
    done = auricle("synth", spec, "-o", tmp_path / "out")
    assert done.status == 0
    assert "2 recordings, 4 events" in done.out
    assert "beep 2, bird 2" in done.err
    with (tmp_path / "out" / "annotations.csv").open(encoding="utf-8", newline="") as table:
        columns = next(csv.reader(table))
    assert columns[:6] == ["path", "onset_s", "offset_s", "label", "low_hz", "high_hz"]


def test_the_seed_of_the_command_goes_before_that_of_the_spec(auricle, spec, tmp_path):
    for name, seed in (("a", 1), ("b", 2), ("c", 1)):
        assert auricle("synth", spec, "-o", tmp_path / name, "--seed", seed).status == 0
    first, second, third = (
        (tmp_path / name / "scene_00000.wav").read_bytes() for name in ("a", "b", "c")
    )
    assert first == third
    assert first != second


def test_help_names_every_spec_that_is_built_in(auricle):
    done = auricle("synth", "--help")
    assert done.status == 0
    words = done.out.replace("│", " ").split()
    assert all(name in " ".join(words) for name in BUILT_IN_SPECS)


@pytest.mark.parametrize("name", BUILT_IN_SPECS)
def test_a_spec_that_is_shown_is_one_that_can_be_used(auricle, tmp_path, name):
    from auricle.synth import load_spec

    shown = auricle("synth", name, "--show")
    path = tmp_path / "mine.toml"
    path.write_text(shown.out, encoding="utf-8")
    assert load_spec(path) == load_spec(name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind = 'scenes'\nclases = 1", "classes: expected a table for each class"),
        (SPEC + "pitch_hz = 3", "classes.bird.pitch_hz: expected one of"),
        ("kind", "expected well-formed TOML"),
    ],
)
def test_a_bad_spec_is_one_clear_message(auricle, tmp_path, text, said):
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    done = auricle("synth", path, "-o", tmp_path / "out")
    assert done.status == 1
    assert said in done.message
    assert not (tmp_path / "out").exists()


def test_a_name_that_is_not_known_lists_those_that_are(auricle):
    done = auricle("synth", "overlop")
    assert done.status == 1
    assert "alarms, demo, instruments, overlap, words" in done.message
