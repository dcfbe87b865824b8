"""Harmony as a point in a space of fifths, minor thirds and major thirds."""

import math
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.checks import check_real

_RADII = (1.0, 1.0, 1.0, 1.0, 0.5, 0.5)
_TURNS = (7 / 6, 7 / 6, 3 / 2, 3 / 2, 2 / 3, 2 / 3)


def tonnetz(chroma: Float[Tensor, "batch frames 12"]) -> Float[Tensor, "batch frames 6"]:
    """Tonal centroid: x and y on the circles of fifths, minor thirds and major thirds.

    T = R (c / sum c),  R[2j] = r_j sin(pi t_j l),  R[2j + 1] = r_j cos(pi t_j l),  l = 0..11

    Args:
        chroma: energy of the pitch classes C to B, >= 0; a silent frame gives the centre, 0.
    Returns:
        fifths_x, fifths_y, minor_x, minor_y, major_x, major_y.
    Raises:
        ShapeError: integers, or NaN.
    Reference:
        Harte, Sandler and Gasser, "Detecting harmonic change in musical audio", 2006; equal to
        ``librosa.feature.tonnetz(chroma=...)``.
    """
    check_real(chroma, name="chroma")
    total = chroma.abs().sum(dim=-1, keepdim=True)
    smallest = torch.finfo(chroma.dtype).tiny
    shares = chroma / torch.where(total > smallest, total, torch.ones_like(total))
    return shares @ _circles().to(chroma)


@lru_cache(maxsize=1)
@torch.inference_mode(False)  # what is kept must serve gradients too
def _circles() -> Tensor:
    pitch = torch.arange(12, dtype=torch.float64)
    turns = torch.tensor(_TURNS, dtype=torch.float64)[:, None] * pitch
    turns[::2] -= 0.5
    radii = torch.tensor(_RADII, dtype=torch.float64)[:, None]
    return (radii * torch.cos(math.pi * turns)).T
