"""Numbers a column over the frames of a recording of any length."""

import re
from collections.abc import Callable

import numpy as np
from jaxtyping import Float32

from auricle.errors import ConfigError, message

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")
_PLAIN = ("mean", "deviation", "minimum", "maximum", "slope")
_NUMBERS_AT_ONCE = 1 << 23  # of 64 bits, in memory for one group of columns


def check_statistics(names: tuple[str, ...]) -> None:
    """Refuse names that mean nothing here.

    Raises:
        ConfigError: none, one twice, or one that is unknown.
    """
    wrong = [name for name in names if name not in _PLAIN and not _PERCENTILE.fullmatch(name)]
    if not names or wrong or len(set(names)) != len(names):
        raise ConfigError(
            message(
                "statistics",
                expected=f"{', '.join(_PLAIN)}, or percentiles such as p10, each once",
                got=", ".join(wrong or names) or "none",
                remedy="For example: --statistics mean,deviation,p10,p90.",
            )
        )


def frame_statistics(
    frames: Float32[np.ndarray, "frames features"], names: tuple[str, ...], *, frame_rate: float
) -> Float32[np.ndarray, "statistics features"]:
    """One row a statistic, over the frames of each feature.

    mean and deviation (of the population); minimum, maximum; pN: the N-th percentile, between
    frames by straight line; slope: of the line of least squares through all frames, per second.

    Args:
        frames: at least one.
        names: as in `check_statistics`.
        frame_rate: Hz.
    """
    return column_statistics(
        lambda start, end: frames[:, start:end],
        names,
        num_frames=len(frames),
        num_features=frames.shape[1],
        frame_rate=frame_rate,
    )


def column_statistics(
    columns: Callable[[int, int], Float32[np.ndarray, "frames some"]],
    names: tuple[str, ...],
    *,
    num_frames: int,
    num_features: int,
    frame_rate: float,
) -> Float32[np.ndarray, "statistics features"]:
    """The same, of frames that do not fit into memory.

    Args:
        columns: the features from one number to before another.
        names: as in `check_statistics`.
        num_frames: at least one.
        num_features: of a frame.
        frame_rate: Hz.
    """
    step = max(1, _NUMBERS_AT_ONCE // num_frames)
    parts = [
        _few(columns(start, min(start + step, num_features)).astype(np.float64), names, frame_rate)
        for start in range(0, num_features, step)
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def _few(columns: np.ndarray, names: tuple[str, ...], frame_rate: float) -> np.ndarray:
    shares = [float(name[1:]) for name in names if _PERCENTILE.fullmatch(name)]
    levels = iter(np.percentile(columns, shares, axis=0)) if shares else iter(())
    rows = []
    for name in names:
        match name:
            case "mean":
                rows.append(columns.mean(axis=0))
            case "deviation":
                rows.append(columns.std(axis=0))
            case "minimum":
                rows.append(columns.min(axis=0))
            case "maximum":
                rows.append(columns.max(axis=0))
            case "slope":
                rows.append(_slope(columns) * frame_rate)
            case _:
                rows.append(next(levels))
    return np.stack(rows)


def _slope(columns: np.ndarray) -> np.ndarray:
    """Rise per frame of the line of least squares; 0 for a single frame."""
    from_middle = np.arange(len(columns)) - (len(columns) - 1) / 2
    slope: np.ndarray = from_middle @ columns / max(float(from_middle @ from_middle), 1.0)
    return slope
