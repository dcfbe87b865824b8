"""Discrete wavelets and packets, computed by PyWavelets (the extra ``wavelets``)."""

from collections.abc import Sequence
from types import ModuleType
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from auricle._optional import require
from auricle.dsp.checks import check_positive, check_waveform
from auricle.errors import ConfigError, ShapeError, message

Boundary = Literal["symmetric", "periodic", "zero", "reflect", "constant"]


def wavelet_decompose(
    waveform: Float[Tensor, "batch time"],
    *,
    wavelet: str = "db4",
    level: int | None = None,
    boundary: Boundary = "symmetric",
) -> tuple[Float[Tensor, "batch _"], ...]:
    """The discrete wavelet transform: halved bands, each at half the rate of the one above.

    Args:
        waveform: any amplitude.
        wavelet: a discrete wavelet by PyWavelets' name: haar, db4, sym8, coif3, bior4.4, ...
        level: how often the lower half is halved; as often as the wavelet is not longer than what
            is left, if None.
        boundary: how the waveform goes on beyond its ends.
    Returns:
        Approximation (the lowest band), then details from the lowest band to the highest.
    Raises:
        ConfigError: an unknown wavelet, or a level out of range.
        ShapeError: not [batch, time] of finite float32 or float64, or too short for one level.
        MissingExtraError: PyWavelets is not installed.
    Reference:
        Mallat, IEEE Trans. Pattern Analysis and Machine Intelligence 11(7), 1989; as
        ``pywt.wavedec``.
    """
    pywt = pywt_or_raise("wavelet_decompose")
    levels = _levels(pywt, waveform, wavelet=wavelet, level=level)
    samples = waveform.detach().double().numpy()
    parts = pywt.wavedec(samples, wavelet, mode=boundary, level=levels, axis=-1)
    return tuple(torch.from_numpy(part).to(waveform.dtype) for part in parts)


def wavelet_reconstruct(
    coefficients: Sequence[Float[Tensor, "batch _"]],
    *,
    num_samples: int,
    wavelet: str = "db4",
    boundary: Boundary = "symmetric",
) -> Float[Tensor, "batch {num_samples}"]:
    """The inverse of `wavelet_decompose`, to rounding.

    Args:
        coefficients: as it returned them, changed or not.
        num_samples: length of the waveform.
        wavelet, boundary: as they were.
    Raises:
        ConfigError: an unknown wavelet.
        ShapeError: coefficients that do not reach num_samples.
        MissingExtraError: PyWavelets is not installed.
    """
    pywt = pywt_or_raise("wavelet_reconstruct")
    _check_wavelet(pywt, wavelet)
    parts = [part.detach().double().numpy() for part in coefficients]
    samples = pywt.waverec(parts, wavelet, mode=boundary, axis=-1)
    return _cut(samples, num_samples).to(coefficients[0].dtype)


def wavelet_packet(
    waveform: Float[Tensor, "batch time"],
    *,
    level: int,
    wavelet: str = "db4",
    boundary: Boundary = "symmetric",
) -> Float[Tensor, "batch frames bands"]:
    """Packets: both halves are halved, so that 2 ** level bands are equally wide.

    Args:
        waveform: any amplitude.
        level: halvings, > 0.
        wavelet, boundary: as for `wavelet_decompose`.
    Returns:
        Bands in order of frequency, sample_rate / 2 ** (level + 1) wide each.
    Raises:
        ConfigError, ShapeError, MissingExtraError: as `wavelet_decompose`.
    Reference:
        Coifman and Wickerhauser, IEEE Trans. Information Theory 38(2), 1992; as
        ``pywt.WaveletPacket(...).get_level(level, order="freq")``.
    """
    pywt = pywt_or_raise("wavelet_packet")
    _levels(pywt, waveform, wavelet=wavelet, level=level)
    samples = waveform.detach().double().numpy()
    tree = pywt.WaveletPacket(samples, wavelet, mode=boundary, axis=-1, maxlevel=level)
    bands = [node.data for node in tree.get_level(level, order="freq")]
    return torch.from_numpy(np.stack(bands, axis=-1)).to(waveform.dtype)


def wavelet_packet_inverse(
    packets: Float[Tensor, "batch frames bands"],
    *,
    num_samples: int,
    wavelet: str = "db4",
    boundary: Boundary = "symmetric",
) -> Float[Tensor, "batch {num_samples}"]:
    """The inverse of `wavelet_packet`, to rounding; settings as there.

    Raises:
        ConfigError: an unknown wavelet.
        ShapeError: bands that are no power of two, or that do not reach num_samples.
        MissingExtraError: PyWavelets is not installed.
    """
    pywt = pywt_or_raise("wavelet_packet_inverse")
    _check_wavelet(pywt, wavelet)
    bands = packets.shape[2]
    level = bands.bit_length() - 1
    if level == 0 or bands != 1 << level:
        raise ShapeError(
            message(
                "packets",
                expected="[batch, frames, 2 ** level], level > 0",
                got=list(packets.shape),
                remedy="Give all the bands that `wavelet_packet` returned.",
            )
        )
    values = packets.detach().double().numpy()
    tree = pywt.WaveletPacket(None, wavelet, mode=boundary, axis=-1, maxlevel=level)
    for band in range(bands):
        tree[_path(band, level)] = values[:, :, band]
    return _cut(tree.reconstruct(update=False), num_samples).to(packets.dtype)


def pywt_or_raise(feature: str) -> ModuleType:
    """PyWavelets, or the error that says how to install it."""
    return require("pywt", extra="wavelets", feature=feature)


def _levels(pywt: ModuleType, waveform: Tensor, *, wavelet: str, level: int | None) -> int:
    """The level asked for, or the highest, after every check."""
    _check_wavelet(pywt, wavelet)
    taps = pywt.Wavelet(wavelet).dec_len
    check_waveform(waveform, shortest=max(2, 2 * (taps - 1)))
    highest = int(pywt.dwt_max_level(waveform.shape[1], taps))
    if level is None:
        return highest
    check_positive(level=level)
    if level > highest:
        raise ConfigError(
            message(
                "level",
                expected=f"level <= {highest}, at which {wavelet} is as long as what is left",
                got=level,
                remedy="Lower it, give a longer waveform, or take a shorter wavelet.",
            )
        )
    return level


def _check_wavelet(pywt: ModuleType, wavelet: str) -> None:
    if wavelet not in pywt.wavelist(kind="discrete"):
        raise ConfigError(
            message(
                "wavelet",
                expected="a discrete wavelet that PyWavelets knows (haar, db1 ... db38, sym8, ...)",
                got=repr(wavelet),
                remedy="`pywt.wavelist(kind='discrete')` lists them.",
            )
        )


def _path(band: int, level: int) -> str:
    """Where a band lies in the tree: high halves are mirrored, so its number in Gray code."""
    gray = band ^ (band >> 1)
    return "".join("d" if gray >> k & 1 else "a" for k in reversed(range(level)))


def _cut(samples: Float64[np.ndarray, "batch time"], num_samples: int) -> Tensor:
    check_positive(num_samples=num_samples)
    if samples.shape[1] < num_samples:
        raise ShapeError(
            message(
                "num_samples",
                expected=f"at most {samples.shape[1]}, what the coefficients reach",
                got=num_samples,
                remedy="Give the length of the waveform that was decomposed.",
            )
        )
    return torch.from_numpy(samples[:, :num_samples].copy())
