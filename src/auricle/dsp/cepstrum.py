"""Mel-frequency cepstral coefficients and their slopes."""

import math
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.mel import mel_filter_bank
from auricle.dsp.spectrum import power_to_db
from auricle.errors import ConfigError, message


def dct_matrix(size: int, n_out: int) -> Float[Tensor, "{size} {n_out}"]:
    """The orthonormal discrete cosine transform of type II, its first n_out columns.

    matrix[n, k] = scale[k] * cos(pi * k * (2n + 1) / (2 * size)),
    scale[0] = sqrt(1 / size), scale[k > 0] = sqrt(2 / size)
    """
    n = torch.arange(size, dtype=torch.float64)[:, None]
    k = torch.arange(n_out, dtype=torch.float64)[None, :]
    matrix = torch.cos(math.pi * k * (2 * n + 1) / (2 * size)) * math.sqrt(2 / size)
    matrix[:, 0] /= math.sqrt(2)
    return matrix.float()


def mfcc(
    power: Float[Tensor, "batch frames bins"],
    *,
    sample_rate: int,
    n_mfcc: int = 20,
    n_mels: int = 128,
) -> Float[Tensor, "batch frames coefficients"]:
    """Cosine transform of the mel spectrum in dB, as librosa's default.

    Args:
        power: from `power_spectrogram`; n_fft = 2 * (bins - 1).
        sample_rate: Hz.
        n_mfcc: coefficients kept, 0 < n_mfcc <= n_mels.
        n_mels: mel filters; lower it for a short n_fft.
    Raises:
        ConfigError: n_mfcc out of range, or a mel filter that holds no bin.
    Reference:
        Davis and Mermelstein, IEEE Trans. Acoustics, Speech and Signal Processing 28(4), 1980.
    """
    if not 0 < n_mfcc <= n_mels:
        raise ConfigError(
            message(
                "n_mfcc",
                expected=f"0 < n_mfcc <= n_mels={n_mels}",
                got=n_mfcc,
                remedy="Lower n_mfcc or raise n_mels.",
            )
        )
    n_fft = 2 * (power.shape[-1] - 1)
    filters, cosines = _tables(sample_rate, n_fft=n_fft, n_mels=n_mels, n_mfcc=n_mfcc)
    return power_to_db(power @ filters.to(power)) @ cosines.to(power)


@lru_cache(maxsize=16)
@torch.inference_mode(False)  # what is kept must serve gradients too
def _tables(sample_rate: int, *, n_fft: int, n_mels: int, n_mfcc: int) -> tuple[Tensor, Tensor]:
    """Filters and cosines are the same for every clip of a set; never written to."""
    filters = mel_filter_bank(sample_rate=sample_rate, n_fft=n_fft, n_mels=n_mels)
    return filters, dct_matrix(n_mels, n_mfcc)


def delta(
    values: Float[Tensor, "batch frames features"], *, reach: int = 4
) -> Float[Tensor, "batch frames features"]:
    """Slope per frame of the line fitted through each frame and its neighbours.

    d[i] = sum_{n=1..reach} n * (v[i + n] - v[i - n]) / (2 * sum_{n=1..reach} n^2)

    Beyond either end the outermost frame is repeated (librosa's ``mode="nearest"``).

    Args:
        values: any.
        reach: neighbours on either side, >= 1; 4 is librosa's width of 9.
    """
    first, last = values[:, :1], values[:, -1:]
    padded = torch.cat([first.expand(-1, reach, -1), values, last.expand(-1, reach, -1)], dim=1)
    frames = values.shape[1]
    slope = torch.zeros_like(values)
    for n in range(1, reach + 1):
        later, earlier = padded[:, reach + n :][:, :frames], padded[:, reach - n :][:, :frames]
        slope += n * (later - earlier)
    return slope / (2 * sum(n * n for n in range(1, reach + 1)))
