"""Power and mel energy of many frames, a block at a time: nothing leaves the processor's cache."""

import math
import threading
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from auricle.dsp.cepstrum import dct_matrix
from auricle.dsp.checks import check_hop, check_positive, check_waveform
from auricle.dsp.mel import mel_filter_bank
from auricle.errors import ConfigError, message

_FLOOR = 1e-10
_BLOCK_SAMPLES = 1 << 18  # of one transform's input: 1 MB
_FRAMES_AT_ONCE = 1024
_FEWEST_ROWS = 16
_COLUMNS = 16
_DB_PER_NEPER = 10 / math.log(10)
_of_thread = threading.local()  # the last buffer, and what it is for


class NarrowFilters(NamedTuple):
    """A filter bank without most of its zeros.

    Attributes:
        n_mels: how many filters.
        bins: the bins under any of the first 16 filters, of the next 16, and so on.
        weights: of those bins; 16 columns each, the last filled up with zeros.
    """

    n_mels: int
    bins: tuple[slice, ...]
    weights: tuple[Float[Tensor, "_ 16"], ...]


def narrow_filters(bank: Float[Tensor, "bins mels"]) -> NarrowFilters:
    """Products of 16 columns take half the time of 12 or 20; each filter holds a bin."""
    n_mels = bank.shape[1]
    bins, weights = [], []
    for start in range(0, n_mels, _COLUMNS):
        part = bank[:, start : start + _COLUMNS]
        used = part.amax(dim=1).nonzero()[:, 0]
        bins.append(slice(int(used[0]), int(used[-1]) + 1))
        filled = torch.nn.functional.pad(part[bins[-1]], (0, _COLUMNS - part.shape[1]))
        weights.append(filled.contiguous())
    return NarrowFilters(n_mels, tuple(bins), tuple(weights))


