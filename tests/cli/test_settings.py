"""Settings that break their rule are one message in the house's words, not a traceback."""

import pytest


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--epochs", "0"], "epochs: expected >= 1, got 0"),
        (["--hidden-size", "0"], "hidden_size: expected >= 1, got 0"),
        (["--threads", "0"], "threads: expected >= 1, got 0"),
        (["--cell", "elman", "--bidirectional"], "cell: expected lstm or gru"),
        (["--trunk", "tdnn", "--cell", "gru"], "trunk: expected recurrent with --cell"),
        (["--trunk", "wavenet", "--num-layers", "2"], "trunk: expected recurrent with"),
        (["--sample-rate", "0"], "sample_rate: expected > 0 Hz, got 0"),
        (["--seed", "-1"], "seed: expected 0 <= seed"),
        (["--max-clip-s", "inf"], "max_clip_s: expected a number of seconds > 0"),
        (["--max-clip-s", "nan"], "max_clip_s: expected"),
        (["--dropout", "1"], "dropout: expected 0 <= dropout < 1"),
        (["--learning-rate", "nan"], "learning_rate: expected"),
        (["--batch-size", "1"], "batch_size: expected >= 2"),
        (["--channel", "-1"], "channel: expected >= 0"),
    ],
)
def test_train_refuses_a_setting_before_anything_is_read(auricle, tmp_path, words, match):
    done = auricle("train", tmp_path / "not_even_there", *words)
    assert done.status == 2 and match in done.message


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--folds", "3", "--leave-one-group-out"], "folds: expected"),
        (["--folds", "1"], "got 1"),
        (["--folds", "99"], "99"),
        (["--validation-fraction", "2"], "fractions: expected"),
        (["--test-fraction", "0"], "test: expected at least one clip"),
        (["--split", "column"], "split"),
        (["--background", "nowhere"], "nowhere"),
        (["--channel", "7"], "that cannot"),
    ],
)
def test_train_refuses_a_way_to_keep_clips_apart(auricle, tiny_set, tmp_path, words, match):
    done = auricle("train", tiny_set, "-o", tmp_path / "m.auricle", "--preset", "tiny", *words)
    assert done.status == 1 and match in done.message and "epoch 1" not in done.err


@pytest.mark.parametrize("words", [["fly"], ["train", "--epochs", "many", "x"], ["predict"]])
def test_words_that_are_no_command_are_a_usage_error(auricle, words):
    done = auricle(*words)
    assert done.status == 2 and "Traceback" not in done.err and done.err


def test_help_and_version_are_no_errors(auricle):
    assert auricle("--version").out.startswith("auricle ")
    assert auricle().status == 0
    for command in ("train", "predict", "listen", "evaluate", "inspect", "split"):
        done = auricle(command, "--help")
        assert done.status == 0 and "--" in done.out


@pytest.mark.parametrize("threshold", ["-0.1", "1.5", "nan"])
def test_predict_refuses_a_threshold_that_is_no_probability(auricle, model, tiny_set, threshold):
    done = auricle("predict", model, tiny_set, "--threshold", threshold)
    assert done.status == 1 and "threshold" in done.message


def test_tensorboard_that_is_not_installed_is_named_with_its_extra(
    auricle, tiny_set, tmp_path, monkeypatch
):
    monkeypatch.setitem(__import__("sys").modules, "tensorboard", None)
    done = auricle("train", tiny_set, "-o", tmp_path / "m.auricle", "--tensorboard", tmp_path)
    assert done.status == 1
    assert "pip install 'auricle[tensorboard]'" in done.message and "epoch 1" not in done.err


def test_a_microphone_that_is_not_installed_is_named_with_its_extra(auricle, model, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sounddevice", None)
    done = auricle("listen", model)
    assert done.status == 1 and "pip install 'auricle[mic]'" in done.message
