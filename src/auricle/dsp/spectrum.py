"""The power spectrum of whole clips, and how flat it is."""

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from auricle.dsp.checks import check_hop, check_positive, check_waveform

_FLOOR = 1e-10


def power_spectrogram(
    waveform: Float[Tensor, "batch time"], *, n_fft: int, hop_length: int
) -> Float[Tensor, "batch frames bins"]:
    """Squared magnitude of the Fourier transform under a centred Hann window.

    frame i is centred at sample i * hop_length; the clip is padded with n_fft // 2 zeros on
    either side, so this looks ahead and is for whole clips only.
    frames = 1 + floor(time / hop_length),  bins = n_fft // 2 + 1

    Args:
        waveform: any amplitude; time >= 1.
        n_fft: length of window and transform, samples, > 0.
        hop_length: step between frames, samples, 0 < hop_length <= n_fft.
    Raises:
        ConfigError: a hop that skips audio.
        ShapeError: not [batch, time] of finite float32 or float64, or empty.
    """
    check_hop(hop_length, longest=n_fft)
    check_waveform(waveform)
    spectrum = torch.stft(
        waveform,
        n_fft,
        hop_length=hop_length,
        window=torch.hann_window(n_fft, dtype=waveform.dtype),
        center=True,
        pad_mode="constant",
        return_complex=True,
    )
    return spectrum.abs().square().transpose(1, 2)


def spectral_flatness(
    power: Float[Tensor, "batch frames bins"],
) -> Float[Tensor, "batch frames"]:
    """Geometric over arithmetic mean of the power: 0 for a tone, 1 for silence, 0.56 for noise.

    flatness = exp(mean_bins(ln p)) / mean_bins(p),  p = max(power, 1e-10)

    Reference:
        Dubnov, "Generalization of spectral flatness measure for non-Gaussian linear processes",
        IEEE Signal Processing Letters 11(8), 2004; as librosa's default.
    """
    floored = power.clamp(min=_FLOOR)
    return floored.log().mean(dim=-1).exp() / floored.mean(dim=-1)


def phase(spectrum: Complex[Tensor, "batch frames bins"]) -> Float[Tensor, "batch frames bins"]:
    """The angle of each bin, radians in (-pi, pi]; 0 where the bin is 0."""
    return spectrum.angle()


def magnitude(
    spectrum: Complex[Tensor, "batch frames bins"], *, exponent: float = 1.0
) -> Float[Tensor, "batch frames bins"]:
    """|X|^exponent: 1 for the magnitude, 2 for the power.

    Args:
        spectrum: from `stft`.
        exponent: > 0.
    Raises:
        ConfigError: an exponent not above zero.
    """
    check_positive(exponent=exponent)
    if exponent == 2:
        return spectrum.real.square() + spectrum.imag.square()
    size = spectrum.abs()
    return size if exponent == 1 else size**exponent


def amplitude_to_db(
    amplitude: Float[Tensor, "batch frames bands"], *, range_db: float = 80.0
) -> Float[Tensor, "batch frames bands"]:
    """20 log10(max(amplitude, 1e-5)), nothing lower than range_db below each clip's loudest point.

    Args:
        amplitude: >= 0.
        range_db: dB, > 0.
    """
    return power_to_db(amplitude.square(), range_db=range_db)


def db_to_power(level_db: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """10 ** (level / 10), the inverse of `power_to_db` where it cut nothing off."""
    return torch.pow(10.0, level_db / 10)


def power_to_db(
    power: Float[Tensor, "batch frames bands"], *, range_db: float = 80.0
) -> Float[Tensor, "batch frames bands"]:
    """10 log10(max(power, 1e-10)), nothing lower than range_db below each clip's loudest point.

    Args:
        power: >= 0.
        range_db: dB, > 0.
    """
    level_db = 10 * power.clamp(min=_FLOOR).log10()
    loudest_db = level_db.amax(dim=(1, 2), keepdim=True)
    return torch.maximum(level_db, loudest_db - range_db)
