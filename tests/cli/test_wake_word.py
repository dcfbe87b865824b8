"""One class and background: a model that listens for one thing."""

import csv
import json
from collections import Counter

import numpy as np
import pytest
import soundfile
from tests.cli.conftest import run_for_many
from tests.tiny_set import RATE, TINY, tiny_clip

from auricle.models import read_card

WORDS = (*TINY, "--epochs", "12", "--patience", "0", "--batch-size", "6", "--learning-rate", "0.01")


@pytest.fixture(scope="module")
def wake(tmp_path_factory):
    """A folder with clips of one class, a folder with background, and a long one to listen to."""
    root = tmp_path_factory.mktemp("wake")
    for folder in ("beep", "noise", "one/beep"):
        (root / folder).mkdir(parents=True)
    for at in range(20):
        clip = tiny_clip("high", seed=at)
        soundfile.write(root / "beep" / f"r{at % 5}_{at // 5}.wav", clip, RATE)
        soundfile.write(root / "one" / "beep" / f"r{at % 5}_{at // 5}.wav", clip, RATE)
    for at in range(6):
        noise = tiny_clip("hiss", seed=at, duration_s=3.0)
        soundfile.write(root / "noise" / f"n{at}.wav", noise, RATE)
    long = np.concatenate([tiny_clip("hiss", seed=90 + at, duration_s=2.0) for at in range(10)])
    soundfile.write(root / "ambient.wav", long, RATE)
    return root


@pytest.fixture(scope="module")
def trained(wake, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    model = folder / "wake.auricle"
    words = ("--background", wake / "noise", "--report", folder / "r.html", "-o", model, *WORDS)
    done = run_for_many("train", wake / "beep", *words, cache=folder / "cache")
    assert done.status == 0, done.err
    return model, done


def _rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_one_class_and_background_are_told_apart_on_background_never_heard(trained):
    model, done = trained
    card = read_card(model)["card"]
    support = {one["name"]: one["support"] for one in card["results"]["per_class"]}
    assert list(support) == ["beep", "unknown"] and min(support.values()) >= 4
    assert card["results"]["num_background"] == support["unknown"]
    assert card["results"]["accuracy"] > 0.8 and "of 1 class (beep)" in done.err
    rows = [row for row in _rows(model.with_name("wake.split.csv")) if row["label"] == "unknown"]
    tested = {row["path"] for row in rows if row["split"] == "test"}
    assert tested and not tested & {row["path"] for row in rows if row["split"] != "test"}


def test_a_model_of_one_class_has_baselines_beside_it_and_a_report(auricle, wake, tmp_path):
    words = [word for word in WORDS if word != "--no-baselines"]
    output = ("-o", tmp_path / "m.auricle", "--report", tmp_path / "r.html")
    done = auricle("train", wake / "beep", "--background", wake / "noise", *output, *words)
    assert done.status == 0 and "SVM" in done.out and "background clips" in done.out
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "sounds like background" in page and "background clips" in page


def test_a_model_of_one_class_predicts_listens_and_counts_false_alarms(auricle, wake, trained):
    model, _ = trained
    answers = auricle("predict", model, wake / "beep", wake / "noise", "--format", "jsonl").out
    labels = Counter(
        (json.loads(line)["label"], "noise" in json.loads(line)["path"])
        for line in answers.splitlines()
    )
    assert labels["beep", False] >= 16 and labels["unknown", True] >= 5
    heard = auricle("listen", model, "--input", wake / "beep" / "r0_0.wav")
    assert heard.out.split()[2] == "beep" and "for beep." in heard.err
    alarms = json.loads(auricle("evaluate", model, "--ambient", wake / "ambient.wav", "--json").out)
    assert alarms["ambient"]["duration_s"] == pytest.approx(20, abs=0.1)
    assert "listens for beep\n" in auricle("inspect", model).out


def test_new_clips_of_the_one_class_can_be_scored(auricle, wake, trained, tmp_path):
    model, _ = trained
    (tmp_path / "beep").mkdir()
    for at in range(4):
        soundfile.write(tmp_path / "beep" / f"{at}.wav", tiny_clip("high", seed=70 + at), RATE)
    done = auricle("evaluate", model, tmp_path / "beep", "--json")
    assert done.status == 0 and json.loads(done.out)["results"]["num_clips"] == 4


def test_the_split_of_one_class_can_be_given_back(auricle, wake, trained, tmp_path):
    model, _ = trained
    table = model.with_name("wake.split.csv")
    for words in ((), ("--background", wake / "noise")):
        again = tmp_path / f"again{len(words)}.auricle"
        done = auricle("train", table, *words, "-o", again, *TINY, "--epochs", "1", "--seed", "3")
        assert done.status == 0, done.err
        one, two = (_rows(path.with_name(f"{path.stem}.split.csv")) for path in (model, again))
        parts = [{(r["path"], r["start"]): r["split"] for r in rows} for rows in (one, two)]
        assert parts[0] == parts[1]


@pytest.mark.parametrize("words", [("--folds", "4"), ("--leave-one-group-out",)])
def test_folds_test_one_class_and_each_stretch_of_background_once(auricle, wake, tmp_path, words):
    model = tmp_path / "m.auricle"
    fast = (*TINY, "--epochs", "1", "-o", model)
    done = auricle("train", wake / "one", "--background", wake / "noise", *words, *fast)
    assert done.status == 0, done.err
    results = read_card(model)["card"]["results"]
    assert [one["support"] for one in results["per_class"]] == [20, 36]


def test_one_class_alone_is_refused_with_the_remedy(auricle, wake, tmp_path):
    done = auricle("train", wake / "one", "-o", tmp_path / "m.auricle", *TINY)
    assert done.status == 1 and "--background FOLDER" in done.message
    flat = auricle("train", wake / "beep", "-o", tmp_path / "m.auricle", *TINY)
    assert flat.status == 1 and "20 audio files in the folder itself" in flat.message
    assert not any(tmp_path.iterdir())


def test_inspect_shows_a_folder_of_one_class(auricle, wake):
    done = auricle("inspect", wake / "beep")
    assert done.status == 0 and "20 clips, 1 class" in done.out and "--background" in done.out
