import errno
import json
import math
import os
import pickle
import struct
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tests.tiny import TDNN, WAVENET, sound, tiny_config, tiny_model

from auricle.errors import ModelFileError, OutputError
from auricle.models import load_model, read_card, save_model
from auricle.models.model_file import config_from_json, config_to_json, fingerprint
from auricle.streaming import Listener, load
from auricle.trunks import CellKind, TdnnConfig, WaveNetConfig

CARD = {"results": {"accuracy": 0.97, "tiny": 1e-05}, "classes": ["Glühwürmchen", "é"], "n": None}


@pytest.fixture(scope="module")
def model_path(tmp_path_factory):
    return save_model(tiny_model(), tmp_path_factory.mktemp("models") / "m.auricle", card=CARD)


def refused(path, payload=None, *, match="expected"):
    if payload is not None:
        path.write_bytes(payload)
    for read in (load_model, read_card, load):
        with pytest.raises(ModelFileError, match=match) as caught:
            read(path)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def header_of(payload):
    (length,) = struct.unpack("<Q", payload[:8])
    return 8 + length


@pytest.mark.parametrize("kind", get_args(CellKind))
@pytest.mark.parametrize("bidirectional", [False, True])
def test_model_file_gives_back_the_model_to_the_bit(kind, bidirectional, tmp_path):
    config = tiny_config(kind=kind, compression="pcen", bidirectional=bidirectional)
    model = tiny_model(config=config)
    path = Listener(model, card=CARD).save(tmp_path / "m.auricle")
    loaded = load(path)
    assert loaded.model.config == config and loaded.card == CARD
    assert not loaded.model.training
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], value), name
    np.testing.assert_array_equal(
        loaded.predict_waveform(sound(0.5)), Listener(model).predict_waveform(sound(0.5))
    )
    assert fingerprint(loaded.model) == fingerprint(model)


@pytest.mark.parametrize("trunk", [TDNN, WAVENET], ids=["tdnn", "wavenet"])
def test_model_file_gives_back_a_convolutional_model_to_the_bit(trunk, tmp_path):
    model = tiny_model(config=replace(tiny_config(), trunk=trunk))
    loaded = load(Listener(model).save(tmp_path / "m.auricle"))
    assert loaded.model.config == model.config and type(loaded.model.config.trunk) is type(trunk)
    assert fingerprint(loaded.model) == fingerprint(model)
    np.testing.assert_array_equal(
        loaded.predict_waveform(sound(0.5)), Listener(model).predict_waveform(sound(0.5))
    )


def test_same_model_gives_the_same_bytes(model_path, tmp_path):
    again = save_model(tiny_model(), tmp_path / "again.auricle", card=CARD)
    assert again.read_bytes() == model_path.read_bytes()
    resaved = Listener(load_model(model_path)[0], card=CARD).save(tmp_path / "resaved.auricle")
    assert resaved.read_bytes() == model_path.read_bytes()


def test_configuration_survives_json():
    trunks = (TDNN, WAVENET, TdnnConfig(), WaveNetConfig())
    convolutional = [replace(tiny_config(), trunk=trunk) for trunk in trunks]
    recurrent = (tiny_config(), tiny_config(kind="lstm"), tiny_config(bidirectional=True))
    for config in (*recurrent, *convolutional):
        text = json.dumps(config_to_json(config), allow_nan=False)
        assert config_from_json(json.loads(text)) == config


def test_card_is_read_without_building_the_model(model_path):
    document = read_card(model_path)
    assert document["card"] == CARD and document["format"] == 1
    assert document["config"]["classes"] == list(tiny_config().classes)


def test_numbers_that_json_lacks_become_null_rather_than_losing_the_model(tmp_path):
    card = {"a": math.nan, "b": [math.inf, 1.0]}
    path = save_model(tiny_model(), tmp_path / "m.auricle", card=card)
    assert load_model(path)[1] == {"a": None, "b": [None, 1.0]}


def test_a_card_may_hold_what_looks_like_a_seal(tmp_path):
    card = {"zeros": "0" * 64, "z": "sha256"}
    assert load_model(save_model(tiny_model(), tmp_path / "m.auricle", card=card))[1] == card


