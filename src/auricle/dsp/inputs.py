"""What descriptors are given: spectra, frames and waveforms, checked once for all of them."""

import math

import torch
from torch import Tensor

from auricle.errors import ConfigError, ShapeError, message

_REMEDY = "Clean the recording: torch.nan_to_num hides where it is broken."


def check_finite(name: str, values: Tensor) -> None:
    """Refuse integers, NaN and infinity.

    Raises:
        ShapeError: values of another kind.
    """
    if not values.is_floating_point():
        remedy = "Divide by the largest value of its type first: int16 by 32768."
        raise ShapeError(
            message(name, expected="floating point numbers", got=values.dtype, remedy=remedy)
        )
    if not math.isfinite(float(values.sum())) and not bool(torch.isfinite(values).all()):
        bad = int((~torch.isfinite(values)).sum())
        raise ShapeError(
            message(name, expected="finite numbers", got=f"{bad} that are not", remedy=_REMEDY)
        )


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
    check_finite("power", power)
    if power.numel() and float(power.detach().amin()) < 0:
        remedy = "Square the magnitude of the Fourier transform; dB are no power."
        raise ShapeError(
            message("power", expected="values >= 0", got="negative ones", remedy=remedy)
        )


def check_waveform(waveform: Tensor, *, shortest: int = 1) -> None:
    """Refuse what no batch of single-channel clips is.

    Raises:
        ShapeError: not [batch, time], shorter than ``shortest`` samples, integers, NaN.
    """
    if waveform.ndim != 2:
        remedy = "Take one channel or their mean; give one clip as waveform[None]."
        raise ShapeError(
            message("waveform", expected="[batch, time]", got=list(waveform.shape), remedy=remedy)
        )
    if waveform.shape[1] < shortest:
        remedy = "Leave shorter clips out, or put silence behind them."
        raise ShapeError(
            message(
                "waveform",
                expected=f"at least {shortest} samples",
                got=waveform.shape[1],
                remedy=remedy,
            )
        )
    check_finite("waveform", waveform)


def check_positive(**settings: float | int) -> None:
    """Refuse settings that are not above zero.

    Raises:
        ConfigError: one of them; it is named.
    """
    for name, value in settings.items():
        if not value > 0:
            remedy = "Leave it out for the default, or raise it."
            raise ConfigError(message(name, expected="> 0", got=value, remedy=remedy))
