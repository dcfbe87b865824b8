"""Checkpoints: all that a run needs to go on as if it had never stopped, in one safe file."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch

from auricle.errors import TrainingError, message
from auricle.io import write_atomically
from auricle.models import Model
from auricle.training.config import TrainConfig
from auricle.training.loop import EpochRecord, Progress

_FORMAT = "auricle-checkpoint-2"


@runtime_checkable
class Resumable(Protocol):
    """A run that can be kept and gone on with: of a classifier or of a detector."""

    model: Model
    config: TrainConfig
    optimizer: torch.optim.AdamW
    progress: Progress
    epochs: int


def save_checkpoint(fit: Resumable, path: Path, *, fingerprint: str) -> None:
    """Write where the run stands; the file on disk is always a whole one.

    Args:
        fingerprint: of the manifest; a checkpoint goes on with the same recordings only.
    Raises:
        OutputError: the file cannot be written.
    """
    from safetensors.torch import save

    tensors = {f"model.{k}": v for k, v in fit.model.state_dict().items()}
    tensors |= {f"best.{k}": v for k, v in fit.progress.best_weights.items()}
    for index, moments in fit.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": value for name, value in moments.items()}
    document = {
        "format": _FORMAT,
        "identity": _identity(fit, fingerprint),
        "threads": torch.get_num_threads(),
        "epoch": fit.progress.epoch,
        "best_epoch": fit.progress.best_epoch,
        "best_loss": fit.progress.best_loss,
        "best_error": fit.progress.best_error,
        "stopped_early": fit.progress.stopped_early,
        "history": [record.to_dict() for record in fit.progress.history],
    }
    # Copies: a tied or sliced tensor may not be written twice.
    plain = {name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}
    payload = save(plain, metadata={"auricle": json.dumps(document)})
    with write_atomically(path) as temporary:
        temporary.write_bytes(payload)


def load_checkpoint(fit: Resumable, path: Path, *, fingerprint: str) -> None:
    """Put the run back to where the checkpoint was written.

    Raises:
        TrainingError: not a checkpoint, damaged, or of other recordings or settings.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            document = json.loads((file.metadata() or {})["auricle"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        got = f"one that cannot be read ({error})"
        raise _refuse(path, "a checkpoint", got, "Train again without --resume.") from error
    if document.get("format") != _FORMAT:
        got = f"the format {document.get('format')!r}"
        raise _refuse(path, f"the format {_FORMAT!r}", got, "Train again without --resume.")
    if document.get("identity") != _identity(fit, fingerprint):
        remedy = "Give the recordings and settings of the first run, or leave --resume out."
        got = "one of other recordings or settings"
        raise _refuse(path, "a checkpoint of this very run", got, remedy)
    fit.model.load_state_dict(_part(tensors, "model."))
    _restore_optimizer(fit.optimizer, _part(tensors, "optimizer."))
    state = fit.progress
    state.best_weights = _part(tensors, "best.")
    state.epoch, state.best_epoch = document["epoch"], document["best_epoch"]
    state.best_loss, state.best_error = document["best_loss"], document["best_error"]
    state.stopped_early = document["stopped_early"]
    state.history = [EpochRecord(**record) for record in document["history"]]


def checkpoint_threads(path: Path | None) -> int | None:
    """How many threads the run used, so that it can go on to the same weights; None if unknown."""
    from safetensors import SafetensorError, safe_open

    if path is None:
        return None
    try:
        with safe_open(path, framework="pt") as file:
            threads = json.loads((file.metadata() or {})["auricle"])["threads"]
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        return None  # `load_checkpoint` says what is wrong with it
    return threads if isinstance(threads, int) and 1 <= threads <= 1024 else None


def checkpoint_files(path: Path) -> list[Path]:
    """The checkpoint and those of its folds, as far as they are there."""
    return [p for p in (path, *sorted(path.parent.glob(f"{path.name}.fold*"))) if p.is_file()
            and not p.name.endswith(".old")]  # fmt: skip


def nothing_to_resume(path: Path | None) -> TrainingError:
    """The error of a run that has no checkpoint to go on from."""
    return TrainingError(
        message(
            "resume",
            expected="the checkpoint of a run that was interrupted",
            got=f"none at {path}",
            remedy="Leave --resume out to begin.",
        )
    )


def config_document(config: TrainConfig) -> dict[str, object]:
    """The configuration as JSON."""
    document: dict[str, object] = json.loads(json.dumps(asdict(config), default=str))
    return document


def _identity(fit: Resumable, fingerprint: str) -> dict[str, object]:
    document = config_document(fit.config)
    document.pop("threads")
    return {"manifest": fingerprint, "config": document, "epochs": fit.epochs}


def _part(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _restore_optimizer(optimizer: torch.optim.Optimizer, stored: dict[str, torch.Tensor]) -> None:
    """Moments get the order in memory of their weight: the fused step walks through both alike."""
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in stored.items():
        index, moment = name.split(".", 1)
        weight = weights[int(index)]
        if value.shape == weight.shape:
            value = torch.empty_like(weight, dtype=value.dtype).copy_(value)
        state.setdefault(int(index), {})[moment] = value.detach()
    document = optimizer.state_dict()
    optimizer.load_state_dict({"state": state, "param_groups": document["param_groups"]})


def _refuse(path: Path, expected: str, got: str, remedy: str) -> TrainingError:
    return TrainingError(message(str(path), expected=expected, got=got, remedy=remedy))
