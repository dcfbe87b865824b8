"""The TensorBoard log holds what the JSON log holds; skipped where tensorboard is not installed."""

import json
import sys
import warnings

import pytest
from tests.tiny_set import TINY

from auricle.cli.display import tensorboard_log
from auricle.errors import MissingExtraError

WORDS = (*TINY, "--epochs", "2")
SCALARS = ("train_loss", "validation_loss", "validation_accuracy", "learning_rate")


@pytest.fixture(autouse=True)
def foreign_warnings():
    """Those of tensorboard and of what it imports are not ours to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _scalars(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(str(folder))
    log.Reload()
    return {name: [(one.step, one.value) for one in log.Scalars(name)] for name in SCALARS}


def test_every_epoch_is_in_the_tensorboard_log(auricle, tiny_set, tmp_path):
    pytest.importorskip("tensorboard")
    words = ("-o", tmp_path / "m.auricle", "--tensorboard", tmp_path / "tb")
    assert auricle("train", tiny_set, *words, *WORDS).status == 0
    lines = (tmp_path / "m.log.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    for name, points in _scalars(tmp_path / "tb").items():
        assert points == [(r["epoch"], pytest.approx(r[name], rel=1e-5)) for r in records]


def test_each_fold_is_a_run_of_its_own(auricle, tiny_set, tmp_path):
    pytest.importorskip("tensorboard")
    words = ("-o", tmp_path / "m.auricle", "--tensorboard", tmp_path / "tb", "--folds", "2")
    assert auricle("train", tiny_set, *words, *WORDS).status == 0
    for folder in (tmp_path / "tb", tmp_path / "tb" / "run2", tmp_path / "tb" / "run3"):
        files = [path for path in folder.iterdir() if path.is_file()]
        assert len(files) == 1 and [step for step, _ in _scalars(files[0])["train_loss"]] == [1, 2]


def test_without_tensorboard_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(MissingExtraError, match=r"auricle\[tensorboard\]"):
        tensorboard_log(tmp_path)
