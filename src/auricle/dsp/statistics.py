"""One row of numbers per clip: what classifiers without a memory are given."""

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.cepstrum import delta, mfcc
from auricle.dsp.chroma import chroma
from auricle.dsp.spectrum import power_spectrogram, spectral_flatness

N_MFCC = 20
PERCENTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_N_MELS = 40
_WINDOW_S = 0.032
_SHORTEST_N_FFT = 256


def statistics_names() -> tuple[str, ...]:
    """What each number of `clip_statistics` is, in order."""
    rows = [f"mfcc_{index}" for index in range(N_MFCC)]
    rows += [f"delta_mfcc_{index}" for index in range(N_MFCC)]
    rows += [f"chroma_{index}" for index in range(12)] + ["flatness"]
    over = ["mean", "deviation", *(f"percentile_{round(100 * share)}" for share in PERCENTILES)]
    return tuple(f"{row}_{statistic}" for statistic in over for row in rows)


def clip_statistics(
    waveform: Float[Tensor, "batch time"], *, sample_rate: int
) -> Float[Tensor, "batch statistics"]:
    """Mean, deviation and percentiles over time of MFCC, their slopes, chroma and flatness.

    53 rows (20 MFCC, 20 slopes, 12 chroma, flatness in dB) times 7 statistics; the window is the
    power of two nearest above 32 ms (at least 256 samples), the hop a quarter of it.

    Args:
        waveform: any amplitude; time >= 1.
        sample_rate: Hz.
    Raises:
        ShapeError: an empty waveform.
    """
    n_fft = max(_SHORTEST_N_FFT, 1 << (round(_WINDOW_S * sample_rate) - 1).bit_length())
    power = power_spectrogram(waveform.float(), n_fft=n_fft, hop_length=n_fft // 4)
    coefficients = mfcc(power, sample_rate=sample_rate, n_mfcc=N_MFCC, n_mels=_N_MELS)
    flatness_db = 10 * spectral_flatness(power).clamp(min=1e-10).log10()
    rows = torch.cat(
        [
            coefficients,
            delta(coefficients),
            chroma(power, sample_rate=sample_rate),
            flatness_db[..., None],
        ],
        dim=-1,
    )
    levels = rows.quantile(torch.tensor(PERCENTILES, dtype=rows.dtype), dim=1)
    return torch.cat([rows.mean(dim=1), rows.std(dim=1, correction=0), *levels], dim=-1)
