"""``auricle predict``: rows in every form, and the numbers that the model was tested with."""

import csv
import io
import json

import numpy as np
import pytest
import soundfile
from tests.tiny_set import CLASSES, RATE, TINY, tiny_clip

from auricle.data import read_manifest
from auricle.evaluation import score_manifest
from auricle.models import read_card
from auricle.streaming import load


def test_a_row_a_file_as_a_table_csv_and_json_lines(auricle, model, tiny_set):
    folder = tiny_set / "low"
    table = auricle("predict", model, folder).out.splitlines()
    rows = list(
        csv.DictReader(io.StringIO(auricle("predict", model, folder, "--format", "csv").out))
    )
    jsons = auricle("predict", model, folder, "--format", "jsonl").out.splitlines()
    objects = [json.loads(line) for line in jsons]
    assert len(table) == len(rows) == len(objects) == 10
    for line, row, one in zip(table, rows, objects, strict=True):
        assert row["path"] == one["path"] and line.endswith(one["path"])
        assert row["label"] == one["label"] and line.split()[0] == one["label"]
        assert float(row["score"]) == pytest.approx(one["score"], abs=1e-5)
        assert sum(one[name] for name in CLASSES) == pytest.approx(1, abs=1e-5)
        assert one["duration_s"] == 0.5 and one["source_rate"] == RATE


def test_an_error_is_a_row_of_its_own(auricle, model, tiny_set, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"")
    words = ("predict", model, tmp_path / "bad.wav", tiny_set / "low" / "r0_0.wav", "--format")
    rows = list(csv.DictReader(io.StringIO(auricle(*words, "csv").out)))
    assert "bad.wav" in rows[0]["error"] and rows[0]["label"] == "" and rows[1]["error"] == ""
    first = json.loads(auricle(*words, "jsonl").out.splitlines()[0])
    assert set(first) == {"path", "error"}


def test_rows_can_be_written_to_a_file(auricle, model, tiny_set, tmp_path):
    done = auricle("predict", model, tiny_set, "--format", "csv", "-o", tmp_path / "p.csv")
    assert done.status == 0 and done.out == ""
    assert len((tmp_path / "p.csv").read_text(encoding="utf-8").splitlines()) == 31


@pytest.mark.parametrize("form", ["csv", "jsonl", "table"])
def test_frames_is_a_row_for_each_time_step(auricle, model, tiny_set, form):
    path = tiny_set / "high" / "r0_0.wav"
    out = auricle("predict", model, path, "--frames", "--format", form).out.splitlines()
    listener = load(model)
    steps = listener.predict_frames(path)[1]
    assert len(out) == len(steps.times_s) + (form == "csv")
    if form == "jsonl":
        rows = np.array([[json.loads(line)[name] for name in listener.classes] for line in out])
        np.testing.assert_allclose(rows, steps.probs, atol=1e-6)


def test_a_folder_without_sound_is_said(auricle, model, tmp_path):
    done = auricle("predict", model, tmp_path)
    assert done.status == 1 and "no recordings" in done.message


def test_a_threshold_of_one_answers_unknown(auricle, model, tiny_set):
    out = auricle("predict", model, tiny_set, "--threshold", "1", "--format", "jsonl").out
    assert {json.loads(line)["label"] for line in out.splitlines()} == {"unknown"}


def test_classes_named_like_columns_are_told_apart(auricle, tmp_path):
    for kind, name in zip(CLASSES, ("error", "label", "path"), strict=True):
        (tmp_path / "sounds" / name).mkdir(parents=True)
        for at in range(5):
            path = tmp_path / "sounds" / name / f"r{at}_0.wav"
            soundfile.write(path, tiny_clip(kind, seed=at), RATE)
    model = tmp_path / "m.auricle"
    words = ("-o", model, *TINY, "--epochs", "1")
    assert auricle("train", tmp_path / "sounds", *words).status == 0
    for form in ("csv", "jsonl", "table"):
        done = auricle("predict", model, tmp_path / "sounds", "--format", form)
        assert done.status == 0 and "sounds" in done.out.splitlines()[-1]
    row = next(
        csv.DictReader(io.StringIO(auricle("predict", model, tmp_path, "--format", "csv").out))
    )
    assert row["error"] == "" and 0 < float(row["class error"]) < 1


def test_the_numbers_of_predict_are_those_behind_the_reported_accuracy(auricle, model, tmp_path):
    split = read_manifest(model.with_name("tiny.split.csv"))
    test = split.select(i for i, clip in enumerate(split.clips) if clip.split == "test")
    paths = [clip.path for clip in test.clips]
    out = auricle("predict", model, *paths, "--format", "jsonl").out
    rows = [json.loads(line) for line in out.splitlines()]
    listener = load(model)
    predicted = np.array([[row[name] for name in listener.classes] for row in rows])
    scores, errors = score_manifest(listener, test)
    assert not errors and np.array_equal(predicted, scores.probs)
    card = read_card(model)["card"]["results"]
    right = [max(listener.classes, key=row.get) == clip.label
             for row, clip in zip(rows, test.clips, strict=True)]  # fmt: skip
    assert np.mean(right) == card["accuracy"] and len(right) == card["num_clips"]
    picked = predicted[np.arange(len(rows)), scores.targets]
    assert -np.log(picked).mean() == pytest.approx(card["log_loss"], abs=1e-9)
    for clip, row in zip(test.clips, predicted, strict=True):
        stream = listener.stream()
        for part in np.array_split(clip.load()[0], 7):
            stream.push(part)
        stream.finish()
        np.testing.assert_allclose(stream.clip_probs, row, atol=1e-5)
