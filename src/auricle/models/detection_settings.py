"""A detector's decoding settings, checked against its classes."""

import numpy as np
from jaxtyping import Float

from auricle.errors import ConfigError, message
from auricle.models.config import DetectionConfig

_DEFAULT_THRESHOLD = 0.5


def check_per_class(config: DetectionConfig, *, classes: int, single: bool) -> None:
    """Refuse settings of each class that are not one a class, or where classes exclude each other.

    Raises:
        ConfigError: they are.
    """
    given = (config.medians, config.min_gaps_s, config.min_durations_s)
    wanted = 0 if single else classes
    if any(part and len(part) != wanted for part in given):
        raise ConfigError(
            message(
                "medians, min_gaps_s, min_durations_s",
                expected=f"one for each of {classes} classes that may overlap, or none",
                got=", ".join(str(len(part)) for part in given),
                remedy="Leave them out for median, min_gap_s and min_duration_s in all classes.",
            )
        )


def thresholds_of(
    classes: tuple[str, ...], config: DetectionConfig
) -> Float[np.ndarray, " classes"]:
    """The threshold of each class.

    Raises:
        ConfigError: they are not one a class.
    """
    if not config.thresholds:
        return np.full(len(classes), _DEFAULT_THRESHOLD)
    if len(config.thresholds) != len(classes):
        raise ConfigError(
            message(
                "thresholds",
                expected=f"one for each of {len(classes)} classes, or none",
                got=len(config.thresholds),
                remedy="Leave them out for 0.5 each.",
            )
        )
    return np.array(config.thresholds)
