"""Bad input ends in one clear message and a non-zero exit status, and nothing is lost."""

import errno
import os
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.cli.bad_files import BAD_FILES
from tests.tiny_set import RATE, TINY, tiny_clip, write_table

FAST = (*TINY, "--epochs", "1")


@pytest.fixture
def sounds(tiny_set, tmp_path) -> Path:
    """A copy of the tiny set that may be spoilt."""
    return Path(shutil.copytree(tiny_set, tmp_path / "sounds"))


def _nothing_written(folder: Path) -> bool:
    return not [*folder.glob("*.auricle"), *folder.glob("*.split.csv"), *folder.glob(".*.tmp*")]


def test_train_refuses_a_missing_folder(auricle, tmp_path):
    done = auricle("train", tmp_path / "nowhere", "-o", tmp_path / "m.auricle")
    assert done.status == 1 and "nowhere" in done.message
    assert _nothing_written(tmp_path)


def test_train_refuses_an_empty_folder(auricle, tmp_path):
    (tmp_path / "empty").mkdir()
    done = auricle("train", tmp_path / "empty", "-o", tmp_path / "m.auricle")
    assert done.status == 1 and "empty: expected" in done.message


def test_train_refuses_one_class(auricle, sounds, tmp_path):
    shutil.rmtree(sounds / "high")
    shutil.rmtree(sounds / "low")
    done = auricle("train", sounds, "-o", tmp_path / "m.auricle", *FAST)
    assert done.status == 1 and "classes: expected at least two" in done.message


def test_train_refuses_a_class_of_one_clip(auricle, sounds, tmp_path):
    (sounds / "one").mkdir()
    shutil.copy(sounds / "low" / "r0_0.wav", sounds / "one" / "r0_0.wav")
    done = auricle("train", sounds, "-o", tmp_path / "m.auricle", *FAST)
    assert done.status == 1 and "expected at least two" in done.message and "one" in done.message


def test_train_refuses_one_clip_in_all(auricle, tmp_path):
    (tmp_path / "sounds" / "low").mkdir(parents=True)
    soundfile.write(tmp_path / "sounds" / "low" / "a.wav", tiny_clip("low", seed=0), RATE)
    done = auricle("train", tmp_path / "sounds", "-o", tmp_path / "m.auricle", *FAST)
    assert done.status == 1 and "expected at least two" in done.message


@pytest.mark.parametrize("name", BAD_FILES)
def test_train_names_a_recording_that_cannot_be_used(auricle, sounds, tmp_path, name):
    BAD_FILES[name](sounds / "hiss" / name)
    done = auricle("train", sounds, "-o", tmp_path / "m.auricle", *FAST)
    assert done.status == 1 and "got 1 that cannot" in done.message
    assert name in done.err.split("--skip-bad", 1)[1]
    assert _nothing_written(tmp_path)


def test_train_names_all_bad_recordings_before_it_trains(auricle, sounds, tmp_path):
    for group in range(5):  # one of each group, so that some are to be tested on
        BAD_FILES["zero_bytes.wav"](sounds / "hiss" / f"r{group}_0.wav")
    done = auricle("train", sounds, "-o", tmp_path / "m.auricle", *FAST)
    assert done.status == 1 and "got 5 that cannot" in done.message
    assert "epoch 1/1" not in done.err


def test_train_leaves_bad_recordings_out_when_asked_to(auricle, sounds, tmp_path):
    for name, write in BAD_FILES.items():
        write(sounds / "hiss" / name)
    done = auricle("train", sounds, "-o", tmp_path / "m.auricle", *FAST, "--skip-bad")
    assert done.status == 0 and (tmp_path / "m.auricle").is_file()
    assert all(f"/{name}" in done.err.replace("\\", "/") for name in BAD_FILES)
    assert "30 clips" in done.err


