"""A stream's state in a safetensors file."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from auricle.errors import ConfigError, StateError, message
from auricle.io import write_atomically

_State = TypeVar("_State")
_FORMAT = "auricle-stream-1"


def write_state(path: Path, state: object, *, model: str) -> None:
    """Write nested named tuples of tensors, arrays and numbers.

    Args:
        model: fingerprint of the model that the state belongs to.
    Raises:
        OutputError: the file cannot be written.
    """
    from safetensors.torch import save

    leaves = {f"{index:04d}": _to_tensor(leaf) for index, leaf in enumerate(_leaves(state))}
    metadata = {"format": _FORMAT, "model": model, "sha256": _digest(leaves)}
    with write_atomically(path) as temporary:
        temporary.write_bytes(save(leaves, metadata=metadata))


def read_state(path: Path, template: _State, *, model: str) -> _State:
    """Read what `write_state` wrote, into the form of ``template``.

    Args:
        model: fingerprint of the model that the state must belong to.
    Raises:
        StateError: not such a file, damaged, or of another model than the template's.
    """
    metadata, leaves = _read(path)
    if metadata.get("format") != _FORMAT:
        raise _refuse(path, "a file that is no stream's state")
    if metadata.get("sha256") != _digest(leaves):
        raise _refuse(path, "one that was damaged or changed after it was written")
    if metadata.get("model") != model:
        raise _refuse(path, "the state of another model")
    stored = [leaves[name] for name in sorted(leaves)]
    wanted = list(_leaves(template))
    if len(stored) != len(wanted):
        raise _refuse(path, "the state of another kind of model")
    for old, new in zip(wanted, stored, strict=True):
        if not _fits(_to_tensor(old), new):
            raise _refuse(path, f"a part of shape {list(new.shape)} in {new.dtype}")
    filled: _State = _fill(template, iter(stored))
    return filled


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            leaves = {name: file.get_tensor(name).clone() for name in file.keys()}
            return dict(file.metadata() or {}), leaves
    except (OSError, SafetensorError) as error:
        raise _refuse(path, str(error)) from error


def _digest(leaves: dict[str, Tensor]) -> str:
    """SHA-256, as hexadecimal digits, over every leaf with its type and shape."""
    digest = hashlib.sha256()
    for name in sorted(leaves):
        leaf = leaves[name]
        digest.update(f"{name} {leaf.dtype} {list(leaf.shape)}".encode())
        digest.update(leaf.numpy().tobytes())
    return digest.hexdigest()


def _leaves(state: object) -> Iterator[object]:
    if isinstance(state, tuple):
        for part in state:
            yield from _leaves(part)
    else:
        yield state


def _to_tensor(leaf: object) -> Tensor:
    if isinstance(leaf, Tensor):
        return leaf.detach().cpu().contiguous().clone()  # leaves may share memory; files may not
    return torch.from_numpy(np.array(leaf))


def _fits(old: Tensor, new: Tensor) -> bool:
    """Same type, same number of axes; sizes may differ in what is held over, which is one axis."""
    differing = sum(a != b for a, b in zip(old.shape, new.shape, strict=False))
    return old.dtype == new.dtype and old.ndim == new.ndim and differing <= 1


def _fill(template: Any, stored: Iterator[Tensor]) -> Any:
    if isinstance(template, tuple):
        parts = [_fill(part, stored) for part in template]
        return type(template)(*parts) if hasattr(template, "_fields") else tuple(parts)
    value = next(stored)
    if isinstance(template, Tensor):
        return value.to(template.device)
    if isinstance(template, np.ndarray):
        return value.numpy()
    return type(template)(value.item())


def _refuse(path: Path, got: str) -> StateError:
    return StateError(
        message(
            str(path),
            expected="the saved state of a stream of this model",
            got=got,
            remedy="Save one with stream.save(path) from a stream of the same model.",
        )
    )


def resampler_refusal(sample_rate: int, model_rate: int) -> ConfigError:
    """Why a stream at another rate than its model's, both Hz, cannot be saved."""
    return ConfigError(
        message(
            "sample_rate",
            expected=f"the model's own, {model_rate} Hz",
            got=f"{sample_rate} Hz",
            remedy="A resampler's memory cannot be saved: push sound at the model's rate.",
        )
    )
