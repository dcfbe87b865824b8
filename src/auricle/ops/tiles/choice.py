"""Which form of a layer runs."""

import torch
from torch import Tensor

from auricle.errors import ConfigError, message

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