@pytest.mark.parametrize("command", ["train", "inspect", "split"])
@pytest.mark.parametrize(
    ("row", "match"),
    [
        ({"path": "sounds/low/r0_0.wav", "label": ""}, "label"),
        ({"path": "sounds/low/r0_0.wav", "kind": "low"}, "label"),
        ({"sound": "sounds/low/r0_0.wav", "label": "low"}, "path"),
    ],
    ids=["label_missing", "no_label_column", "no_path_column"],
)
def test_a_table_that_cannot_be_understood_is_refused(
    auricle, sounds, tmp_path, command, row, match
):
    table = write_table(tmp_path / "list.csv", [row, row])
    done = auricle(command, table)
    assert done.status == 1 and "list.csv" in done.message and match in done.message


def test_train_refuses_a_row_whose_file_is_missing(auricle, sounds, tmp_path):
    rows = [
        {"path": f"sounds/{kind}/r{at}_0.wav", "label": kind}
        for kind in ("low", "high")
        for at in range(6)  # there is no r5
    ]
    table = write_table(tmp_path / "list.csv", rows)
    done = auricle("train", table, "-o", tmp_path / "m.auricle", *FAST)
    assert done.status == 1 and "r5_0.wav" in done.err
    assert done.message and _nothing_written(tmp_path)


def test_train_refuses_a_column_that_is_not_there(auricle, sounds, tmp_path):
    rows = [{"path": f"sounds/low/r{at}_0.wav", "label": "low"} for at in range(5)]
    table = write_table(tmp_path / "list.csv", rows)
    done = auricle("train", table, "--group-column", "speaker")
    assert done.status == 1 and "speaker" in done.message


def test_a_full_disk_keeps_the_old_model_and_the_training(auricle, tiny_set, tmp_path, monkeypatch):
    model = tmp_path / "m.auricle"
    model.write_bytes(b"the old model")
    real = Path.write_bytes

    def full(path: Path, payload: bytes) -> int:
        if path.suffix == ".auricle":
            real(path, payload[:100])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, payload)

    monkeypatch.setattr(Path, "write_bytes", full)
    done = auricle("train", tiny_set, "-o", model, *FAST)
    assert done.status == 1 and "No space left" in done.message and "--resume" in done.message
    assert model.read_bytes() == b"the old model" and not [*tmp_path.glob(".*")]
    monkeypatch.undo()
    assert auricle("train", tiny_set, "-o", model, *FAST, "--resume").status == 0
    assert auricle("inspect", model).status == 0


def test_a_disk_that_fills_up_while_logging_ends_in_one_message(
    auricle, tiny_set, tmp_path, monkeypatch
):
    (tmp_path / "m.log.jsonl").mkdir()
    done = auricle("train", tiny_set, "-o", tmp_path / "m.auricle", *FAST)
    assert done.status == 1 and "m.log.jsonl" in done.message


@pytest.mark.skipif(os.name == "nt", reason="Windows has no mode bits")
@pytest.mark.parametrize("what", ["folder", "file"])
def test_train_refuses_a_read_only_place_before_it_reads_anything(auricle, tmp_path, what):
    folder = tmp_path / "kept"
    folder.mkdir()
    model = folder / "m.auricle"
    model.write_bytes(b"old")
    protected = folder if what == "folder" else model
    protected.chmod(0o555 if what == "folder" else 0o444)
    try:
        done = auricle("train", tmp_path / "not_even_there", "-o", model)
    finally:
        protected.chmod(0o755)
    assert done.status == 1 and "read-only" in done.message
    assert model.read_bytes() == b"old"


def test_train_refuses_a_folder_as_output(auricle, tiny_set, tmp_path):
    done = auricle("train", tiny_set, "-o", tmp_path)
    assert done.status == 1 and "got a folder" in done.message


