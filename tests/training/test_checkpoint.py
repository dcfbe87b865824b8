"""Checkpoints: a run goes on as if it had never stopped, or is refused with the reason."""

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from tests.training.test_loop import examples, make_fit  # noqa: F401

from auricle.errors import TrainingError
from auricle.training.checkpoint import checkpoint_threads, load_checkpoint, save_checkpoint
from auricle.training.config import TrainConfig
from auricle.training.reporter import Silent
from auricle.training.run import choose_threads


def test_a_run_that_is_loaded_ends_in_the_weights_and_the_record_of_one_that_never_stopped(
    examples,  # noqa: F811
    tmp_path,
):
    path = tmp_path / "run.checkpoint"
    whole = make_fit(examples, augment="default", patience=0)
    whole.run(lambda fit, record: None)
    first = make_fit(examples, augment="default", patience=0)
    for _ in range(3):
        first.run_epoch()
    save_checkpoint(first, path, fingerprint="f")
    second = make_fit(examples, augment="default", patience=0)
    load_checkpoint(second, path, fingerprint="f")
    assert second.progress.epoch == 3
    second.run(lambda fit, record: None)
    pairs = zip(whole.model.state_dict().values(), second.model.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    for name in ("best_epoch", "best_loss", "best_error"):
        assert getattr(second.progress, name) == getattr(whole.progress, name)


def test_a_checkpoint_of_an_older_format_is_refused_by_its_name(examples, tmp_path):  # noqa: F811
    path = tmp_path / "run.checkpoint"
    save_checkpoint(make_fit(examples), path, fingerprint="f")
    with safe_open(path, framework="pt") as file:
        document = json.loads(file.metadata()["auricle"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    document["format"] = "auricle-checkpoint-1"
    save_file(tensors, path, metadata={"auricle": json.dumps(document)})
    with pytest.raises(TrainingError, match="auricle-checkpoint-1.*without --resume"):
        load_checkpoint(make_fit(examples), path, fingerprint="f")


def test_a_run_that_goes_on_takes_the_threads_of_its_checkpoint(examples, tmp_path, monkeypatch):  # noqa: F811
    path, fit = tmp_path / "run.checkpoint", make_fit(examples)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 7)
    save_checkpoint(fit, path, fingerprint="f")
    assert checkpoint_threads(path) == 7
    monkeypatch.setattr("auricle.training.run.measured_threads", lambda: 3)
    unsaid, said = TrainConfig(), TrainConfig(threads=2)
    assert choose_threads(unsaid, path, Silent()) == 7
    assert choose_threads(said, path, Silent()) == 2
    assert choose_threads(unsaid, None, Silent()) == 3


def test_threads_of_a_file_that_is_no_checkpoint_are_unknown(tmp_path):
    (tmp_path / "run.checkpoint").write_bytes(b"no")
    assert checkpoint_threads(tmp_path / "run.checkpoint") is None
    assert checkpoint_threads(None) is None
