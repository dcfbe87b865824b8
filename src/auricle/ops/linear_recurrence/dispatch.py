"""Which form runs, and what is said where the input cannot be run."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from auricle.errors import ConfigError, ShapeError, StateError, message
from auricle.ops.linear_recurrence.parallel import scan_cell
from auricle.ops.linear_recurrence.reference import unroll

Backend = Literal["auto", "reference", "fused", "parallel", "triton"]

_FEW_FRAMES = 128
_FUSED = {torch.float32, torch.float64}
_COMPLEX = {torch.complex64, torch.complex128}


class _Form(NamedTuple):
    """What a cell's first argument is called, and its width over that of the memory."""

    name: str
    width: int = 1


_FORMS = {
    "linear": _Form("b"),
    "min_gru": _Form("gates", 2),
    "min_lstm": _Form("gates", 3),
    "qrnn": _Form("gates", 3),
    "rg_lru": _Form("gates", 3),
    "lru": _Form("inputs"),
}


def recur(
    cell: str,
    x: Tensor,
    p: Tensor | None,
    h: Tensor,
    *,
    lengths: Tensor | None,
    backend: Backend,
) -> tuple[Tensor, Tensor]:
    """Check, choose the form and run it.

    Raises:
        ShapeError: a width does not fit, or a length is not in 0 to frames.
        StateError: ``h`` is of another batch size, dtype or device.
        ConfigError: a back end was named that cannot run on these tensors.
    """
    _check_memory(cell, x, h)
    if lengths is not None:
        lengths = _check_lengths(lengths, x)
    backend = _chosen(backend, x)
    if backend == "fused":
        from auricle.ops.linear_recurrence.operators import run_fused

        return run_fused(cell, x, p, h, lengths)
    if lengths is not None:  # whatever stands in the padding, not even its gradient is seen
        runs = (torch.arange(x.shape[1], device=x.device) < lengths[:, None])[:, :, None]
        x = torch.where(runs, x, 0)
        p = torch.where(runs, p, 0) if cell == "linear" and p is not None else p
    if backend == "reference":
        return unroll(cell, x, p, h, lengths=lengths)
    if backend == "triton":
        return _run_triton(cell, x, p, h, lengths)
    return scan_cell(cell, x, p, h, lengths=lengths)


def _run_triton(
    cell: str, x: Tensor, p: Tensor | None, h: Tensor, lengths: Tensor | None
) -> tuple[Tensor, Tensor]:
    try:
        from auricle.ops.linear_recurrence.triton_kernels import run_triton
    except ModuleNotFoundError as error:
        raise ConfigError(
            message(
                "backend",
                expected="the package triton for 'triton'",
                got="none installed",
                remedy="It comes with torch's CUDA builds; or choose backend='parallel'.",
            )
        ) from error
    return run_triton(cell, x, p, h, lengths)


def _check_memory(cell: str, x: Tensor, h: Tensor) -> None:
    name, width = _FORMS[cell]
    if not (x.is_floating_point() or (cell == "linear" and x.is_complex())):
        raise ShapeError(
            message(name, expected="floating-point numbers", got=x.dtype, remedy="Convert them.")
        )
    if x.shape[2] != width * h.shape[1]:
        factor = f"{width} * " if width > 1 else ""
        rule = f"[batch, frames, {factor}hidden = {width * h.shape[1]}]"
        raise ShapeError(
            message(name, expected=rule, got=list(x.shape), remedy="Match the cell's size.")
        )
    if x.shape[0] != h.shape[0] or x.dtype != h.dtype or x.device != h.device:
        rule = f"a memory for a batch of {x.shape[0]} in {x.dtype} on {x.device}"
        got = f"{list(h.shape)} in {h.dtype} on {h.device}"
        raise StateError(message("h", expected=rule, got=got, remedy="Use `initial_state(batch)`."))


def _check_lengths(lengths: Tensor, x: Tensor) -> Tensor:
    batch, frames = x.shape[:2]
    fits = lengths.dtype == torch.int64 and lengths.shape == (batch,)
    if fits and not torch.compiler.is_compiling() and type(lengths) is Tensor and batch:
        fits = 0 <= int(lengths.min()) and int(lengths.max()) <= frames
    if not fits:
        raise ShapeError(
            message(
                "lengths",
                expected=f"{batch} whole numbers (int64) from 0 to frames = {frames}",
                got=f"{lengths.tolist()} in {lengths.dtype}",
                remedy="Give each clip's count of valid frames, not seconds or samples.",
            )
        )
    return lengths.to(x.device)


def _chosen(backend: Backend, x: Tensor) -> Backend:
    """The back end that was asked for, if it can run; for ``auto``, one that can."""
    can_fuse = x.device.type == "cpu" and x.dtype in _FUSED | _COMPLEX
    if backend == "auto":
        return "fused" if can_fuse and not _is_short(x) else "parallel"
    if backend == "fused" and not can_fuse:
        raise _cannot("float32 or float64 tensors on the processor for 'fused'", x)
    if backend == "triton" and not (x.device.type == "cuda" and x.dtype == torch.float32):
        raise _cannot("float32 tensors on a CUDA device for 'triton'", x)
    if backend == "reference" and x.dtype not in _FUSED | _COMPLEX:
        raise _cannot("float32 or float64 tensors for 'reference'", x)
    return backend


def _is_short(x: Tensor) -> bool:
    """Few frames and no gradient: loading compiled code would take longer than running."""
    if torch.compiler.is_compiling() or torch.is_grad_enabled():
        return False
    return x.shape[1] <= _FEW_FRAMES


def _cannot(rule: str, x: Tensor) -> ConfigError:
    got = f"{x.dtype} on {x.device}"
    return ConfigError(
        message("backend", expected=rule, got=got, remedy="Choose backend='parallel'.")
    )