def framed_power(
    frames: Float[Tensor, "batch frames win"], window: Float[Tensor, " win"], *, n_fft: int
) -> Float[Tensor, "batch frames bins"]:
    """|rfft(frame * window, n_fft)|^2 of float32 frames, which may overlap in memory."""
    batch, count, _ = frames.shape
    power = np.empty((batch, count, n_fft // 2 + 1), dtype=np.float32)
    for clip, out in zip(frames, power, strict=True):
        _block_power(clip, window, out=out, n_fft=n_fft)
    return torch.from_numpy(power)


def mel_energy(
    power: Float[Tensor, "batch frames bins"], filters: NarrowFilters
) -> Float[Tensor, "batch frames mels"]:
    """power @ bank, by as many threads as torch has."""
    rows = power.flatten(0, 1)
    mel = rows.new_empty(len(rows), _COLUMNS * len(filters.bins))
    _mel_energy(rows, filters, out=mel)
    return mel[:, : filters.n_mels].reshape(*power.shape[:2], -1)


def clip_mfcc(
    waveform: Float[Tensor, "batch time"],
    *,
    sample_rate: int,
    n_fft: int = 2048,
    hop_length: int = 512,
    n_mfcc: int = 20,
    n_mels: int = 128,
    range_db: float = 80.0,
) -> Float[Tensor, "batch frames {n_mfcc}"]:
    """MFCC of whole clips: `mfcc` of `power_spectrogram`, in one go and several times as fast.

    The defaults are librosa's; frames are centred and look ahead, so this is for whole clips.

    Args:
        waveform: in [-1, 1]; time >= 1.
        sample_rate: Hz.
        n_fft: window and transform, samples.
        hop_length: samples, 0 < hop_length <= n_fft.
        n_mfcc, n_mels: coefficients and filters, 0 < n_mfcc <= n_mels.
        range_db: levels lower than this below a clip's loudest count as that, dB.
    Raises:
        ShapeError: not [batch, time] of finite float32 or float64, or empty.
        ConfigError: a setting out of range, or a mel filter that holds no bin.
    """
    check_hop(hop_length, longest=n_fft)
    check_positive(sample_rate=sample_rate, range_db=range_db)
    check_waveform(waveform)
    if not 0 < n_mfcc <= n_mels:
        expected = f"0 < n_mfcc <= n_mels={n_mels}"
        remedy = "Lower n_mfcc or raise n_mels."
        raise ConfigError(message("n_mfcc", expected=expected, got=n_mfcc, remedy=remedy))
    window, filters, cosines = _tables(sample_rate, n_fft, n_mels=n_mels, n_mfcc=n_mfcc)
    clips = waveform.detach().float()
    shared = _Room(clips.shape[1], window, filters, n_fft=n_fft, hop_length=hop_length)
    made = clips.new_empty(len(clips), len(shared.frames), n_mfcc)
    for clip, out in zip(clips, made, strict=True):
        level = shared.level(clip)
        np.maximum(level, level.max() - np.float32(range_db / _DB_PER_NEPER), out=level)
        torch.mm(torch.from_numpy(level), cosines, out=out)
    return made.to(waveform.dtype)


class _Room:
    """Memory that the clips of a batch use one after the other, so that it stays in the cache."""

    def __init__(
        self, time: int, window: Tensor, filters: NarrowFilters, *, n_fft: int, hop_length: int
    ) -> None:
        padded = torch.zeros(time + 2 * (n_fft // 2))
        self.heard = padded[n_fft // 2 : n_fft // 2 + time]
        self.frames = padded.unfold(0, n_fft, hop_length)
        self.window, self.filters, self.n_fft = window, filters, n_fft
        count = len(self.frames)
        self._power = torch.empty(min(count, _FRAMES_AT_ONCE), n_fft // 2 + 1)
        self._level = torch.empty(count, _COLUMNS * len(filters.bins))

    def level(self, clip: Float[Tensor, " time"]) -> Float32[np.ndarray, "frames columns"]:
        """ln(max(mel, 1e-10)) of one clip, written over by the next."""
        self.heard.copy_(clip)
        at_once = len(self._power)
        for start in range(0, len(self.frames), at_once):
            part = self.frames[start : start + at_once]
            power = self._power[: len(part)]
            _block_power(part, self.window, out=power.numpy(), n_fft=self.n_fft)
            _mel_energy(power, self.filters, out=self._level[start : start + at_once])
        nepers: Float32[np.ndarray, "frames columns"] = self._level.numpy()
        np.maximum(nepers, np.float32(_FLOOR), out=nepers)
        np.log(nepers, out=nepers)  # half the time of torch's
        return nepers


def _mel_energy(power: Tensor, filters: NarrowFilters, *, out: Tensor) -> None:
    """Written to ``out``, with columns of zeros up to a multiple of 16."""
    for index, (bins, weight) in enumerate(zip(filters.bins, filters.weights, strict=True)):
        columns = slice(index * _COLUMNS, (index + 1) * _COLUMNS)
        torch.mm(power[:, bins], weight, out=out[:, columns])


def _block_power(
    frames: Tensor, window: Tensor, *, out: Float32[np.ndarray, "rows bins"], n_fft: int
) -> None:
    from auricle.dsp.power_kernel import power_of  # loads numba

    rows = _block_rows(n_fft)
    filled = _filled(rows, n_fft, len(window))
    windowed = filled[:, : len(window)]
    for start in range(0, len(frames), rows):
        part = frames[start : start + rows]
        torch.mul(part, window, out=windowed[: len(part)])
        spectrum = torch.fft.rfft(filled[: len(part)])
        parts = spectrum.numpy().view(np.float32)  # re, im of one bin after the other
        power_of(parts, out[start : start + rows])


def _filled(rows: int, n_fft: int, win_length: int) -> Float[Tensor, "{rows} {n_fft}"]:
    """This thread's buffer for frames; zeros stay behind the window."""
    key = rows, n_fft, win_length
    if getattr(_of_thread, "key", None) != key:
        with torch.inference_mode(False):  # to be written to in either mode
            _of_thread.key, _of_thread.filled = key, torch.zeros(rows, n_fft)
    found: Tensor = _of_thread.filled
    return found


def _block_rows(n_fft: int) -> int:
    return max(_FEWEST_ROWS, _BLOCK_SAMPLES // n_fft)


@lru_cache(maxsize=16)
@torch.inference_mode(False)  # what is kept must serve gradients too
def _tables(
    sample_rate: int, n_fft: int, *, n_mels: int, n_mfcc: int
) -> tuple[Tensor, NarrowFilters, Tensor]:
    """Window, filters and cosines from nepers; never written to."""
    bank = mel_filter_bank(sample_rate=sample_rate, n_fft=n_fft, n_mels=n_mels)
    cosines = dct_matrix(n_mels, n_mfcc) * _DB_PER_NEPER
    filled = torch.nn.functional.pad(cosines, (0, 0, 0, -n_mels % _COLUMNS))
    return torch.hann_window(n_fft), narrow_filters(bank), filled
