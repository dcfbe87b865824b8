"""The constant-Q transform at one rate: it hears only its frame, so a stream can use it."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.nn.functional import pad

from auricle.dsp.checks import check_hop, check_waveform
from auricle.dsp.cqt_kernels import C1_HZ, CqtScale, cqt_scale, spectral_kernels
from auricle.dsp.stft import Framing
from auricle.errors import ShapeError, message

_FRAMES_AT_ONCE = 64
_SPARSITY = 0.01


class CqtOctave(NamedTuple):
    """The kernels of some neighbouring notes.

    Attributes:
        start: first sample of the frame that they hear.
        n_fft: how many they hear.
        first_bin: the Fourier bin at which their spectra start.
        kernels: their spectra from there, divided by the square root of their lengths.
    """

    start: int
    n_fft: int
    first_bin: int
    kernels: Complex[Tensor, "notes width"]


class CqtBank(NamedTuple):
    """Everything that `cqt_of_frames` needs.

    Attributes:
        win_length: samples in a frame: the power of two at or above the longest kernel.
        octaves: lowest notes first.
    """

    win_length: int
    octaves: tuple[CqtOctave, ...]


def cqt_bank(
    *,
    sample_rate: int,
    fmin: float = C1_HZ,
    n_bins: int = 84,
    bins_per_octave: int = 12,
    tuning: float = 0.0,
    filter_scale: float = 1.0,
    framing: Framing = "causal",
    dtype: torch.dtype = torch.float32,
) -> CqtBank:
    """The kernels of `cqt_direct`, made once.

    "causal": every kernel ends at the frame's last sample, so that a note is heard as soon as may
    be: half its kernel later. "center": every kernel is in the frame's middle.

    Args:
        sample_rate, fmin, n_bins, bins_per_octave, tuning, filter_scale: as for `cqt`.
        framing: where the kernels lie.
        dtype: of the frames that will come.
    Raises:
        ConfigError: a setting out of range, or notes above half the rate.
    """
    scale = cqt_scale(
        sample_rate=sample_rate,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
        tuning=tuning,
        filter_scale=filter_scale,
    )
    win_length = 1 << int(np.ceil(np.log2(scale.lengths(sample_rate).max())))
    octaves: list[CqtOctave] = []
    for end in range(n_bins, 0, -bins_per_octave):
        part = CqtScale(scale.frequency_hz[max(0, end - bins_per_octave) : end], scale.quality)
        octaves.insert(0, _octave(part, sample_rate, win_length=win_length, framing=framing))
    to = torch.complex128 if dtype == torch.float64 else torch.complex64
    return CqtBank(win_length, tuple(x._replace(kernels=x.kernels.to(to)) for x in octaves))


def cqt_of_frames(
    frames: Float[Tensor, "batch frames win"], bank: CqtBank
) -> Complex[Tensor, "batch frames bins"]:
    """The notes of frames that were cut already, bank.win_length samples each.

    Raises:
        ShapeError: frames of another length.
    """
    if frames.shape[-1] != bank.win_length:
        raise ShapeError(
            message(
                "frames",
                expected=f"{bank.win_length} samples each, the bank's win_length",
                got=frames.shape[-1],
                remedy="Keep that many samples of the past, silence at first.",
            )
        )
    columns = []
    for octave in bank.octaves:
        heard = frames[..., octave.start : octave.start + octave.n_fft]
        last = octave.first_bin + octave.kernels.shape[1]
        spectrum = torch.fft.rfft(heard)[..., octave.first_bin : last]
        columns.append(spectrum @ octave.kernels.T)
    return torch.cat(columns, dim=-1)


def cqt_direct(
    waveform: Float[Tensor, "batch time"],
    *,
    sample_rate: int,
    hop_length: int = 512,
    fmin: float = C1_HZ,
    n_bins: int = 84,
    bins_per_octave: int = 12,
    tuning: float = 0.0,
    filter_scale: float = 1.0,
    framing: Framing = "center",
) -> Complex[Tensor, "batch frames {n_bins}"]:
    """`cqt` by its definition, at one rate: no resampling, so nothing outside a frame is heard.

    How far from librosa: equal to 1e-6 of the maximum where librosa does not resample either (an
    odd hop_length); else its magnitudes lie 0.1 to 2 % of the maximum apart on clips of a second
    and more, most at the two ends, where librosa's resampling loses part of what rings on; 11 % on
    a clip of 0.3 s analysed below 150 Hz. Within a clip the distance is 1 % and less: kernels are
    made sparse at another length. (Measured on speech, birdsong, a rooster and a synthetic sweep.)

    "center": frame i is centred at i * hop_length; frames = 1 + time // hop_length.
    "causal": frame i ends at (i + 1) * hop_length, every kernel at its end, silence before the
    first sample; frames = time // hop_length. A note of frequency f is heard Q / (2 f) seconds
    late: 0.26 s at C1 for 12 bins an octave, 0.03 s at C4.

    Args:
        waveform, sample_rate, hop_length, fmin, n_bins, bins_per_octave, tuning, filter_scale: as
            for `cqt`.
        framing: what frame i has seen.
    Raises:
        ConfigError: a setting out of range, or notes above half the rate.
        ShapeError: not [batch, time] of finite float32 or float64, or empty; no hop complete.
    """
    check_waveform(waveform, shortest=hop_length if framing == "causal" else 1)
    bank = cqt_bank(
        sample_rate=sample_rate,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
        tuning=tuning,
        filter_scale=filter_scale,
        framing=framing,
        dtype=waveform.dtype,
    )
    win = bank.win_length
    check_hop(hop_length, longest=win, name="the longest kernel")
    around = (win - hop_length, 0) if framing == "causal" else (win // 2, win // 2)
    frames = pad(waveform, around).unfold(1, win, hop_length)
    parts = torch.split(frames, _FRAMES_AT_ONCE, dim=1)
    return torch.cat([cqt_of_frames(part, bank) for part in parts], dim=1)


def _octave(scale: CqtScale, sample_rate: int, *, win_length: int, framing: str) -> CqtOctave:
    at_end = framing == "causal"
    spectra = spectral_kernels(scale, sample_rate=sample_rate, sparsity=_SPARSITY, at_end=at_end)
    n_fft = 2 * (spectra.shape[1] - 1)
    heard = np.flatnonzero(spectra.any(axis=0))
    first, last = int(heard[0]), int(heard[-1]) + 1
    narrow = spectra[:, first:last] / np.sqrt(scale.lengths(sample_rate))[:, None]
    start = win_length - n_fft if at_end else (win_length - n_fft) // 2
    return CqtOctave(start, n_fft, first, torch.from_numpy(narrow))
