"""``auricle train`` as a person would use it: splits, what is printed, what is written."""

import csv
import json

import numpy as np
import pytest
import soundfile
from tests.tiny_set import CLASSES, RATE, TINY, tiny_clip, write_table

from auricle.models import read_card
from auricle.streaming import load

FAST = (*TINY, "--epochs", "1")


def _parts(path):
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["path"].rsplit("/", 2)[-2:][1], row["label"]): row["split"]
                for row in csv.DictReader(file)}  # fmt: skip


def test_train_needs_nothing_but_a_folder(auricle, tiny_set, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = auricle("train", tiny_set, "--preset", "tiny", "--epochs", "1", "--threads", "1")
    assert done.status == 0
    names = {"model.auricle", "model.split.csv", "model.log.jsonl"}
    assert {path.name for path in tmp_path.iterdir()} == names
    for words in ("Majority class", "SVM", "Random forest", "macro F1", "Calibration error",
                  "95 % interval", "precision", "Stream and file: posteriors differ"):  # fmt: skip
        assert words in done.out
    assert "5 groups" in done.err and "epoch 1/1" in done.err


def test_train_writes_a_report_page_and_a_log(auricle, tiny_set, tmp_path):
    words = ("-o", tmp_path / "deep" / "er" / "m.auricle", "--report", tmp_path / "r.html")
    done = auricle("train", tiny_set, *words, *TINY, "--epochs", "2", "--quiet")
    assert done.status == 0 and done.err == ""
    assert "<html" in (tmp_path / "r.html").read_text(encoding="utf-8")
    lines = (tmp_path / "deep" / "er" / "m.log.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert [record["epoch"] for record in records] == [1, 2]
    assert {"train_loss", "validation_loss", "validation_accuracy", "seconds"} <= set(records[0])


def test_a_random_split_is_called_random_wherever_it_is_told(auricle, tiny_set, tmp_path):
    report = tmp_path / "r.html"
    words = ("-o", tmp_path / "m.auricle", "--split", "random", "--report", report)
    done = auricle("train", tiny_set, *words, *FAST)
    assert "WARNING: a random split" in done.out and "random" in done.err.lower()
    card = read_card(tmp_path / "m.auricle")["card"]
    assert card["data"]["split"] == "random" and "RANDOM" in card["data"]["split_description"]
    assert card["results"]["split_kind"] == "random"
    assert "RANDOM" in report.read_text(encoding="utf-8")
    assert "random" in auricle("inspect", tmp_path / "m.auricle").out


def test_a_group_is_on_one_side_only(model):
    sides = {}
    for (name, _), part in _parts(model.with_name("tiny.split.csv")).items():
        sides.setdefault(name[:2], set()).add(part)
    assert len(sides) == 5 and all(len(parts) == 1 for parts in sides.values())


def test_a_split_that_was_written_can_be_given_back(auricle, tiny_set, model, tmp_path):
    written = model.with_name("tiny.split.csv")
    done = auricle("train", written, "-o", tmp_path / "again.auricle", *FAST, "--seed", "9")
    assert done.status == 0
    assert _parts(tmp_path / "again.split.csv") == _parts(written)
    one, two = (read_card(path)["card"]["data"] for path in (model, tmp_path / "again.auricle"))
    assert one["clips"] == two["clips"] and two["split"] == "column"


def test_split_writes_what_train_takes(auricle, tiny_set, tmp_path):
    done = auricle("split", tiny_set, "-o", tmp_path / "s.csv", "--seed", "4")
    assert done.status == 0 and "groups:" in done.out
    auricle("train", tmp_path / "s.csv", "-o", tmp_path / "m.auricle", *FAST)
    assert _parts(tmp_path / "m.split.csv") == _parts(tmp_path / "s.csv")


def test_split_writes_a_table_for_each_fold(auricle, tiny_set, tmp_path):
    auricle("split", tiny_set, "-o", tmp_path / "s.csv", "--folds", "5")
    tables = [_parts(tmp_path / f"s.fold{number}.csv") for number in range(1, 6)]
    for key in tables[0]:
        assert [table[key] for table in tables].count("test") == 1


@pytest.mark.parametrize(
    ("words", "number"), [(["--folds", "3"], 3), (["--leave-one-group-out"], 5)]
)
def test_folds_score_every_clip_once(auricle, tiny_set, tmp_path, words, number):
    done = auricle("train", tiny_set, "-o", tmp_path / "m.auricle", *FAST, *words)
    assert done.status == 0 and f"Fold {number} of {number}" in done.err
    assert "of 30 held-out clips" in done.out
    card = read_card(tmp_path / "m.auricle")["card"]
    assert card["results"]["num_clips"] == 30
    assert f"cross-validation over {number} folds" in card["data"]["split_description"]


def test_background_gives_a_model_that_can_answer_unknown(auricle, tiny_set, tmp_path):
    (tmp_path / "background").mkdir()
    rng = np.random.default_rng(0)
    sound = 0.2 * np.sin(np.cumsum(rng.uniform(0.3, 0.5, 10 * RATE)))
    soundfile.write(tmp_path / "background" / "b.wav", sound, RATE)
    words = ("-o", tmp_path / "m.auricle", "--background", tmp_path / "background")
    assert auricle("train", tiny_set, *words, *FAST).status == 0
    listener = load(tmp_path / "m.auricle")
    assert listener.classes == (*CLASSES, "unknown")
    rows = auricle("predict", tmp_path / "m.auricle", tiny_set / "low", "--format", "jsonl").out
    assert all("unknown" in json.loads(row) for row in rows.splitlines())
    events = listener.stream().push(sound.astype(np.float32))
    assert all(event.label != "unknown" for event in events)


def test_two_channels_are_refused_until_one_says_what_to_do(auricle, tiny_set, tmp_path):
    for kind in CLASSES:
        (tmp_path / "stereo" / kind).mkdir(parents=True)
        for at in range(5):
            both = np.stack([tiny_clip(kind, seed=at), tiny_clip(kind, seed=at + 9)], axis=1)
            soundfile.write(tmp_path / "stereo" / kind / f"r{at}_0.wav", both, RATE)
    done = auricle("train", tmp_path / "stereo", "-o", tmp_path / "m.auricle", *FAST)
    assert done.status == 1 and "--channel mix" in done.err and done.message
    words = ("--channel", "mix", "-o", tmp_path / "m.auricle")
    assert auricle("train", tmp_path / "stereo", *words, *FAST).status == 0
    assert auricle("predict", tmp_path / "m.auricle", tmp_path / "stereo").status == 0


def test_another_rate_is_resampled_and_that_is_said(auricle, tiny_set, model, tmp_path):
    path = tmp_path / "fast.wav"
    soundfile.write(path, tiny_clip("low", seed=3, rate=2 * RATE), 2 * RATE)
    done = auricle("predict", model, path, "--threshold", "0")
    assert done.out.startswith("low") and "1 of 1 recordings were resampled" in done.err


@pytest.mark.parametrize("trunk", ["tdnn", "wavenet"])
def test_every_trunk_trains_predicts_and_listens(auricle, tiny_set, tmp_path, trunk):
    model = tmp_path / "m.auricle"
    words = ("-o", model, "--trunk", trunk, "--hidden-size", "8")
    done = auricle("train", tiny_set, *words, *FAST)
    assert done.status == 0 and "events are equal" in done.out
    assert auricle("predict", model, tiny_set / "low").status == 0
    assert auricle("listen", model, "--input", tiny_set / "low" / "r0_0.wav").status == 0


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru", "light_gru"])
def test_every_cell_trains_and_listens(auricle, tiny_set, tmp_path, cell):
    words = ("-o", tmp_path / "m.auricle", "--cell", cell, "--hidden-size", "8")
    done = auricle("train", tiny_set, *words, *FAST)
    assert done.status == 0 and "events are equal" in done.out


def test_a_bidirectional_model_predicts_but_says_that_it_cannot_listen(auricle, tiny_set, tmp_path):
    model = tmp_path / "m.auricle"
    words = ("-o", model, "--cell", "gru", "--bidirectional", "--hidden-size", "8")
    assert auricle("train", tiny_set, *words, *FAST).status == 0
    assert auricle("predict", model, tiny_set / "low").status == 0
    for words in (["listen", model, "--input", tiny_set / "low" / "r0_0.wav"],
                  ["predict", model, tiny_set, "--frames"],
                  ["evaluate", model, "--ambient", tiny_set / "low"]):  # fmt: skip
        done = auricle(*words)
        assert done.status == 1 and "bidirectional" in done.message


@pytest.mark.parametrize("words", [["--folds", "3"], ["--leave-one-group-out"]])
def test_folds_that_were_written_can_be_given_back(auricle, tiny_set, tmp_path, words):
    one, two = tmp_path / "one.auricle", tmp_path / "two.auricle"
    done = auricle("train", tiny_set, "-o", one, *FAST, *words)
    assert "given back with --folds 0" in done.out
    table = tmp_path / "one.split.csv"
    assert auricle("train", table, "-o", two, *FAST, "--folds", "0").status == 0
    folds = [_column(tmp_path / f"{name}.split.csv", "fold") for name in ("one", "two")]
    assert folds[0] == folds[1] and len(set(folds[0].values())) in (3, 5)
    if words == ["--folds", "3"]:  # then validation clips are whole groups in both
        first, second = (read_card(path)["card"]["results"] for path in (one, two))
        assert first["log_loss"] == second["log_loss"]


def _column(path, name):
    with path.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row[name] for row in csv.DictReader(file)}


def test_a_run_that_fails_at_once_leaves_the_files_of_the_model_that_is_there(
    auricle, tiny_set, tmp_path
):
    words = ("-o", tmp_path / "m.auricle")
    assert auricle("train", tiny_set, *words, *FAST).status == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    table = write_table(
        tmp_path.parent / f"{tmp_path.name}.csv",
        [{"path": p.resolve(), "label": p.parent.name} for p in tiny_set.rglob("*.wav")]
        + [{"path": __file__, "label": "low"}],
    )
    assert auricle("train", table, *words, *FAST).status == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
