"""What every layer refuses, and which form of it runs."""

import torch
from torch import Tensor

from auricle.errors import ConfigError, ShapeError, StateError, message

_FEW_FRAMES = 128


def chosen(backend: str, x: Tensor, *weights: Tensor) -> str:
    """``reference``, ``plain`` or ``fused``, for what was asked and where it would run.

    Raises:
        ConfigError: ``fused`` was asked for and cannot run on these tensors.
    """
    can_fuse = x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64)
    can_fuse = can_fuse and all(weight.dtype == x.dtype for weight in weights)
    if backend == "fused" and not can_fuse:
        raise ConfigError(
            message(
                "backend",
                expected="float32 or float64 tensors of one dtype on the processor for 'fused'",
                got=f"{x.dtype} and {weights[0].dtype} on {x.device}",
                remedy="Choose backend='plain'.",
            )
        )
    if backend in ("reference", "plain", "fused"):
        return backend
    return "plain" if not can_fuse or _is_short(x) else "fused"


def _is_short(x: Tensor) -> bool:
    """A live stream's push or a short clip; a program that is traced takes any length."""
    if torch.compiler.is_compiling() or torch.is_grad_enabled():
        return False
    return x.shape[1] <= _FEW_FRAMES


def check_layer(x: Tensor, weight: Tensor, h: Tensor, *, gates: int) -> None:
    """Refuse a weight or a memory that does not fit the input.

    Raises:
        ShapeError: ``weight`` is not [gates * hidden, input].
        StateError: ``h`` is of another batch size or dtype.
    """
    hidden = h.shape[1]
    if weight.shape != (gates * hidden, x.shape[2]):
        rule = f"[{gates} * hidden = {gates * hidden}, input = {x.shape[2]}]"
        remedy = "Match the sizes of input, cell and memory."
        raise ShapeError(message("weight", expected=rule, got=list(weight.shape), remedy=remedy))
    if x.shape[0] != h.shape[0] or x.dtype != h.dtype:
        rule = f"a memory for a batch of {x.shape[0]} in {x.dtype}"
        got = f"{list(h.shape)} in {h.dtype}"
        raise StateError(message("h", expected=rule, got=got, remedy="Use `initial_state(batch)`."))
