"""Panels of what `slow_analysis` measures."""

import numpy as np
from jaxtyping import Float32

from auricle.explain.picture.analysis import Columns
from auricle.explain.picture.make_panels import HZ_TICKS, NOTES
from auricle.explain.picture.panels import (
    DotsPanel,
    ImagePanel,
    decibel_levels,
    hz_words,
    scaled_axis,
)

_A4_HZ, _A4 = 440.0, 57  # semitones above C0
_MARGIN = 2 ** (1 / 6)


def scalogram_panel(power: Columns, frequencies_hz: list[float]) -> ImagePanel:
    """Power of the wavelets, evenly spaced in octaves."""
    levels, legend = decibel_levels(power)
    half = (frequencies_hz[1] / frequencies_hz[0]) ** 0.5
    return ImagePanel(
        title="Scalogram, complex Morlet wavelets (cmor1.5-1.0), 8 an octave",
        levels=levels,
        colours="magma",
        legend=legend,
        axis=scaled_axis(
            "Hz",
            HZ_TICKS,
            low=frequencies_hz[0] / half,
            high=frequencies_hz[-1] * half,
            scale=np.log,
            words=hz_words,
            unit="Hz",
        ),
    )


def pitch_panel(
    f0_hz: Float32[np.ndarray, " columns"], *, range_hz: tuple[float, float]
) -> DotsPanel:
    """Pitch on an axis of notes, no wider than it was found in."""
    voiced = f0_hz[np.isfinite(f0_hz)]
    low, high = range_hz
    if len(voiced):
        low = max(low, float(voiced.min()) / _MARGIN)
        high = min(high, float(voiced.max()) * _MARGIN)
    high = max(high, low * 1.5)
    places = (np.log(f0_hz) - np.log(low)) / (np.log(high) - np.log(low))
    none = "" if len(voiced) else ": none found"
    return DotsPanel(
        title=f"Pitch by pYIN, looked for from {range_hz[0]:g} to {range_hz[1]:g} Hz{none}",
        places=places.astype(np.float32),
        axis=scaled_axis(
            "note, Hz",
            _note_ticks(low, high),
            low=low,
            high=high,
            scale=np.log,
            words=note_words,
            unit="Hz",
        ),
    )


def note_words(hz: float) -> str:
    """The nearest note, and the frequency.

    >>> note_words(440.0)
    'A4 440'
    """
    number = round(12 * np.log2(hz / _A4_HZ)) + _A4
    return f"{NOTES[number % 12]}{number // 12} {hz:.0f}"


def _note_ticks(low: float, high: float) -> list[float]:
    """Cs; with As, Es and Gs between them where less than two octaves are shown."""
    wanted = (0,) if high / low > 8 else (0, 4, 7, 9)
    numbers = [number for number in range(-12, 140) if number % 12 in wanted]
    return [_A4_HZ * 2 ** ((number - _A4) / 12) for number in numbers]
