"""Energy at the twelve pitch classes, whatever the octave."""

from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

_A0_HZ = 27.5
_N_CHROMA = 12
_CENTRE_OCTAVE = 5.0
_OCTAVE_WIDTH = 2.0


def chroma_filter_bank(*, sample_rate: int, n_fft: int) -> Float[Tensor, "bins 12"]:
    """Which share of each Fourier bin belongs to C, C sharp, ..., B, at 440 Hz tuning.

    octaves(f) = log2(f / 27.5 Hz);  d = distance in semitones to the pitch class, in (-6, 6]
    weight = exp(-(2 d / width)^2 / 2), of unit norm in each bin,
    times exp(-((octaves - 5) / 2)^2 / 2), which keeps to the middle of the piano.

    Reference:
        Ellis, "Chroma feature analysis and synthesis", 2007; as ``librosa.filters.chroma``.
    """
    bin_hz = torch.arange(1, n_fft, dtype=torch.float64) * sample_rate / n_fft
    pitch = _N_CHROMA * torch.log2(bin_hz / _A0_HZ)
    pitch = torch.cat([pitch[:1] - 1.5 * _N_CHROMA, pitch])  # the bin at 0 Hz has no pitch
    width = torch.cat([(pitch[1:] - pitch[:-1]).clamp(min=1.0), torch.ones(1).double()])
    from_a = pitch[:, None] - torch.arange(_N_CHROMA, dtype=torch.float64)[None, :]
    half = _N_CHROMA / 2
    distance = torch.remainder(from_a + half + 10 * _N_CHROMA, _N_CHROMA) - half
    weights = torch.exp(-0.5 * (2 * distance / width[:, None]) ** 2)
    weights = weights / weights.norm(dim=1, keepdim=True)
    octave = pitch[:, None] / _N_CHROMA
    weights = weights * torch.exp(-0.5 * ((octave - _CENTRE_OCTAVE) / _OCTAVE_WIDTH) ** 2)
    from_c = weights.roll(-3, dims=1)  # pitch was counted from A
    kept: Tensor = from_c[: 1 + n_fft // 2]
    return kept.float()


def chroma(
    power: Float[Tensor, "batch frames bins"], *, sample_rate: int
) -> Float[Tensor, "batch frames 12"]:
    """Chroma of each frame, its greatest entry 1; a silent frame stays 0.

    Args:
        power: from `power_spectrogram`; n_fft = 2 * (bins - 1).
        sample_rate: Hz.
    """
    filters = _filters(sample_rate, n_fft=2 * (power.shape[-1] - 1))
    energy = power @ filters.to(power)
    peak = energy.amax(dim=-1, keepdim=True)
    smallest = torch.finfo(power.dtype).tiny
    return energy / torch.where(peak > smallest, peak, torch.ones_like(peak))


@lru_cache(maxsize=16)
@torch.inference_mode(False)  # what is kept must serve gradients too
def _filters(sample_rate: int, *, n_fft: int) -> Tensor:
    """The same for every clip of a set; never written to."""
    return chroma_filter_bank(sample_rate=sample_rate, n_fft=n_fft)
