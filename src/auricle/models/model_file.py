"""The model file: safetensors whose metadata is one JSON document. Nothing is unpickled."""

import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from auricle.errors import AuricleError, ModelFileError, message
from auricle.io import write_atomically
from auricle.models.config import ModelConfig
from auricle.models.model import Model

FORMAT_VERSION = 1
_KEY = "auricle"
_UNSEALED = "0" * 64
_MAX_HEADER_BYTES = 100_000_000
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def save_model(model: Model, path: Path | str, *, card: Mapping[str, Json] | None = None) -> Path:
    """Write a model to one file; a crash on the way leaves the old file whole.

    Args:
        model: its weights, statistics and configuration are written.
        path: usually ``NAME.auricle``.
        card: what the model was trained on and how it did; any JSON, where a number that is
            not finite becomes null.
    Raises:
        OutputError: the file cannot be written.
    """
    from safetensors.torch import save

    path = Path(path)
    tensors = {name: value.contiguous().cpu() for name, value in model.state_dict().items()}
    document: dict[str, Json] = {"sha256": _UNSEALED, "format": FORMAT_VERSION}
    document["config"] = config_to_json(model.config)
    document["card"] = json.loads(json.dumps(dict(card or {})), parse_constant=lambda _: None)
    payload = save(tensors, metadata={_KEY: json.dumps(document, allow_nan=False)})
    seal = hashlib.sha256(payload).hexdigest()
    with write_atomically(path) as temporary:
        temporary.write_bytes(payload.replace(_UNSEALED.encode(), seal.encode(), 1))
    return path


def load_model(path: Path | str) -> tuple[Model, dict[str, Json]]:
    """Read a model file: the model, ready to answer, and its card.

    Raises:
        ModelFileError: not there, not a model file, truncated, changed, or newer than this program.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    path = Path(path)
    payload, document = _read(path)
    try:
        tensors = load(payload)
    except SafetensorError as error:
        raise _refuse(path, "a whole model file", str(error), "Copy it again.") from error
    model = _build(path, document, tensors)
    card = document.get("card")
    return model.eval(), card if isinstance(card, dict) else {}


def read_card(path: Path | str) -> dict[str, Json]:
    """The JSON document of a model file, without building the model.

    Raises:
        ModelFileError: as `load_model`.
    """
    return _read(Path(path))[1]


def config_to_json(config: ModelConfig) -> Json:
    """The configuration as JSON."""
    from pydantic import TypeAdapter

    document: Json = TypeAdapter(ModelConfig).dump_python(config, mode="json")
    return document


def config_from_json(document: Json) -> ModelConfig:
    """The configuration that `config_to_json` wrote.

    Raises:
        pydantic.ValidationError: a field is missing, unknown or of the wrong type.
    """
    from pydantic import TypeAdapter

    return TypeAdapter(ModelConfig).validate_python(document, strict=False)


def _read(path: Path) -> tuple[bytes, dict[str, Json]]:
    try:
        payload = path.read_bytes()
    except FileNotFoundError:
        raise _refuse(path, "an existing file", "none", "Check the path.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise _refuse(path, "a readable file", reason, "Check the path and its rights.") from error
    document = _parse_header(path, payload)
    _check_seal(path, payload, document)
    return payload, document


def _check_seal(path: Path, payload: bytes, document: dict[str, Json]) -> None:
    """Every byte of the file, with the seal itself blanked, must give the seal."""
    seal = document.get("sha256")
    sealed = str(seal).encode(errors="replace")
    unsealed = payload.replace(sealed, _UNSEALED.encode(), 1)
    if hashlib.sha256(unsealed).hexdigest() != seal:
        remedy = "It was damaged or changed after it was written; copy it again or train anew."
        raise _refuse(path, "the checksum written with it", "another", remedy)


def _parse_header(path: Path, payload: bytes) -> dict[str, Json]:
    foreign = "It was not written by auricle, or was cut off; train one with `auricle train`."
    if len(payload) < 8:
        raise _refuse(path, "a model file", f"{len(payload)} bytes", foreign)
    (length,) = struct.unpack("<Q", payload[:8])
    if not 2 <= length <= min(_MAX_HEADER_BYTES, len(payload) - 8):
        raise _refuse(path, "a safetensors header", "something else", foreign)
    try:
        header = json.loads(payload[8 : 8 + length])
        document = json.loads(header["__metadata__"][_KEY])
        version = document["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        got = "a file without one"
        raise _refuse(path, "auricle's document in the header", got, foreign) from None
    if not isinstance(version, int) or version > FORMAT_VERSION:
        remedy = "It is newer than this program: pip install --upgrade auricle."
        raise _refuse(path, f"format <= {FORMAT_VERSION}", version, remedy)
    return dict(document)


def _build(path: Path, document: dict[str, Json], tensors: dict[str, Tensor]) -> Model:
    remedy = "It was changed by hand or written by a broken program; train it again."
    try:
        model = Model(config_from_json(document["config"]))
        model.load_state_dict(tensors)
    except (AuricleError, ValueError, TypeError, KeyError, RuntimeError) as error:
        got = " ".join(str(error).split())[:200]
        raise _refuse(path, "a configuration that fits its weights", got, remedy) from error
    return model


def fingerprint(model: Model) -> str:
    """SHA-256, as hexadecimal digits, over a model's configuration and every tensor by name."""
    digest = hashlib.sha256(json.dumps(config_to_json(model.config), sort_keys=True).encode())
    for name, value in sorted(model.state_dict().items()):
        digest.update(f"{name} {value.dtype} {list(value.shape)}".encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _refuse(path: Path, expected: str, got: object, remedy: str) -> ModelFileError:
    return ModelFileError(message(str(path), expected=expected, got=got, remedy=remedy))
