"""``auricle train --annotations`` and ``--tags`` as a person runs them."""

import csv
import json

import pytest
import soundfile
from tests.annotated_set import write_annotated_set

import auricle
from auricle.cli.app import main
from auricle.models import read_card

QUICK = ("--preset", "tiny", "--threads", "1", "--batch-size", "4", "--learning-rate", "6e-3",
         "--n-mels", "24", "--window-s", "1", "--hop-ms", "10", "--lookahead-ms", "50")  # fmt: skip


def run(*words):
    """The exit status."""
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    return stopped.value.code


@pytest.fixture
def annotated(tmp_path):
    return write_annotated_set(tmp_path / "songs")


def train(annotated, tmp_path, *words):
    return run("train", annotated.parent, "--annotations", annotated, "-o",
               tmp_path / "d.auricle", "--cache", tmp_path / "cache", *QUICK, *words)  # fmt: skip


def test_a_detector_comes_out_with_its_split_and_log(annotated, tmp_path, capsys):
    assert train(annotated, tmp_path, "--steps", "100") == 0
    told = capsys.readouterr()
    assert "An event is known" in told.out and "held out: event F1" in told.out
    assert "96 events in 8 recordings" in told.err
    with (tmp_path / "d.split.csv").open(encoding="utf-8") as file:
        parts = [row["split"] for row in csv.DictReader(file)]
    assert parts.count("train") == 5 and parts.count("test") == 2
    lines = (tmp_path / "d.log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2]
    assert not list(tmp_path.glob("*.checkpoint*"))
    detector = auricle.load(tmp_path / "d.auricle")
    assert detector.detect_file(annotated.parent / "r7.wav").events
    assert read_card(tmp_path / "d.auricle")["card"]["data"]["split"] == "column"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--epochs", "3"), "got --epochs"),
        (("--bidirectional", "--cell", "gru"), "got --bidirectional"),
        (("--tags",), "got --annotations with --tags"),
        (("--folds", "3"), "Cross-validation is not there for annotations yet"),
        (("--lookahead-ms", "-5"), "lookahead_ms: expected 0 to 10000"),
    ],
)
def test_settings_that_a_detector_does_not_have_are_refused(
    annotated, tmp_path, capsys, words, told
):
    assert train(annotated, tmp_path, *words) in (1, 2)
    assert told in capsys.readouterr().err
    assert not (tmp_path / "d.auricle").exists()


def rewrite(path, change):
    with path.open(encoding="utf-8") as file:
        rows = [change(row) for row in csv.DictReader(file)]
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def test_an_annotation_of_a_missing_recording_is_one_clear_message(annotated, tmp_path, capsys):
    (annotated.parent / "r3.wav").unlink()
    assert train(annotated, tmp_path) == 1
    told = capsys.readouterr().err
    assert "r3.wav" in told and "Traceback" not in told


def test_times_in_milliseconds_are_guessed_and_said(annotated, tmp_path, capsys):
    rewrite(
        annotated,
        lambda row: (
            row | {name: f"{1000 * float(row[name]):.1f}" for name in ("onset_s", "offset_s")}
        ),
    )
    assert train(annotated, tmp_path) == 1
    assert "milliseconds" in capsys.readouterr().err


def test_a_recording_shorter_than_its_annotation_is_refused(annotated, tmp_path, capsys):
    samples, rate = soundfile.read(annotated.parent / "r2.wav")
    soundfile.write(annotated.parent / "r2.wav", samples[:rate], rate)
    assert train(annotated, tmp_path) == 1
    assert "r2.wav" in capsys.readouterr().err


def test_a_recording_that_cannot_be_read_is_named(annotated, tmp_path, capsys):
    (annotated.parent / "r1.wav").write_bytes(b"RIFF nothing")
    assert train(annotated, tmp_path) == 1
    assert "r1.wav" in capsys.readouterr().err


def test_a_recording_that_cannot_be_read_is_left_out_if_asked(annotated, tmp_path, capsys):
    (annotated.parent / "r1.wav").write_bytes(b"RIFF nothing")
    assert train(annotated, tmp_path, "--steps", "50", "--skip-bad") == 0
    told = capsys.readouterr().err
    assert "left out:" in told and "r1.wav" in told and "in 7 recordings" in told


def test_resume_without_a_checkpoint_is_refused(annotated, tmp_path, capsys):
    assert train(annotated, tmp_path, "--resume") == 1
    assert "resume: expected the checkpoint" in capsys.readouterr().err
