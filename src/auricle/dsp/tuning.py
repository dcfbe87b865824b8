"""How far a recording's notes lie from the piano's."""

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.checks import check_positive, check_waveform
from auricle.dsp.difference import parabolic_shifts
from auricle.dsp.stft import stft

_N_FFT, _HOP = 2048, 512
_FMIN, _FMAX = 150.0, 4000.0
_OF_LOUDEST = 0.1
_RESOLUTION = 0.01
_A0_HZ = 27.5


def estimate_tuning(
    waveform: Float[Tensor, "batch time"], *, sample_rate: int, bins_per_octave: int = 12
) -> Float[Tensor, " batch"]:
    """The commonest distance of spectral peaks from the nearest note, in parts of a bin.

    Peaks between 150 Hz and 4 kHz, refined by a parabola, the louder half of them, in a histogram
    of hundredths of a bin; the lower edge of its highest column. 0 where there is no peak at all.

    Args:
        waveform: any amplitude.
        sample_rate: Hz.
        bins_per_octave: 12 for semitones.
    Returns:
        In [-0.5, 0.5): 0.5 is a quarter tone where bins are semitones.
    Raises:
        ConfigError: a setting not above zero.
        ShapeError: not [batch, time] of finite float32 or float64, or empty.
    Reference:
        As ``librosa.estimate_tuning``.
    """
    check_positive(sample_rate=sample_rate, bins_per_octave=bins_per_octave)
    check_waveform(waveform)
    size = stft(waveform, n_fft=_N_FFT, hop_length=_HOP).abs()
    clips = [_tuning(clip, sample_rate, bins_per_octave) for clip in size]
    return torch.tensor(clips, dtype=waveform.dtype)


def _tuning(size: Float[Tensor, "frames bins"], sample_rate: int, bins_per_octave: int) -> float:
    peak_hz, height = _peaks(size, sample_rate)
    if len(peak_hz) == 0:
        return 0.0
    loud = peak_hz[height >= _median(height)].double()
    away = torch.remainder(bins_per_octave * torch.log2(loud / _A0_HZ), 1.0)
    away = torch.where(away >= 0.5, away - 1.0, away)
    columns = round(1 / _RESOLUTION)
    edges = torch.linspace(-0.5, 0.5, columns + 1, dtype=torch.float64, device=away.device)
    column = torch.bucketize(away, edges, right=True) - 1
    counts = torch.bincount(column.clamp(0, columns - 1), minlength=columns)
    return float(edges[counts.argmax()])


def _peaks(
    size: Float[Tensor, "frames bins"], sample_rate: int
) -> tuple[Float[Tensor, " peaks"], Float[Tensor, " peaks"]]:
    """Frequency, Hz, and height of every peak within 20 dB of its frame's loudest."""
    shift = parabolic_shifts(size)
    loud = size * (size > _OF_LOUDEST * size.amax(dim=1, keepdim=True))
    peak = torch.zeros_like(loud, dtype=torch.bool)
    peak[:, 1:-1] = (loud[:, 1:-1] > loud[:, :-2]) & (loud[:, 1:-1] >= loud[:, 2:])
    bins = torch.arange(size.shape[1], dtype=torch.float64, device=size.device)
    bin_hz = bins * sample_rate / _N_FFT
    peak &= (bin_hz >= _FMIN) & (bin_hz < min(_FMAX, sample_rate / 2))
    slope = torch.zeros_like(size)
    slope[:, 1:-1] = (size[:, 2:] - size[:, :-2]) / 2
    frame, k = peak.nonzero(as_tuple=True)
    peak_hz = (k + shift[frame, k]) * sample_rate / _N_FFT
    return peak_hz, size[frame, k] + 0.5 * slope[frame, k] * shift[frame, k]


def _median(values: Float[Tensor, " peaks"]) -> Tensor:
    """Of an even number, the middle of the two middle ones."""
    ordered, count = values.sort().values, len(values)
    return (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
