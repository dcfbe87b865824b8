"""The reassigned spectrogram: each bin's energy moved to where it came from."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.checks import check_positive, check_waveform
from auricle.dsp.stft import stft
from auricle.dsp.windows import Window, window_samples


class Reassigned(NamedTuple):
    """Every bin of a spectrogram as a point: when, at what frequency, how strong.

    Attributes:
        frequency_hz: in [0, sample_rate / 2].
        time_s: in [0, duration], seconds.
        magnitude: of the bin, as of `stft`.
    """

    frequency_hz: Float[Tensor, "batch frames bins"]
    time_s: Float[Tensor, "batch frames bins"]
    magnitude: Float[Tensor, "batch frames bins"]


def reassigned_spectrogram(
    waveform: Float[Tensor, "batch time"],
    *,
    sample_rate: int,
    n_fft: int,
    hop_length: int,
    win_length: int | None = None,
    window: Window = "hann",
    ref_power: float = 1e-6,
) -> Reassigned:
    """Centres of gravity instead of bin centres, from three transforms a frame.

    frequency = f_k - Im(X_dw / X) sample_rate / (2 pi);  time = t_i + Re(X_tw / X) / sample_rate

    X_dw is the `stft` under the window's derivative, X_tw under the window times n (samples from
    its middle). A bin whose power is below ref_power has no centre of gravity worth the name, and
    stays at f_k, t_i; librosa gives NaN there unless ``fill_nan`` is set.

    Args:
        waveform: any amplitude.
        sample_rate: Hz.
        n_fft, hop_length, win_length, window: as for `stft`, centred.
        ref_power: power below which a bin stays where it is, >= 0.
    Raises:
        ConfigError: a setting out of range.
        ShapeError: not [batch, time] of finite float32 or float64, or empty.
    Reference:
        Auger and Flandrin, IEEE Trans. Signal Processing 43(5), 1995; Flandrin, Auger and
        Chassande-Mottin, "Time-frequency reassignment: from principles to algorithms", 2002,
        equations 5.20 and 5.23; as ``librosa.reassigned_spectrogram(fill_nan=True)``.
    """
    check_positive(sample_rate=sample_rate, n_fft=n_fft)
    check_waveform(waveform)
    win = n_fft if win_length is None else win_length
    plain = stft(waveform, n_fft=n_fft, hop_length=hop_length, win_length=win, window=window)
    shape = _in_the_middle(window_samples(window, win), n_fft)
    from_middle = torch.arange(n_fft, dtype=torch.float64) - (n_fft - 1) / 2
    by_slope, by_time = (
        stft(waveform, n_fft=n_fft, hop_length=hop_length, window=weighted)
        for weighted in ((shape.roll(-1) - shape.roll(1)) / 2, shape * from_middle)
    )
    size = plain.abs()
    heard = (size.square() >= ref_power) & (size > 0)
    divisor = torch.where(heard, plain, torch.ones_like(plain))
    frames, bins = (torch.arange(n, dtype=size.dtype, device=size.device) for n in size.shape[1:])
    bin_hz, frame_s = bins * (sample_rate / n_fft), frames[:, None] * (hop_length / sample_rate)
    turn = (by_slope / divisor).imag * (sample_rate / (2 * math.pi))
    delay = (by_time / divisor).real / sample_rate
    duration_s = waveform.shape[1] / sample_rate
    return Reassigned(
        torch.where(heard, bin_hz - turn, bin_hz).clamp(0.0, sample_rate / 2),
        torch.where(heard, frame_s + delay, frame_s).clamp(0.0, duration_s),
        size,
    )


def _in_the_middle(samples: Float[Tensor, " win"], n_fft: int) -> Float[Tensor, " {n_fft}"]:
    left = (n_fft - len(samples)) // 2
    return torch.nn.functional.pad(samples, (left, n_fft - len(samples) - left))
