"""The gated linear recurrence of the minimal GRU: reference, compiled and parallel forms."""

from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.errors import ConfigError, ShapeError, StateError, message
from auricle.ops.linear_recurrence.parallel import min_gru_parallel
from auricle.ops.linear_recurrence.reference import min_gru_reference

Backend = Literal["auto", "reference", "fused", "parallel"]

_FEW_FRAMES = 128

__all__ = ["Backend", "min_gru", "min_gru_parallel", "min_gru_reference"]


def _fused_forward(gates: Tensor, h: Tensor) -> Tensor:
    from auricle.ops.linear_recurrence.fused import min_gru_forward

    gates, h = gates.detach().contiguous(), h.detach().contiguous()
    return torch.from_numpy(min_gru_forward(gates.numpy(), h.numpy()))


class _FusedMinGru(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, gates: Tensor, h: Tensor) -> Tensor:
        gates, h = gates.contiguous(), h.contiguous()
        out = _fused_forward(gates, h)
        ctx.save_for_backward(gates, h, out)
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        from auricle.ops.linear_recurrence.fused import min_gru_backward

        gates, h, out = (tensor.detach().numpy() for tensor in ctx.saved_tensors)
        grad_gates, grad_h = min_gru_backward(gates, h, out, grads[0].contiguous().numpy())
        return torch.from_numpy(grad_gates), torch.from_numpy(grad_h)


def _is_short(gates: Tensor, backend: Backend) -> bool:
    few = gates.shape[1] <= _FEW_FRAMES
    return backend == "auto" and few and not torch.is_grad_enabled()


def min_gru(
    gates: Float[Tensor, "batch frames two_hidden"],
    h: Float[Tensor, "memories hidden"],
    *,
    backend: Backend = "auto",
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """The minimal GRU's recurrence; equation and shapes as in `min_gru_reference`.

    Args:
        backend: ``fused`` is compiled for the processor, ``parallel`` is plain torch on any
            device, ``reference`` is the loop; ``auto`` takes ``fused`` where it can run, but
            ``parallel`` for up to 128 frames without gradients: a short clip and a live stream
            then need not wait for the compiled code to load.
    Raises:
        ShapeError: ``gates`` is not twice as wide as ``h``.
        StateError: ``h`` is of another batch size or dtype.
        ConfigError: a back end was named that cannot run on these tensors.
    """
    if gates.shape[2] != 2 * h.shape[1]:
        rule = f"[batch, frames, 2 * hidden = {2 * h.shape[1]}]"
        raise ShapeError(
            message("gates", expected=rule, got=list(gates.shape), remedy="Match the cell's size.")
        )
    if gates.shape[0] != h.shape[0] or gates.dtype != h.dtype:
        rule = f"a memory for a batch of {gates.shape[0]} in {gates.dtype}"
        got = f"{list(h.shape)} in {h.dtype}"
        raise StateError(message("h", expected=rule, got=got, remedy="Use `initial_state(batch)`."))
    can_fuse = gates.device.type == "cpu" and gates.dtype in (torch.float32, torch.float64)
    if backend == "fused" and not can_fuse:
        raise ConfigError(
            message(
                "backend",
                expected="float32 or float64 tensors on the processor for 'fused'",
                got=f"{gates.dtype} on {gates.device}",
                remedy="Choose backend='parallel'.",
            )
        )
    if backend == "reference":
        return min_gru_reference(gates, h)
    if backend == "parallel" or not can_fuse or _is_short(gates, backend):
        return min_gru_parallel(gates, h)
    if gates.shape[1] == 0:
        return gates.new_empty(gates.shape[0], 0, h.shape[1]), h
    if torch.is_grad_enabled():
        out: Tensor = _FusedMinGru.apply(gates, h)  # type: ignore[no-untyped-call]
    else:
        out = _fused_forward(gates, h)  # without the tape's cost, which a single frame would feel
    return out, out[:, -1]
