"""The gated linear recurrence in plain torch: a tree over each chunk of frames, then over chunks.

h_t = a_t h_(t-1) + b_t composes associatively: applying (a, b) and then (a', b') is
(a' a, a' b + b').
Going up, pairs of neighbours are composed until one map is left for each chunk of 64 frames; these
are run through; going down, each pair's first map gives the memory between the two. That is about
two compositions a frame, and nothing is ever divided by, so that no gate is too small or too large.

Reference:
    Blelloch, "Prefix sums and their applications", CMU-CS-90-190, 1990.
    Hillis and Steele, "Data parallel algorithms", CACM 29(12), 1986.
"""

import torch
from jaxtyping import Float, Inexact, Int64
from torch import Tensor
from torch.nn import functional

from auricle.ops.linear_recurrence.gates import gate

_LEVELS = 6  # chunks of 2^6 frames
_FEW, _FEW_PAIRS = 32, 4  # frames up to which a loop takes fewer operations than the tree
_PASSES = 16  # over chunks where their number is unknown: up to 2^16 of them, 4 million frames


def min_gru_parallel(
    gates: Float[Tensor, "batch frames two_hidden"], h: Float[Tensor, "batch hidden"]
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """The same map as `min_gru_reference`, for any device that torch knows."""
    return scan_cell("min_gru", gates, None, h)


def scan_cell(
    cell: str,
    x: Inexact[Tensor, "batch frames _"],
    p: Inexact[Tensor, "..."] | None,
    h: Inexact[Tensor, "batch memory"],
    *,
    lengths: Int64[Tensor, " batch"] | None = None,
) -> tuple[Inexact[Tensor, "batch frames _"], Inexact[Tensor, "batch memory"]]:
    """Run one cell over the frames; from a clip's length on its memory stands still.

    Half precision is computed in float32 and rounded once.

    Returns:
        y_t of every frame, 0 from a clip's length on, and the last memory.
    """
    dtype = x.dtype
    if dtype in (torch.float16, torch.bfloat16):
        x, h, p = x.float(), h.float(), None if p is None else p.float()
    if lengths is None and not torch.compiler.is_compiling() and x.shape[1] == 1 and cell != "lru":
        y, last = _one_frame(cell, x, p, h)
        return y.to(dtype), last.to(dtype)
    a, b, o = gate(cell, x, p)
    pairs = cell == "lru"
    runs = None
    if lengths is not None:
        runs = (torch.arange(x.shape[1], device=x.device) < lengths[:, None])[:, :, None]
        a, b = torch.where(runs, a, identity_like(a, pairs=pairs)), torch.where(runs, b, 0)
    memories, last = scan(a, b, h, pairs=pairs)
    y = memories if o is None else o * memories
    if runs is not None:
        y = torch.where(runs, y, 0)
    return y.to(dtype), last.to(dtype)


def scan(
    a: Inexact[Tensor, "batch frames memory"],
    b: Inexact[Tensor, "batch frames memory"],
    h: Inexact[Tensor, "batch memory"],
    *,
    pairs: bool = False,
) -> tuple[Inexact[Tensor, "batch frames memory"], Inexact[Tensor, "batch memory"]]:
    """Every h_t of h_t = a_t * h_(t-1) + b_t, and the last.

    Args:
        pairs: the last axis holds all real parts and then all imaginary ones.
    """
    frames = b.shape[1]
    if not torch.compiler.is_compiling() and frames <= (_FEW_PAIRS if pairs else _FEW):
        return _loop(a, b, h, pairs)
    levels = _LEVELS if torch.compiler.is_compiling() else min(_LEVELS, (frames - 1).bit_length())
    a, b = _chunked(a, b, 2**levels, pairs)
    ups = []
    for _ in range(levels):
        (a_1, a_2), (b_1, b_2) = _neighbours(a), _neighbours(b)
        ups.append((a_1, b_1, a_2, b_2))
        a, b = _times(a_2, a_1, pairs), _apply(a_2, b_1, b_2, pairs)
    before, last = _over_chunks(a[:, :, 0], b[:, :, 0], h, pairs)
    for a_1, b_1, _, _ in reversed(ups[1:]):
        between = _apply(a_1, before, b_1, pairs)
        before = torch.stack([before, between], dim=3).flatten(2, 3)
    a_1, b_1, a_2, b_2 = ups[0]
    odd = _apply(a_1, before, b_1, pairs)
    out = torch.stack([odd, _apply(a_2, odd, b_2, pairs)], dim=3).flatten(1, 3)
    return _first(out, frames), last


def _neighbours(a: Tensor) -> tuple[Tensor, ...]:
    batch, chunks, places, memory = a.shape
    return a.reshape(batch, chunks, places // 2, 2, memory).unbind(3)


def _one_frame(cell: str, x: Tensor, p: Tensor | None, h: Tensor) -> tuple[Tensor, Tensor]:
    """A live stream's step, in as few operations as there are."""
    if cell == "min_gru":
        z_pre, c = x[:, 0].chunk(2, dim=-1)
        h = torch.lerp(h, c, torch.sigmoid(z_pre))
        return h[:, None], h
    a, b, o = gate(cell, x, p)
    memory = torch.addcmul(b, a, h[:, None])
    return memory if o is None else o * memory, memory[:, 0]


def _loop(a: Tensor, b: Tensor, h: Tensor, pairs: bool) -> tuple[Tensor, Tensor]:
    """So few frames that the tree's many operations would cost more than one for each frame."""
    outputs = []
    for a_t, b_t in zip(a.unbind(1), b.unbind(1), strict=True):
        h = _apply(a_t, h, b_t, pairs)
        outputs.append(h)
    return (torch.stack(outputs, dim=1), h) if outputs else (b.clone(), h.clone())


def _chunked(a: Tensor, b: Tensor, chunk: int, pairs: bool) -> tuple[Tensor, Tensor]:
    """[batch, chunks, chunk, memory]; frames that are added leave the memory as it is.

    Where the number of frames is a symbol, more are added and then taken by index: so no size
    depends on a remainder, and none is ever 1, which a tracer would have to assume.
    """
    frames = b.shape[1]
    traced = torch.compiler.is_compiling()
    added = 2 * chunk if traced else -frames % chunk
    if added:
        a, b = _extended(a, added, pairs), functional.pad(b, (0, 0, 0, added))
    if traced:
        starts = chunk * torch.arange(frames // chunk + 2, device=b.device)
        places = starts[:, None] + torch.arange(chunk, device=b.device)
        return a[:, places], b[:, places]
    shape = (b.shape[0], b.shape[1] // chunk, chunk, b.shape[2])
    return a.reshape(shape), b.reshape(shape)


def _extended(a: Tensor, added: int, pairs: bool) -> Tensor:
    if not pairs:
        return functional.pad(a, (0, 0, 0, added), value=1.0)
    real, imaginary = a.chunk(2, dim=-1)
    more = (0, 0, 0, added)
    parts = [functional.pad(real, more, value=1.0), functional.pad(imaginary, more)]
    return torch.cat(parts, dim=-1)


def _first(out: Tensor, frames: int) -> Tensor:
    if torch.compiler.is_compiling():  # a slice would make the tracer compare the two sizes
        return out.index_select(1, torch.arange(frames, device=out.device))
    return out.narrow(1, 0, frames)


def _over_chunks(a: Tensor, b: Tensor, h: Tensor, pairs: bool) -> tuple[Tensor, Tensor]:
    """The memory before each chunk [batch, chunks, 1, memory], and after the last."""
    if not torch.compiler.is_compiling() and b.shape[1] == 1:
        return h[:, None, None], _apply(a[:, 0], h, b[:, 0], pairs)
    b = torch.cat([h[:, None], b], dim=1)
    a = torch.cat([torch.zeros_like(h)[:, None], a], dim=1)
    count = b.shape[1]
    passes = _PASSES if torch.compiler.is_compiling() else (count - 1).bit_length()
    for i in range(passes):
        reach = (0, 0, 2**i, 0)
        b = _apply(a, functional.pad(b, reach).narrow(1, 0, count), b, pairs)
        a = _times(a, functional.pad(a, reach).narrow(1, 0, count), pairs)
    return b[:, :-1, None], b[:, -1]


def identity_like(a: Tensor, *, pairs: bool) -> Tensor:
    """What, as a_t, leaves the memory as it is."""
    if not pairs:
        return torch.ones_like(a)
    real, imaginary = a.chunk(2, dim=-1)
    return torch.cat([torch.ones_like(real), torch.zeros_like(imaginary)], dim=-1)


def _times(a: Tensor, b: Tensor, pairs: bool) -> Tensor:
    """a * b"""
    if not pairs:
        return a * b
    (a_re, a_im), (b_re, b_im) = a.chunk(2, dim=-1), b.chunk(2, dim=-1)
    return torch.cat([a_re * b_re - a_im * b_im, a_re * b_im + a_im * b_re], dim=-1)


def _apply(a: Tensor, h: Tensor, b: Tensor, pairs: bool) -> Tensor:
    """a * h + b"""
    return _times(a, h, pairs) + b if pairs else torch.addcmul(b, a, h)
