"""``auricle evaluate`` and ``auricle inspect``: honest on what the model already knows."""

import json

import numpy as np
import soundfile
from tests.tiny_set import RATE, tiny_clip


def test_evaluate_leaves_out_what_was_trained_on_and_says_so(auricle, model, tiny_set):
    done = auricle("evaluate", model, tiny_set)
    assert "24 of 30 clips were used to train the model and are left out" in done.err
    assert done.status == 0 and "of 6 held-out clips" in done.out


def test_evaluate_scores_them_when_asked_to_and_says_so(auricle, model, tiny_set):
    done = auricle("evaluate", model, tiny_set, "--include-trained", "--json")
    results = json.loads(done.out)["results"]
    assert results["num_clips"] == 30
    assert "24 of 30 clips were used to train" in results["split_description"]


def test_evaluate_refuses_to_score_nothing_new(auricle, model, tiny_set, tmp_path):
    from auricle.data import read_manifest, write_manifest

    split = read_manifest(model.with_name("tiny.split.csv"))
    train = split.select(i for i, clip in enumerate(split.clips) if clip.split == "train")
    write_manifest(train, tmp_path / "old.csv")
    done = auricle("evaluate", model, tmp_path / "old.csv")
    assert done.status == 1 and "--include-trained" in done.message


def test_evaluate_gives_the_accuracy_that_training_reported(auricle, model, tiny_set):
    told = json.loads(auricle("inspect", model, "--json").out)["card"]["results"]
    again = json.loads(auricle("evaluate", model, tiny_set, "--json").out)["results"]
    for name in ("accuracy", "macro_f1", "num_clips", "confusion", "log_loss", "coverage"):
        assert again[name] == told[name]


def test_evaluate_writes_the_report(auricle, model, tiny_set, tmp_path):
    done = auricle("evaluate", model, tiny_set, "--report", tmp_path / "r.html")
    assert done.status == 0 and "<html" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_ambient_prints_false_alarms_by_threshold(auricle, model, tmp_path):
    sound = 0.1 * np.random.default_rng(0).standard_normal(20 * RATE)
    soundfile.write(tmp_path / "room.wav", sound.clip(-1, 1), RATE)
    done = auricle("evaluate", model, "--ambient", tmp_path / "room.wav")
    assert done.status == 0 and "an hour" in done.out and "<- the model's" in done.out
    words = ("--ambient", tmp_path, "--json")
    table = json.loads(auricle("evaluate", model, *words).out)["ambient"]
    levels = [row["threshold"] for row in table["rows"]]
    assert table["duration_s"] == 20 and levels == sorted(levels) and len(levels) > 5


def test_ambient_refuses_a_recording_that_is_missing(auricle, model, tmp_path):
    done = auricle("evaluate", model, "--ambient", tmp_path / "gone.wav")
    assert done.status == 1 and "gone.wav" in done.message
    done = auricle("evaluate", model, "--ambient", tmp_path)
    assert done.status == 1 and "expected" in done.message


def test_evaluate_needs_something_to_hear(auricle, model):
    done = auricle("evaluate", model)
    assert done.status == 1 and "labelled recordings, or --ambient" in done.message


def test_inspect_shows_the_card_of_a_model(auricle, model):
    out = auricle("inspect", model).out
    for words in ("listens for high, hiss, low", "verdict", "split_description", "accuracy",
                  "max_abs_diff", "sample_rate: 8000", "epochs: 10", "threshold"):  # fmt: skip
        assert words in out
    assert max(map(len, out.splitlines())) < 400


def test_inspect_knows_a_model_by_what_is_in_it(auricle, model, tmp_path):
    (tmp_path / "renamed.bin").write_bytes(model.read_bytes())
    assert "listens for" in auricle("inspect", tmp_path / "renamed.bin").out


def test_inspect_shows_what_was_understood_of_recordings(auricle, tiny_set):
    assert "30 clips" in auricle("inspect", tiny_set).out
    assert json.loads(auricle("inspect", tiny_set, "--json").out)


def test_evaluate_says_when_the_card_cannot_tell_what_was_trained_on(
    auricle, model, tiny_set, tmp_path, monkeypatch
):
    from auricle.streaming import load

    listener = load(model)
    listener.card["data"]["heard"] = listener.card["data"]["heard"][:10]
    listener.save(tmp_path / "big.auricle")
    monkeypatch.setattr("auricle.cli.evaluate.MAX_REMEMBERED_CLIPS", 10)
    done = auricle("evaluate", tmp_path / "big.auricle", tiny_set)
    assert "The card names 10 of the 24 clips used" in done.err
    listener.card = {}
    listener.save(tmp_path / "bare.auricle")
    done = auricle("evaluate", tmp_path / "bare.auricle", tiny_set)
    assert done.status == 0 and "does not say what it was trained on" in done.err


def test_wrong_labels_are_refused_before_hours_are_listened_to(auricle, model, tmp_path):
    (tmp_path / "other").mkdir()
    soundfile.write(tmp_path / "other" / "a.wav", tiny_clip("low", seed=50), RATE)
    ambient = ("--ambient", tmp_path / "missing.wav")
    done = auricle("evaluate", model, tmp_path, *ambient)
    assert done.status == 1 and "some of the model's" in done.message
