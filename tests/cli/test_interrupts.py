"""A run that is stopped loses nothing: Ctrl-C, kill -9, and the same command with --resume."""

import json
import os
import signal
import time
from pathlib import Path

import pytest
import torch
from tests.cli.conftest import run_for_many, start, wait
from tests.tiny_set import TINY

from auricle.models import load_model

# Augmented, so that random choices matter; small batches, so that there are many steps.
RUN = (*TINY[:-2], "--epochs", "8", "--patience", "0", "--batch-size", "4", "--seed", "3")


def _begin_and_stop(tiny_set: Path, model: Path, sign: int, *, after: int):
    """Train in a process of its own, and send it the signal after so many epochs."""
    process = start("train", tiny_set, "-o", model, *RUN)
    log = model.with_name(f"{model.stem}.log.jsonl")
    deadline = time.monotonic() + 100
    while not (log.exists() and log.read_bytes().count(b"\n") >= after):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(sign)
    return wait(process)


def _weights(path: Path) -> dict[str, torch.Tensor]:
    return load_model(path)[0].state_dict()


@pytest.fixture(scope="module")
def uninterrupted(tiny_set, tmp_path_factory) -> Path:
    model = tmp_path_factory.mktemp("whole") / "m.auricle"
    done = run_for_many("train", tiny_set, "-o", model, *RUN, cache=model.parent / "cache")
    assert done.status == 0, done.err
    return model


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_a_run_that_was_killed_ends_in_the_weights_of_an_uninterrupted_one(
    tiny_set, tmp_path, auricle, uninterrupted
):
    model = tmp_path / "m.auricle"
    stopped = _begin_and_stop(tiny_set, model, signal.SIGKILL, after=3)
    assert stopped.status == -signal.SIGKILL and not model.exists()
    resumed = auricle("train", tiny_set, "-o", model, *RUN, "--resume")
    assert resumed.status == 0 and "Going on after epoch" in resumed.err
    ours, whole = _weights(model), _weights(uninterrupted)
    assert ours.keys() == whole.keys()
    assert all(torch.equal(ours[name], whole[name]) for name in whole)
    log = (tmp_path / "m.log.jsonl").read_text(encoding="utf-8")
    epochs = [json.loads(line)["epoch"] for line in log.splitlines()]
    assert sorted(set(epochs)) == list(range(1, 9))
    assert not [*tmp_path.glob("*.checkpoint*")]


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to a whole console")
def test_ctrl_c_is_one_line_and_resume_goes_on(tiny_set, tmp_path, auricle, uninterrupted):
    model = tmp_path / "m.auricle"
    stopped = _begin_and_stop(tiny_set, model, signal.SIGINT, after=2)
    assert stopped.status == 130 and "--resume" in stopped.message
    assert (tmp_path / "m.checkpoint").is_file() and not [*tmp_path.glob(".*")]
    resumed = auricle("train", tiny_set, "-o", model, *RUN, "--resume")
    assert resumed.status == 0
    ours, whole = _weights(model), _weights(uninterrupted)
    assert all(torch.equal(ours[name], whole[name]) for name in whole)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(
    tiny_set, tmp_path, auricle, uninterrupted
):
    whole = _weights(uninterrupted)
    auricle("train", tiny_set, "-o", tmp_path / "same.auricle", *RUN)
    same = _weights(tmp_path / "same.auricle")
    assert all(torch.equal(same[name], whole[name]) for name in whole)
    auricle("train", tiny_set, "-o", tmp_path / "other.auricle", *RUN[:-1], "4")
    other = _weights(tmp_path / "other.auricle")
    assert any(not torch.equal(other[name], whole[name]) for name in whole)


def test_ctrl_c_before_the_first_epoch_does_not_promise_anything(
    auricle, tiny_set, tmp_path, monkeypatch
):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("auricle.cli.train.train_model", interrupted)
    done = auricle("train", tiny_set, "-o", tmp_path / "m.auricle")
    assert done.status == 130 and "nothing to go on from" in done.message


def test_resume_without_an_interrupted_run_is_refused(auricle, tiny_set, tmp_path):
    for words in ([], ["--folds", "3"]):
        done = auricle("train", tiny_set, "-o", tmp_path / "m.auricle", *RUN, *words, "--resume")
        assert done.status == 1 and "resume: expected the checkpoint" in done.message


def test_resume_with_other_settings_is_refused(auricle, tiny_set, tmp_path, monkeypatch):
    model = tmp_path / "m.auricle"
    monkeypatch.setattr("auricle.training.run._calibrate", _interrupt)
    assert auricle("train", tiny_set, "-o", model, *TINY, "--epochs", "2").status == 130
    monkeypatch.undo()
    done = auricle("train", tiny_set, "-o", model, *TINY, "--epochs", "3", "--resume")
    assert done.status == 1 and "of other recordings or settings" in done.message
    damaged = tmp_path / "m.checkpoint"
    damaged.write_bytes(damaged.read_bytes()[:-100])
    done = auricle("train", tiny_set, "-o", model, *TINY, "--epochs", "2", "--resume")
    assert done.status == 1 and "cannot be read" in done.message
    done = auricle("train", tiny_set, "-o", model, *TINY, "--epochs", "2")
    assert done.status == 0 and "it is kept as" in done.err


def test_folds_that_were_interrupted_go_on(auricle, tiny_set, tmp_path, monkeypatch):
    words = (*TINY, "--epochs", "1", "--folds", "2")
    assert auricle("train", tiny_set, "-o", tmp_path / "whole.auricle", *words).status == 0
    calls = []

    def second_interrupts(*given: object) -> object:
        calls.append(given)
        return _interrupt() if len(calls) == 2 else real(*given)

    from auricle.training.run import _calibrate as real

    monkeypatch.setattr("auricle.training.run._calibrate", second_interrupts)
    model = tmp_path / "m.auricle"
    assert auricle("train", tiny_set, "-o", model, *words).status == 130
    done = auricle("train", tiny_set, "-o", model, *words, "--resume")
    assert done.status == 0 and "Going on after epoch 1 of 1" in done.err
    ours, whole = _weights(model), _weights(tmp_path / "whole.auricle")
    assert all(torch.equal(ours[name], whole[name]) for name in whole)
    assert not [*tmp_path.glob("*.checkpoint*")]


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
