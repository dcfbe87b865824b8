"""The power spectrum of whole clips, and how flat it is."""

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.errors import ConfigError, ShapeError, message

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
        ShapeError: an empty waveform.
    """
    if not 0 < hop_length <= n_fft:
        raise ConfigError(
            message(
                "hop_length",
                expected=f"0 < hop_length <= n_fft={n_fft}",
                got=hop_length,
                remedy="A hop longer than the frame skips audio; lower it or raise n_fft.",
            )
        )
    if waveform.shape[-1] == 0:
        raise ShapeError(
            message(
                "waveform",
                expected="at least one sample",
                got="an empty one",
                remedy="Leave clips of no length out.",
            )
        )
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