def test_truncated_file_is_refused_wherever_it_was_cut(model_path, tmp_path):
    whole = model_path.read_bytes()
    for twentieth in range(20):
        refused(tmp_path / "cut.auricle", whole[: len(whole) * twentieth // 20])
    refused(tmp_path / "cut.auricle", whole[:-1])
    refused(tmp_path / "cut.auricle", whole + b"\0")


@pytest.mark.parametrize("part", ["header", "tensors"])
def test_a_flipped_bit_is_refused_wherever_it_is(part, model_path, tmp_path):
    whole = model_path.read_bytes()
    split = header_of(whole)
    low, high = (0, split) if part == "header" else (split, len(whole))
    rng = np.random.default_rng(0)
    for at in [*range(low, min(low + 12, high)), *rng.integers(low, high, 60)]:
        flipped = bytearray(whole)
        flipped[at] ^= 1 << int(rng.integers(8))
        (tmp_path / "flipped.auricle").write_bytes(flipped)
        with pytest.raises(ModelFileError):
            load_model(tmp_path / "flipped.auricle")


def test_a_letters_case_counts_even_where_json_does_not_care(model_path, tmp_path):
    whole = model_path.read_bytes()
    for old, new in ((b"1e-05", b"1E-05"), (b"u00fc", b"u00FC")):
        assert old in whole
        refused(tmp_path / "case.auricle", whole.replace(old, new, 1), match="the checksum")


def edited(payload, old, new):
    """Another header, its length mended; the seal no longer fits."""
    split = header_of(payload)
    header = payload[8:split].replace(old, new, 1)
    assert header != payload[8:split]
    return struct.pack("<Q", len(header)) + header + payload[split:]


def test_a_newer_format_is_named_as_newer(model_path, tmp_path):
    payload = edited(model_path.read_bytes(), rb"\"format\": 1", rb"\"format\": 2")
    refused(tmp_path / "new.auricle", payload, match="got 2. It is newer than this program")


def test_changed_classes_are_refused(model_path, tmp_path):
    payload = edited(model_path.read_bytes(), b"bark", b"meow")
    refused(tmp_path / "m.auricle", payload, match="damaged or changed")


def test_configuration_that_does_not_fit_its_weights_is_refused(tmp_path, monkeypatch):
    wider = tiny_config(kind="gru")
    monkeypatch.setattr(
        "auricle.models.model_file.config_to_json", lambda config: config_to_json(wider)
    )
    path = save_model(tiny_model(), tmp_path / "m.auricle")
    with pytest.raises(ModelFileError, match="a configuration that fits its weights"):
        load_model(path)
    monkeypatch.setattr("auricle.models.model_file.config_to_json", lambda config: {"classes": 3})
    path = save_model(tiny_model(), tmp_path / "m.auricle")
    with pytest.raises(ModelFileError, match="a configuration that fits its weights"):
        load_model(path)


def test_foreign_files_are_refused(tmp_path):
    path = tmp_path / "foreign.auricle"
    save_file({"weight": torch.zeros(3)}, path)
    refused(path, match="auricle's document in the header")
    save_file({"weight": torch.zeros(3)}, path, metadata={"format": "pt"})
    refused(path, match="auricle's document")
    for document in ("no json", "[]", "3", "{}", '{"format": "1"}', '{"format": 1}', "[" * 10**5):
        save_file({"weight": torch.zeros(3)}, path, metadata={"auricle": document})
        refused(path)
    refused(path, b"", match="got 0 bytes")
    refused(path, "A text about bats, ünïcode and all. ".encode() * 50, match="safetensors header")
    refused(path, b"RIFF" + bytes(100))
    refused(path, struct.pack("<Q", 4) + b"[{}]" + bytes(9))
    refused(tmp_path, match="a readable file")
    refused(tmp_path / "missing.auricle", match="expected an existing file, got none")


class Malicious:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_pickle_is_refused_and_not_run(protocol, tmp_path):
    trap = tmp_path / "trap"
    payload = pickle.dumps(Malicious(trap), protocol=protocol)
    refused(tmp_path / "evil.auricle", payload)
    torch.save({"weight": Malicious(trap)}, tmp_path / "evil.auricle")
    refused(tmp_path / "evil.auricle")
    assert not trap.exists()
    pickle.loads(payload)  # it would have worked
    assert trap.exists()


def full_disk(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("step", ["write", "half", "fsync", "replace"])
def test_a_full_disk_leaves_the_old_model_whole(step, tmp_path, monkeypatch):
    path = save_model(tiny_model(), tmp_path / "m.auricle")
    before = path.read_bytes()
    original = Path.write_bytes
    match step:
        case "write":
            monkeypatch.setattr(Path, "write_bytes", full_disk)
        case "half":
            monkeypatch.setattr(
                Path, "write_bytes", lambda self, data: (original(self, data[:999]), full_disk())
            )
        case "fsync":
            monkeypatch.setattr(os, "fsync", full_disk)
        case "replace":
            monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OutputError, match="No space left.*what was there before is untouched"):
        save_model(tiny_model(seed=1), path)
    monkeypatch.undo()
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["m.auricle"]
    load_model(path)
