"""What every function of a waveform refuses, in one place."""

import torch
from torch import Tensor

from auricle.errors import ConfigError, ShapeError, message

_DTYPES = (torch.float32, torch.float64)


def check_waveform(waveform: Tensor, *, shortest: int = 1, name: str = "waveform") -> None:
    """Refuse what is no batch of mono waveforms.

    Args:
        waveform: what the caller gave.
        shortest: samples it must have at least.
        name: what the caller calls it.
    Raises:
        ShapeError: not [batch, time], not float32 or float64, too short, or not finite.
    """
    if waveform.ndim != 2:
        raise ShapeError(
            message(
                name,
                expected="mono, [batch, time]",
                got=list(waveform.shape),
                remedy="Mix down first, or make each channel an item of the batch.",
            )
        )
    check_real(waveform, name=name)
    if waveform.shape[-1] < max(shortest, 1):
        least = "at least one sample" if shortest <= 1 else f"at least {shortest} samples"
        raise ShapeError(
            message(
                name,
                expected=least,
                got="an empty one" if waveform.shape[-1] == 0 else waveform.shape[-1],
                remedy="Leave clips of no length out."
                if shortest <= 1
                else "Leave so short a clip out, pad it with silence, or take a shorter window.",
            )
        )


def check_real(values: Tensor, *, name: str) -> None:
    """Refuse whole numbers, half precision, NaN and infinity.

    Raises:
        ShapeError: as above.
    """
    if values.dtype not in _DTYPES:
        raise ShapeError(
            message(
                name,
                expected="float32 or float64",
                got=str(values.dtype).removeprefix("torch."),
                remedy="Convert it; whole numbers of n bits are divided by 2 ** (n - 1).",
            )
        )
    check_finite(values, name=name)


def check_finite(values: Tensor, *, name: str) -> None:
    """Refuse NaN and infinity; one sum, where all is well.

    Raises:
        ShapeError: as above.
    """
    if bool(values.sum().isfinite()) or bool(values.isfinite().all()):
        return
    bad = int((~values.isfinite()).sum())
    raise ShapeError(
        message(
            name,
            expected="finite numbers only",
            got=f"{bad} that are NaN or infinite",
            remedy="Find out where they come from; nothing computed from them would mean anything.",
        )
    )


def check_positive(**settings: int | float) -> None:
    """Refuse settings that are not above zero, by their names.

    Raises:
        ConfigError: the first of them.
    """
    for name, value in settings.items():
        if not value > 0:
            raise ConfigError(
                message(name, expected=f"{name} > 0", got=f"{value:g}", remedy="Raise it.")
            )


def check_hop(hop_length: int, *, longest: int, name: str = "n_fft") -> None:
    """Refuse a hop of nothing, and one that skips audio.

    Raises:
        ConfigError: as above.
    """
    if not 0 < hop_length <= longest:
        raise ConfigError(
            message(
                "hop_length",
                expected=f"0 < hop_length <= {name}={longest}",
                got=hop_length,
                remedy=f"A hop longer than the frame skips audio; lower it or raise {name}.",
            )
        )


def check_band(*, fmin: float, fmax: float, sample_rate: int, least: float = 0.0) -> None:
    """Refuse edges that are out of order or above half the rate.

    Args:
        fmin: Hz.
        fmax: Hz.
        sample_rate: Hz.
        least: Hz, what fmin must be above; 0 itself is allowed where this is 0.
    Raises:
        ConfigError: as above.
    """
    check_positive(sample_rate=sample_rate)
    allowed = fmin > least if least else fmin >= 0
    if not allowed or not fmin < fmax <= sample_rate / 2:
        low = f"{least:g} < fmin" if least else "0 <= fmin"
        raise ConfigError(
            message(
                "fmax",
                expected=f"{low}={fmin:g} < fmax <= sample_rate / 2 = {sample_rate / 2:g}",
                got=f"{fmax:g}",
                remedy="Lower fmax or raise the sample rate.",
            )
        )
