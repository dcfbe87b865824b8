"""A layer of minimal GRU in one operator: product of the gates, recurrence, and their gradients."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.errors import ConfigError, ShapeError, StateError, message
from auricle.ops.linear_recurrence import min_gru
from auricle.ops.min_gru.reference import min_gru_layer_reference

LayerBackend = Literal["auto", "reference", "fused", "plain"]

_FEW_FRAMES = 128

__all__ = ["LayerBackend", "min_gru_layer", "min_gru_layer_reference"]


def min_gru_layer(
    x: Float[Tensor, "batch frames input"],
    weight: Float[Tensor, "two_hidden columns"],
    bias: Float[Tensor, " two_hidden"],
    h: Float[Tensor, "memories hidden"],
    *,
    backend: LayerBackend = "auto",
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """Every h_t of a layer, and the last; equation as in `min_gru_layer_reference`.

    Args:
        x: any strides; what it costs least with is neighbouring columns.
        weight: rows of z, then of c.
        bias: likewise.
        h: the memory before the first frame.
        backend: ``fused`` is compiled for the processor and shares the batch among torch's
            threads (the same number of threads gives the same bits); ``plain`` is torch's product
            and `auricle.ops.linear_recurrence.min_gru`, on any device; ``reference`` is the loop;
            ``auto`` takes ``fused`` where it can run, but ``plain`` for up to 128 frames without
            gradients.
    Raises:
        ShapeError: ``weight`` does not fit ``x`` or ``h``.
        StateError: ``h`` is of another batch size or dtype.
        ConfigError: ``fused`` was asked for and cannot run on these tensors.
    """
    _check(x, weight, h)
    can_fuse = x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64)
    can_fuse = can_fuse and x.dtype == weight.dtype == bias.dtype
    if backend == "fused" and not can_fuse:
        raise ConfigError(
            message(
                "backend",
                expected="float32 or float64 tensors of one dtype on the processor for 'fused'",
                got=f"{x.dtype} and {weight.dtype} on {x.device}",
                remedy="Choose backend='plain'.",
            )
        )
    if backend == "reference":
        return min_gru_layer_reference(x, weight, bias, h)
    if backend == "plain" or not can_fuse or (backend == "auto" and _is_short(x)):
        return min_gru(torch.nn.functional.linear(x, weight, bias), h)
    from auricle.ops.min_gru.fused import run_fused

    return run_fused(x, weight, bias, h)


def _is_short(x: Tensor) -> bool:
    """A live stream's push or a short clip; a program that is traced takes any length."""
    if torch.compiler.is_compiling() or torch.is_grad_enabled():
        return False
    return x.shape[1] <= _FEW_FRAMES


def _check(x: Tensor, weight: Tensor, h: Tensor) -> None:
    if weight.shape != (2 * h.shape[1], x.shape[2]):
        rule = f"[2 * hidden = {2 * h.shape[1]}, input = {x.shape[2]}]"
        remedy = "Match the sizes of input, cell and memory."
        raise ShapeError(message("weight", expected=rule, got=list(weight.shape), remedy=remedy))
    if x.shape[0] != h.shape[0] or x.dtype != h.dtype:
        rule = f"a memory for a batch of {x.shape[0]} in {x.dtype}"
        got = f"{list(h.shape)} in {h.dtype}"
        raise StateError(message("h", expected=rule, got=got, remedy="Use `initial_state(batch)`."))
