"""Panels, ready to be drawn: numbers, and axes that a person can read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32

_LEAST_APART = 0.085  # of the height, between ticks

Scale = Callable[[np.ndarray], np.ndarray]
"""From what an axis counts to where it is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The upright axis of a panel; places are shares of its height, 0 at the bottom.

    Attributes:
        label: what it counts.
        ticks: places and their words.
        values: what stands at evenly spaced places from bottom to top, for a pointer that is in
            between.
        unit: behind such a value.
        bands: names of equal bands from bottom to top, where there are no values.
    """

    label: str
    ticks: tuple[tuple[float, str], ...]
    values: tuple[float, ...] = ()
    unit: str = ""
    bands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePanel:
    """Colours over time.

    Attributes:
        title: what it shows.
        levels: in [0, 1], row 0 at the bottom.
        colours: name of matplotlib's colour map; every one that is used rises evenly in
            lightness, or falls evenly from the middle, and is read with any colour vision.
        legend: what the lowest and the highest colour mean.
        axis: upright.
    """

    title: str
    levels: Float32[np.ndarray, "rows columns"]
    colours: Literal["magma", "cividis", "PuOr"]
    legend: tuple[str, str]
    axis: Axis


@dataclass(frozen=True, slots=True, kw_only=True)
class BandPanel:
    """From the lowest to the highest value of each column; places as in `Axis`."""

    title: str
    low: Float32[np.ndarray, " columns"]
    high: Float32[np.ndarray, " columns"]
    axis: Axis


@dataclass(frozen=True, slots=True, kw_only=True)
class DotsPanel:
    """A value of each column, NaN where there is none; places as in `Axis`."""

    title: str
    places: Float32[np.ndarray, " columns"]
    axis: Axis


Panel = ImagePanel | BandPanel | DotsPanel


def scaled_axis(
    label: str,
    ticks: Sequence[float],
    *,
    low: float,
    high: float,
    scale: Scale,
    words: Callable[[float], str],
    unit: str,
    samples: int = 65,
) -> Axis:
    """An axis from low to high that is even in ``scale``.

    Args:
        label: what it counts.
        ticks: values, of which those in range are kept.
        low: value at the bottom.
        high: value at the top.
        scale: rises from low to high.
        words: of a tick.
        unit: of the values.
        samples: values for a pointer in between.
    """
    bottom, top = (float(scale(np.array([value]))[0]) for value in (low, high))
    inside = np.array([value for value in ticks if low <= value <= high])
    places, kept = _apart((scale(inside) - bottom) / (top - bottom), inside)
    fine = np.geomspace(low, high, 4096) if low > 0 else np.linspace(low, high, 4096)
    even = np.linspace(bottom, top, samples)
    return Axis(
        label=label,
        ticks=tuple((float(p), words(float(v))) for p, v in zip(places, kept, strict=True)),
        values=tuple(float(v) for v in np.interp(even, scale(fine), fine)),
        unit=unit,
    )


def _apart(places: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those, from the top down, whose words do not touch."""
    kept: list[int] = []
    for index in reversed(range(len(places))):
        if not kept or places[kept[-1]] - places[index] >= _LEAST_APART:
            kept.append(index)
    return places[kept[::-1]], values[kept[::-1]]


def hz_words(hz: float) -> str:
    """A frequency as a tick says it.

    >>> hz_words(12500.0)
    '12.5k'
    """
    return f"{hz / 1000:g}k" if hz >= 1000 else f"{hz:g}"


def decibel_levels(
    power: Float32[np.ndarray, "columns rows"],
) -> tuple[Float32[np.ndarray, "rows columns"], tuple[str, str]]:
    """Levels for colours, and what the lowest and the highest mean, dB of full scale.

    The lowest is the level that 30 % of the points stay below, but no less than 40 dB and no
    more than 80 dB below the loudest.
    """
    level_db = 10 * np.log10(np.maximum(power, 1e-14))
    top = float(level_db.max())
    span = float(np.clip(top - np.quantile(level_db, 0.3), 40.0, 80.0))
    levels = np.clip(1 + (level_db - top) / span, 0, 1).T.astype(np.float32)
    return np.ascontiguousarray(levels), (
        f"{top - span:.0f}".replace("-", "−"),
        f"{top:.0f} dBFS".replace("-", "−"),
    )


def pooled_rows(
    values: Float32[np.ndarray, "columns bins"], most: int
) -> Float32[np.ndarray, "columns rows"]:
    """Fewer rows where there are more than a screen can show; the loudest of each stays."""
    step = -(-values.shape[1] // most)
    if step == 1:
        return values
    return np.maximum.reduceat(values, np.arange(0, values.shape[1], step), axis=1)
