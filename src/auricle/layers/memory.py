"""What all cells do with their memory: where it starts, and what is refused before it is used."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.errors import ConfigError, ShapeError, StateError, message


def first_memory(
    learnt: nn.Parameter | None, *, like: Tensor, batch: int, width: int
) -> Float[Tensor, "batch width"]:
    """The memory before the first frame: zeros, or the learnt row for every item of the batch."""
    if learnt is None:
        return like.new_zeros(batch, width)
    return learnt.expand(batch, width).contiguous()


def learnt_memory(width: int, *, learn: bool) -> nn.Parameter | None:
    """A row to learn, zeros at first; None where the memory starts at zero for good."""
    return nn.Parameter(torch.zeros(width)) if learn else None


def check_sizes(**sizes: int) -> None:
    """Every size must be 1 or more.

    Raises:
        ConfigError: one is not.
    """
    for name, size in sizes.items():
        if size < 1:
            raise ConfigError(
                message(name, expected=">= 1", got=size, remedy="Give a whole number above zero.")
            )


def check_call(
    x: Tensor, state: object, *, kind: type, widths: tuple[int, ...], weight: Tensor, features: int
) -> None:
    """Refuse an input or a state that a cell cannot go on from; plain comparisons, no arithmetic.

    Args:
        kind: the cell's own state class.
        widths: of each part of the state.
        weight: any weight of the cell; its dtype is the one that counts.
        features: width of the cell's input.
    Raises:
        ShapeError: ``x`` is of another shape or dtype than [batch, frames, features].
        StateError: a state of another cell, batch size, width or dtype.
    """
    check_frames(x, features=features, weight=weight)
    check_kind(state, kind)
    batch, dtype = x.shape[0], weight.dtype
    assert isinstance(state, tuple)  # every state is a NamedTuple
    for part, width in zip(state, widths, strict=True):
        if part.shape != (batch, width) or _foreign(part, dtype):
            rule = f"[batch = {batch}, {width}] in {_short(dtype)}"
            _refuse_state(rule, f"{list(part.shape)} in {_short(part.dtype)}")


def check_frames(x: Tensor, *, features: int, weight: Tensor) -> None:
    """Refuse an input of another shape or dtype than [batch, frames, features].

    Raises:
        ShapeError: it is.
    """
    shape = x.shape
    if len(shape) != 3 or shape[2] != features:
        _refuse_shape(shape, features)
    if _foreign(x, weight.dtype):
        _refuse_dtype(x.dtype, weight.dtype)


def check_kind(state: object, kind: type) -> None:
    """Refuse a state of another class than a map's own.

    Raises:
        StateError: it is.
    """
    if not isinstance(state, kind):
        _refuse_state(f"a {kind.__name__}", f"a {type(state).__name__}")


def check_past(past: Tensor, x: Tensor, *, longest: int, shortest: int) -> None:
    """Refuse past frames of another batch size, width, number or dtype than a convolution holds.

    Raises:
        StateError: it does.
    """
    batch, held, width = past.shape
    fits = batch == x.shape[0] and width == x.shape[2] and shortest <= held <= longest
    if not fits or _foreign(past, x.dtype):
        rule = f"[batch = {x.shape[0]}, {shortest} to {longest} frames, {x.shape[2]}]"
        rule = f"{rule} in {_short(x.dtype)}"
        _refuse_state(rule, f"{list(past.shape)} in {_short(past.dtype)}")


def check_layers(held: int, layers: int) -> None:
    """Refuse a trunk's state with another number of parts than it has layers.

    Raises:
        StateError: it is.
    """
    if held != layers:
        _refuse_state(f"one part for each of {layers} layers", f"{held} parts")


def check_batch(held: int, batch: int) -> None:
    """Refuse a trunk's state for another batch size than its input's.

    Raises:
        StateError: it is.
    """
    if held != batch:
        _refuse_state(f"one for a batch of {batch}", f"one for a batch of {held}")


def _foreign(tensor: Tensor, dtype: torch.dtype) -> bool:
    """True for another dtype, unless autocast is there to mix them."""
    return tensor.dtype != dtype and not torch.is_autocast_enabled(tensor.device.type)


def _short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _refuse_shape(shape: torch.Size, features: int) -> None:
    raise ShapeError(
        message(
            "x",
            expected=f"[batch, frames, features = {features}]",
            got=list(shape),
            remedy="The last axis must be as wide as the cell's input_size.",
        )
    )


def _refuse_dtype(got: torch.dtype, wanted: torch.dtype) -> None:
    raise ShapeError(
        message(
            "x",
            expected=f"{_short(wanted)}, as the weights",
            got=_short(got),
            remedy=f"Convert the input with x.to(torch.{_short(wanted)}), or the cell with "
            f"cell.to(torch.{_short(got)}).",
        )
    )


def _refuse_state(expected: str, got: str) -> None:
    raise StateError(
        message(
            "state",
            expected=expected,
            got=got,
            remedy="Start from this cell's own initial_state(batch).",
        )
    )


def check_lengths(lengths: Tensor, *, batch: int, frames: int) -> None:
    """Every length must lie in 1 to ``frames``, one for each item of the batch.

    Raises:
        ShapeError: it does not.
    """
    rule = f"{batch} lengths of 1 to {frames} frames"
    if lengths.shape != (batch,) or lengths.dtype.is_floating_point:
        got = f"{list(lengths.shape)} in {_short(lengths.dtype)}"
        raise ShapeError(
            message("lengths", expected=rule, got=got, remedy="Give one integer a clip.")
        )
    if batch and not 1 <= int(lengths.min()) <= int(lengths.max()) <= frames:
        got = f"{int(lengths.min())} to {int(lengths.max())}"
        raise ShapeError(
            message("lengths", expected=rule, got=got, remedy="Lengths count frames, not samples.")
        )