def _truncated(payload: bytes) -> bytes:
    return payload[: len(payload) // 2]


def _flipped(payload: bytes) -> bytes:
    at = len(payload) - 1000
    return payload[:at] + bytes([payload[at] ^ 4]) + payload[at + 1 :]


def _flipped_card(payload: bytes) -> bytes:
    at = payload.index(b"verdict") + 20
    return payload[:at] + bytes([payload[at] ^ 1]) + payload[at + 1 :]


def _newer(payload: bytes) -> bytes:
    (length,) = struct.unpack("<Q", payload[:8])
    header = payload[8 : 8 + length].replace(b'\\"format\\": ', b'\\"format\\": 9', 1)
    assert len(header) == length + 1
    header = header.rstrip(b" ") + b" "
    return struct.pack("<Q", len(header)) + header + payload[8 + length :]


def _foreign(payload: bytes) -> bytes:
    from safetensors.numpy import save

    return save({"weight": np.zeros(3)})


BAD_MODELS = {
    "truncated": _truncated,
    "bit_flipped": _flipped,
    "bit_flipped_in_its_card": _flipped_card,
    "newer": _newer,
    "foreign": _foreign,
    "empty": lambda payload: b"",
    "pickle": lambda payload: b"\x80\x04cos\nsystem\n(S'echo bad'\ntR.",
    "text": lambda payload: b"not a model at all, but long enough to be one",
}


@pytest.mark.parametrize("kind", BAD_MODELS)
@pytest.mark.parametrize("command", ["predict", "listen", "evaluate", "inspect"])
def test_a_model_file_that_cannot_be_trusted_is_refused(
    auricle, model, tiny_set, tmp_path, kind, command
):
    bad = tmp_path / "bad.auricle"
    bad.write_bytes(BAD_MODELS[kind](model.read_bytes()))
    words = {"predict": [tiny_set], "evaluate": [tiny_set], "listen": ["--input", tiny_set]}
    done = auricle(command, bad, *words.get(command, []))
    assert done.status == 1 and "bad.auricle: expected" in done.message
    if kind == "newer":
        assert "newer" in done.message


def test_a_missing_model_file_is_refused(auricle, tiny_set, tmp_path):
    done = auricle("predict", tmp_path / "none.auricle", tiny_set)
    assert done.status == 1 and "none.auricle" in done.message


def test_predict_goes_on_after_bad_files(auricle, model, tiny_set, tmp_path):
    for name, write in BAD_FILES.items():
        write(tmp_path / name)
    good = [tiny_set / kind / "r0_0.wav" for kind in ("high", "low")]
    bad = [tmp_path / name for name in BAD_FILES]
    done = auricle("predict", model, good[0], *bad, tmp_path / "gone.wav", good[1])
    assert done.status == 1 and "Traceback" not in done.err
    lines = done.out.splitlines()
    assert lines[0].startswith("high") and lines[-1].startswith("low")
    assert [line.split()[0] for line in lines[1:-1]] == ["error"] * (len(bad) + 1)
    assert all(done.err.count(path.name) == 1 for path in bad)


def test_evaluate_goes_on_after_bad_files(auricle, model, sounds, tmp_path):
    BAD_FILES["truncated.wav"](sounds / "hiss" / "bad.wav")
    soundfile.write(sounds / "low" / "new.wav", tiny_clip("low", seed=77), RATE)
    done = auricle("evaluate", model, sounds)
    assert done.status == 1 and "bad.wav" in done.message and "The network is right" in done.out


def test_evaluate_refuses_labels_that_the_model_does_not_know(auricle, model, tmp_path):
    for kind in ("dog", "cat"):
        (tmp_path / "pets" / kind).mkdir(parents=True)
        soundfile.write(
            tmp_path / "pets" / kind / "a.wav", tiny_clip("hiss", seed=50 + len(kind)), RATE
        )
    done = auricle("evaluate", model, tmp_path / "pets")
    assert done.status == 1 and "labels: expected some of the model's" in done.message


def test_a_bad_file_in_a_process_of_its_own_leaves_no_traceback(model, tmp_path, own_process):
    BAD_FILES["text.wav"](tmp_path / "text.wav")
    done = own_process("predict", model, tmp_path / "text.wav")
    assert done.status == 1 and "Traceback" not in done.err and "text.wav" in done.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_standard_output_ends_in_one_message(model, tiny_set, own_process):
    with open("/dev/full", "wb") as full:
        done = own_process("predict", model, tiny_set / "low", stdout=full)
    assert done.status == 1 and "No space left" in done.message
