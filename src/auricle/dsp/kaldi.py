"""Mel cepstra as Kaldi and as HTK compute them, from frames of raw samples."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.cepstrum import dct_matrix
from auricle.dsp.checks import check_positive, check_waveform
from auricle.errors import ConfigError, message

_SAMPLE_SCALE = 32768.0  # both read 16-bit samples as they are
_PRE_EMPHASIS = 0.97
_EPSILON = torch.finfo(torch.float32).eps
Convention = Literal["kaldi", "htk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechCepstra:
    """Settings of `speech_cepstra`; those of `kaldi` and `htk` are the programs' own.

    Attributes:
        convention: ``kaldi``: mean of each frame taken away, Povey's window, power, floor of 1.2e-7
            under each filter. ``htk``: Hamming's window, magnitude, floor of 1.
        sample_rate: Hz.
        win_length: samples.
        n_mfcc: coefficients, the zeroth among them, 0 < n_mfcc <= n_mels.
        n_mels: filters: 23 is Kaldi's default, 26 the usual number in HTK.
        fmin, fmax: edges of the filters, Hz; half the rate if None.
        lifter: of the sine that raises high coefficients; 0 for none.
        energy: the log energy of the frame in place of the zeroth coefficient (Kaldi's default).
    """

    convention: Convention = "kaldi"
    sample_rate: int
    win_length: int
    n_mfcc: int = 13
    n_mels: int = 23
    fmin: float = 20.0
    fmax: float | None = None
    lifter: float = 22.0
    energy: bool = True

    def __post_init__(self) -> None:
        check_positive(sample_rate=self.sample_rate, win_length=self.win_length, n_mels=self.n_mels)
        if not 0 < self.n_mfcc <= self.n_mels or self.lifter < 0:
            raise ConfigError(
                message(
                    "n_mfcc, lifter",
                    expected=f"0 < n_mfcc <= n_mels={self.n_mels} and lifter >= 0",
                    got=f"{self.n_mfcc}, {self.lifter}",
                    remedy="13 and 22 are usual.",
                )
            )

    @property
    def n_fft(self) -> int:
        """The power of two at or above the window."""
        return 1 << (self.win_length - 1).bit_length()


def kaldi_config(sample_rate: int, *, win_length: int, n_mfcc: int = 13) -> SpeechCepstra:
    """Kaldi's defaults: ``compute-mfcc-feats --dither=0``."""
    return SpeechCepstra(sample_rate=sample_rate, win_length=win_length, n_mfcc=n_mfcc)


def htk_config(sample_rate: int, *, win_length: int, n_mfcc: int = 13) -> SpeechCepstra:
    """HTK's ``MFCC_0``: 26 filters from 0 Hz, Hamming's window, magnitude, lifter 22."""
    return SpeechCepstra(
        convention="htk",
        sample_rate=sample_rate,
        win_length=win_length,
        n_mfcc=n_mfcc,
        n_mels=26,
        fmin=0.0,
        energy=False,
    )


def speech_mfcc(
    waveform: Float[Tensor, "batch time"], config: SpeechCepstra, *, hop_length: int
) -> Float[Tensor, "batch frames coefficients"]:
    """Mel cepstra of whole clips in Kaldi's framing with ``snip_edges``.

    frame i begins at sample i * hop_length; frames = 1 + floor((time - win_length) / hop_length)

    Args:
        waveform: in [-1, 1]; taken times 32768. time >= win_length.
        hop_length: samples, > 0.
    Raises:
        ShapeError: shorter than one window, not [batch, time], integers, NaN.
        ConfigError: a setting out of its range.
    """
    check_positive(hop_length=hop_length)
    check_waveform(waveform, shortest=config.win_length)
    return speech_cepstra(waveform.unfold(1, config.win_length, hop_length), config)


def speech_cepstra(
    frames: Float[Tensor, "batch frames win"], config: SpeechCepstra
) -> Float[Tensor, "batch frames coefficients"]:
    """Mel cepstra of frames of samples in [-1, 1].

    x <- 32768 x;  kaldi: x <- x - mean(x);  E = ln(sum x^2)
    x_n <- w_n (x_n - 0.97 x_(n-1)),  x_(-1) = x_0
    m_j = ln(max(floor, sum_k filter_j(k) |X_k|^p)),  p = 2 (kaldi) or 1 (htk)
    c_i = (1 + Q/2 sin(pi i / Q)) sum_j m_j dct_(j,i)

    Kaldi's columns are E (or c_0), c_1, c_2, ...; HTK's are c_1, c_2, ..., sqrt(2) c_0.

    Reference:
        Povey et al., "The Kaldi speech recognition toolkit", ASRU 2011, equal to its
        ``compute-mfcc-feats``; Young et al., "The HTK book", 2006, section 5.6.
    """
    kaldi = config.convention == "kaldi"
    window, filters, cosines = (table.to(frames) for table in _tables(config))
    samples = frames * _SAMPLE_SCALE
    if kaldi:
        samples = samples - samples.mean(dim=-1, keepdim=True)
    energy = samples.square().sum(dim=-1, keepdim=True).clamp(min=_EPSILON).log()
    before = torch.cat([samples[..., :1], samples[..., :-1]], dim=-1)
    spectrum = torch.fft.rfft((samples - _PRE_EMPHASIS * before) * window, n=config.n_fft)
    power = (spectrum.real.square() + spectrum.imag.square())[..., : filters.shape[0]]
    mel = (power if kaldi else power.sqrt()) @ filters
    cepstra = mel.clamp(min=_EPSILON if kaldi else 1.0).log() @ cosines
    zeroth = energy if config.energy else cepstra[..., :1]
    if kaldi:
        return torch.cat([zeroth, cepstra[..., 1:]], dim=-1)
    return torch.cat([cepstra[..., 1:], zeroth * (1 if config.energy else math.sqrt(2))], dim=-1)


def mel_domain_filters(
    *, sample_rate: int, n_fft: int, n_mels: int, fmin: float = 20.0, fmax: float | None = None
) -> Float[Tensor, "bins mels"]:
    """Triangles of height 1 that are straight in mel, as Kaldi and HTK have them; bins = n_fft / 2.

    mel = 1127 ln(1 + f / 700)

    Raises:
        ConfigError: edges out of order or above half the rate, or a filter that holds no bin.
    """
    top = sample_rate / 2 if fmax is None else fmax
    if not 0 <= fmin < top <= sample_rate / 2:
        raise ConfigError(
            message(
                "fmax",
                expected=f"0 <= fmin={fmin:g} < fmax <= sample_rate / 2 = {sample_rate / 2:g}",
                got=f"{top:g}",
                remedy="Lower fmax or raise the sample rate.",
            )
        )
    hz = torch.arange(n_fft // 2, dtype=torch.float64) * sample_rate / n_fft
    low, high = 1127 * math.log1p(fmin / 700), 1127 * math.log1p(top / 700)
    mel = 1127 * torch.log1p(hz / 700)[:, None]
    step = (high - low) / (n_mels + 1)
    left = low + step * torch.arange(n_mels, dtype=torch.float64)
    weights = torch.minimum((mel - left) / step, (left + 2 * step - mel) / step).clamp(min=0)
    empty = int((weights.sum(dim=0) == 0).sum())
    if empty:
        raise ConfigError(
            message(
                "n_mels",
                expected=f"at least one Fourier bin (of {n_fft // 2}) under each mel filter",
                got=f"{n_mels} filters of which {empty} are empty",
                remedy="Lower n_mels or lengthen the window.",
            )
        )
    return weights.float()


@lru_cache(maxsize=16)
@torch.inference_mode(False)  # what is kept must serve gradients too
def _tables(config: SpeechCepstra) -> tuple[Tensor, Tensor, Tensor]:
    """Window, filters and liftered cosines; never written to."""
    turn = torch.arange(config.win_length, dtype=torch.float64) / max(1, config.win_length - 1)
    cosine = torch.cos(2 * math.pi * turn)
    if config.convention == "kaldi":
        window = (0.5 - 0.5 * cosine) ** 0.85
    else:
        window = 0.54 - 0.46 * cosine
    filters = mel_domain_filters(
        sample_rate=config.sample_rate,
        n_fft=config.n_fft,
        n_mels=config.n_mels,
        fmin=config.fmin,
        fmax=config.fmax,
    )
    cosines = dct_matrix(config.n_mels, config.n_mfcc).double()
    return window.float(), filters, (cosines * lifter(config.n_mfcc, config.lifter)).float()


def lifter(n_mfcc: int, height: float) -> Float[Tensor, " coefficients"]:
    """What each coefficient is multiplied by: 1 + height / 2 * sin(pi i / height); 1 if 0.

    Double precision. librosa counts i from 1, Kaldi and HTK (as here) from 0.
    """
    if height == 0:
        return torch.ones(n_mfcc, dtype=torch.float64)
    i = torch.arange(n_mfcc, dtype=torch.float64)
    return 1 + height / 2 * torch.sin(math.pi * i / height)
