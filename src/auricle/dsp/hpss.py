"""Harmonic and percussive parts: what is long in time, and what is wide in frequency."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Inexact
from torch import Tensor

from auricle.dsp.checks import check_finite, check_positive, check_waveform
from auricle.dsp.stft import istft, stft
from auricle.errors import ConfigError, ShapeError, message

_ROWS_AT_ONCE = 1 << 22


class Masks(NamedTuple):
    """The share of each bin, in [0, 1].

    Attributes:
        harmonic: of what lasts.
        percussive: of what is wide.
    """

    harmonic: Float[Tensor, "batch frames bins"]
    percussive: Float[Tensor, "batch frames bins"]


class Parts(NamedTuple):
    """A spectrogram or a waveform in two; they add up to the whole where both margins are 1."""

    harmonic: Tensor
    percussive: Tensor


def hpss_masks(
    magnitude: Float[Tensor, "batch frames bins"],
    *,
    kernel_frames: int = 31,
    kernel_bins: int = 31,
    exponent: float = 2.0,
    margins: tuple[float, float] = (1.0, 1.0),
) -> Masks:
    """Soft masks from two median filters.

    h = median of |S| over kernel_frames frames;  p = median over kernel_bins bins
    harmonic = h^e / (h^e + (m_h p)^e);  percussive = p^e / (p^e + (m_p h)^e)

    Beyond the edges the spectrogram is mirrored. With margins above 1 neither mask takes what is in
    between, and the parts no longer add up. Where there is nothing each mask is 1/2, or 0 with
    margins.

    Args:
        magnitude: >= 0.
        kernel_frames: frames, odd, > 0.
        kernel_bins: bins, odd, > 0.
        exponent: > 0; 2 is Wiener's mask, higher is harder.
        margins: of the harmonic and of the percussive part, >= 1.
    Raises:
        ConfigError: an even kernel, or a setting out of range.
        ShapeError: not [batch, frames, bins], or values that are negative or not finite.
    Reference:
        Fitzgerald, "Harmonic/percussive separation using median filtering", DAFx 2010; Driedger et
        al., "Extending harmonic-percussive separation of audio", ISMIR 2014; as
        ``librosa.decompose.hpss``.
    """
    _check_settings(kernel_frames, kernel_bins, margins)
    check_positive(exponent=exponent)
    _check_magnitude(magnitude)
    lasting = median_filter(magnitude, size=kernel_frames, dim=1)
    wide = median_filter(magnitude, size=kernel_bins, dim=2)
    nothing = 0.5 if max(margins) == 1 else 0.0
    return Masks(
        soft_mask(lasting, wide * margins[0], exponent=exponent, nothing=nothing),
        soft_mask(wide, lasting * margins[1], exponent=exponent, nothing=nothing),
    )


def hpss(
    spectrum: Inexact[Tensor, "batch frames bins"],
    *,
    kernel_frames: int = 31,
    kernel_bins: int = 31,
    exponent: float = 2.0,
    margins: tuple[float, float] = (1.0, 1.0),
) -> Parts:
    """The spectrum times each of its `hpss_masks`; complex numbers keep their phase."""
    masks = hpss_masks(
        spectrum.abs(),
        kernel_frames=kernel_frames,
        kernel_bins=kernel_bins,
        exponent=exponent,
        margins=margins,
    )
    return Parts(spectrum * masks.harmonic, spectrum * masks.percussive)


def split_harmonic(
    waveform: Float[Tensor, "batch time"],
    *,
    n_fft: int = 2048,
    hop_length: int = 512,
    margins: tuple[float, float] = (1.0, 1.0),
) -> Parts:
    """The two parts of a waveform, each as long as it, as ``librosa.effects.hpss``.

    Args:
        waveform: any amplitude.
        n_fft, hop_length: of the `stft` in between, samples.
        margins: as for `hpss_masks`.
    Raises:
        ConfigError: a setting out of range.
        ShapeError: not [batch, time] of finite float32 or float64, or empty.
    """
    check_waveform(waveform)
    parts = hpss(stft(waveform, n_fft=n_fft, hop_length=hop_length), margins=margins)
    time = waveform.shape[1]
    return Parts(*(istft(x, n_fft=n_fft, hop_length=hop_length, num_samples=time) for x in parts))


def median_filter(
    values: Float[Tensor, "batch frames bins"], *, size: int, dim: int
) -> Float[Tensor, "batch frames bins"]:
    """The median of ``size`` neighbours along an axis, mirrored beyond the edges (d c b a | a b).

    Args:
        values: any.
        size: odd, > 0.
        dim: the axis.
    """
    length = values.shape[dim]
    half = size // 2
    around = torch.arange(-half, length + half, device=values.device) % (2 * length)
    mirrored = torch.where(around < length, around, 2 * length - 1 - around)
    rows = values.movedim(dim, -1).reshape(-1, length)
    few = max(1, _ROWS_AT_ONCE // (length * size))
    parts = [
        part[:, mirrored].unfold(1, size, 1).median(dim=-1).values
        for part in torch.split(rows, few)
    ]
    shape = values.movedim(dim, -1).shape
    return torch.cat(parts).reshape(shape).movedim(-1, dim).contiguous()


def soft_mask(
    wanted: Float[Tensor, "*shape"],
    other: Float[Tensor, "*shape"],
    *,
    exponent: float,
    nothing: float,
) -> Float[Tensor, "*shape"]:
    """wanted^e / (wanted^e + other^e), and ``nothing`` where both are 0."""
    larger = torch.maximum(wanted, other)
    absent = larger < torch.finfo(larger.dtype).tiny
    scale = torch.where(absent, torch.ones_like(larger), larger)
    a, b = (wanted / scale) ** exponent, (other / scale) ** exponent
    whole = torch.where(absent, torch.ones_like(larger), a + b)
    return torch.where(absent, torch.full_like(a, nothing), a / whole)


def _check_settings(kernel_frames: int, kernel_bins: int, margins: tuple[float, float]) -> None:
    for name, size in (("kernel_frames", kernel_frames), ("kernel_bins", kernel_bins)):
        if size <= 0 or size % 2 == 0:
            raise ConfigError(
                message(
                    name,
                    expected="odd and > 0, so that it has a middle",
                    got=size,
                    remedy=f"Take {max(1, size + 1)}.",
                )
            )
    if min(margins) < 1:
        raise ConfigError(
            message(
                "margins",
                expected="both >= 1",
                got=margins,
                remedy="Take 1 for parts that add up, 2 to 5 for purer ones.",
            )
        )


def _check_magnitude(magnitude: Tensor) -> None:
    check_finite(magnitude, name="magnitude")
    if magnitude.ndim != 3 or 0 in magnitude.shape or bool((magnitude < 0).any()):
        raise ShapeError(
            message(
                "magnitude",
                expected="[batch, frames, bins], none of them 0, of values >= 0",
                got=list(magnitude.shape),
                remedy="Give the magnitude of `stft`, not decibels.",
            )
        )
