"""Settings of sounds that break their rule are refused here."""

import numpy as np
from jaxtyping import Float

from auricle.errors import ConfigError, message

LOWEST_RATE = 4000
HIGHEST_RATE = 192_000
LONGEST_S = 3600.0


def check_between(name: str, value: float | int, lowest: float | int, highest: float | int) -> None:
    """Refuse a number outside of its range, and what is no number.

    Raises:
        ConfigError: it lies outside, or is NaN.
    """
    if not lowest <= value <= highest:
        raise ConfigError(
            message(
                name,
                expected=f"{lowest:g} <= {name} <= {highest:g}",
                got=f"{value:g}",
                remedy="Choose a value between these.",
            )
        )


def check_rate(sample_rate: int) -> None:
    """Refuse a sample rate at which these sounds cannot be made.

    Raises:
        ConfigError: below 4 kHz or above 192 kHz.
    """
    if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
        raise ConfigError(
            message(
                "sample_rate",
                expected=f"{LOWEST_RATE} <= sample_rate <= {HIGHEST_RATE} Hz",
                got=sample_rate,
                remedy="Synthesise at 16000 Hz and resample afterwards.",
            )
        )


def check_length(duration_s: float, sample_rate: int) -> int:
    """The number of samples of a duration.

    Raises:
        ConfigError: the rate or the duration is out of range.
    """
    check_rate(sample_rate)
    if not 0.001 <= duration_s <= LONGEST_S:
        raise ConfigError(
            message(
                "duration_s",
                expected=f"0.001 <= duration_s <= {LONGEST_S:g}",
                got=f"{duration_s:g}",
                remedy="Choose a length in seconds between these.",
            )
        )
    return round(duration_s * sample_rate)


def check_below_nyquist(name: str, value_hz: float, sample_rate: int) -> None:
    """Refuse a frequency that the sample rate cannot carry.

    Raises:
        ConfigError: it is not above 0 and below half of the rate.
    """
    if not 0 < value_hz < sample_rate / 2:
        raise ConfigError(
            message(
                name,
                expected=f"0 < {name} < {sample_rate / 2:g} Hz, half of the sample rate",
                got=f"{value_hz:g}",
                remedy="Lower the frequency or raise sample_rate.",
            )
        )


def check_curve(
    name: str,
    curve: float | Float[np.ndarray, " time"],
    *,
    num_samples: int,
    sample_rate: int,
) -> Float[np.ndarray, " time"]:
    """A frequency for each sample, from one number or from a curve of the right length.

    Raises:
        ConfigError: a frequency is out of range, or the curve has another length.
    """
    values = curve if isinstance(curve, np.ndarray) else np.full(num_samples, float(curve))
    if len(values) != num_samples:
        raise ConfigError(
            message(
                name,
                expected=f"{num_samples} values, one for each sample of duration_s",
                got=f"{len(values)}",
                remedy="Make the curve at the same duration and sample rate.",
            )
        )
    for edge in (float(values.min()), float(values.max())):
        check_below_nyquist(name, edge, sample_rate)
    return values.astype(np.float64)
