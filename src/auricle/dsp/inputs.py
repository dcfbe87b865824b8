"""What descriptors of a spectrum are given, checked once for all of them."""

from torch import Tensor

from auricle.dsp.checks import check_real
from auricle.errors import ShapeError, message


def check_power(power: Tensor) -> None:
    """Refuse what no power spectrum is.

    Raises:
        ShapeError: not [batch, frames, bins] of at least two bins, not finite, or negative.
    """
    if power.ndim != 3 or power.shape[2] < 2:
        remedy = "Make it by power_spectrogram; give one clip as power[None]."
        raise ShapeError(
            message("power", expected="[batch, frames, bins]", got=list(power.shape), remedy=remedy)
        )
    check_real(power, name="power")
    if power.numel() and float(power.detach().amin()) < 0:
        remedy = "Square the magnitude of the Fourier transform; dB are no power."
        raise ShapeError(
            message("power", expected="values >= 0", got="negative ones", remedy=remedy)
        )
