"""How a sound changes from frame to frame: flux, onset strength, tempogram."""

from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.checks import check_positive, check_real

_SMALLEST = torch.finfo(torch.float32).tiny


def rise(
    values: Float[Tensor, "batch frames bands"],
    before: Float[Tensor, "batch 1 bands"] | None = None,
) -> Float[Tensor, "batch frames"]:
    """Mean over bands of what is more than in the frame before.

    rise[i] = mean_k max(0, v[i, k] - v[i - 1, k])

    Args:
        values: magnitudes (for flux) or levels in dB (for onset strength).
        before: the frame before the first; without one the first frame's rise is 0.
    """
    first = values[:, :1] if before is None else before
    earlier = torch.cat([first, values], dim=1)[:, :-1]
    return (values - earlier).clamp(min=0).mean(dim=-1)


def spectral_flux(
    power: Float[Tensor, "batch frames bins"],
) -> Float[Tensor, "batch frames"]:
    """Mean over bins of the rise of magnitude since the frame before; 0 at the first frame.

    flux[i] = mean_k max(0, |X[i, k]| - |X[i - 1, k]|)

    Args:
        power: |X|^2, >= 0.
    Raises:
        ShapeError: integers, or NaN.
    Reference:
        Masri, "Computer modelling of sound for transformation and synthesis of musical signals",
        1996; equal to ``librosa.onset.onset_strength(S=abs(X), center=False)``.
    """
    check_real(power, name="power")
    return rise(power.clamp(min=0).sqrt())


def onset_strength(
    level_db: Float[Tensor, "batch frames mels"], *, shift: int = 0
) -> Float[Tensor, "batch frames"]:
    """Mean rise of a mel spectrum in dB; peaks where sounds begin.

    Args:
        level_db: mel power in dB, by `power_to_db`.
        shift: frames by which the result is moved later: librosa's ``center=True`` moves it by
            n_fft // (2 * hop_length), towards the moment at which a frame is complete.
    Raises:
        ShapeError: integers, or NaN.
    Reference:
        Boeck and Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013;
        equal to ``librosa.onset.onset_strength`` (lag 1, max_size 1).
    """
    check_real(level_db, name="level_db")
    strength = rise(level_db)
    if shift == 0:
        return strength
    padded = torch.nn.functional.pad(strength, (shift, 0))
    return padded[:, : strength.shape[1]]


def tempogram(
    envelope: Float[Tensor, "batch frames"], *, win_length: int = 384
) -> Float[Tensor, "batch frames {win_length}"]:
    """Autocorrelation of an onset envelope around each frame, its greatest value 1.

    The envelope is continued on either side by a straight line to 0, as in librosa.

    Args:
        envelope: from `onset_strength`.
        win_length: frames looked at around each, > 1.
    Returns:
        Column k: likeness after k frames; a tempo of 60 * frame_rate / k beats a minute.
    Raises:
        ShapeError: integers, or NaN.
        ConfigError: a window of no length.
    Reference:
        Grosche et al., "Cyclic tempogram: a mid-level tempo representation for music signals",
        ICASSP 2010; equal to ``librosa.feature.tempogram``.
    """
    check_real(envelope, name="envelope")
    check_positive(win_length=win_length)
    half, frames = win_length // 2, envelope.shape[1]
    ramp = torch.arange(half, dtype=envelope.dtype) / half
    before = envelope[:, :1] * ramp
    after = envelope[:, -1:] * ramp.flip(0)
    padded = torch.cat([before, envelope, after], dim=1)
    return lag_likeness(padded.unfold(1, win_length, 1)[:, :frames])


def lag_likeness(
    stretches: Float[Tensor, "batch frames window"],
) -> Float[Tensor, "batch frames window"]:
    """Autocorrelation of each stretch under a Hann window, its greatest value 1; 0 for silence.

    r[k] = sum_n w[n] e[n] w[n + k] e[n + k]
    """
    size = stretches.shape[2]
    windowed = stretches.double() * _hann(size)
    n_fft = 1 << (2 * size - 1).bit_length()
    spectrum = torch.fft.rfft(windowed, n=n_fft)
    power = spectrum.real.square() + spectrum.imag.square()
    likeness: Tensor = torch.fft.irfft(power, n=n_fft)[..., :size]
    peak = likeness.abs().amax(dim=-1, keepdim=True)
    return (likeness / torch.where(peak > _SMALLEST, peak, 1.0)).to(stretches.dtype)


@lru_cache(maxsize=8)
@torch.inference_mode(False)  # what is kept must serve gradients too
def _hann(size: int) -> Tensor:
    return torch.hann_window(size, dtype=torch.float64)
