"""Where the energy of a spectrum lies."""

from dataclasses import dataclass
from typing import Literal

from auricle.dsp import contrast_bands
from auricle.features.specs.spec import Clock, Spec, numbered


@dataclass(frozen=True, slots=True, kw_only=True)
class Flatness(Spec):
    """Geometric over arithmetic mean of the power: 0 for a tone, 0.56 for noise."""

    kind: Literal["flatness"] = "flatness"

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return ("flatness",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Centroid(Spec):
    """Mean frequency of the magnitude, Hz."""

    kind: Literal["centroid"] = "centroid"

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return ("centroid_hz",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth(Spec):
    """Deviation of frequency around the centroid, Hz."""

    kind: Literal["bandwidth"] = "bandwidth"

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return ("bandwidth_hz",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolloff(Spec):
    """Frequency below which a share of the magnitude lies, Hz.

    Attributes:
        share: in (0, 1).
    """

    kind: Literal["rolloff"] = "rolloff"
    share: float = 0.85

    def __post_init__(self) -> None:
        self.check(0 < self.share < 1, rule="0 < share < 1", got=self.share)

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return ("rolloff_hz",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast(Spec):
    """Peaks over valleys in octave bands, dB.

    Attributes:
        n_bands: octaves above fmin; as many as begin below half the rate, at most 6, if None.
        fmin: top of the lowest band, Hz.
    """

    kind: Literal["contrast"] = "contrast"
    n_bands: int | None = None
    fmin: float = 200.0

    def __post_init__(self) -> None:
        least = min(1 if self.n_bands is None else self.n_bands, self.fmin)
        self.check(least > 0, rule="n_bands, fmin > 0", got=least)

    def octaves(self, clock: Clock) -> int:
        """Bands above the lowest."""
        return self.n_bands or contrast_bands(clock.sample_rate, fmin=self.fmin)

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return numbered("contrast", self.octaves(clock) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope(Spec):
    """Slope of the magnitude over frequency, per kHz."""

    kind: Literal["slope"] = "slope"

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return ("slope",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entropy(Spec):
    """How evenly power is spread over bins: 0 for a tone, 1 for a flat spectrum."""

    kind: Literal["entropy"] = "entropy"

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return ("entropy",)
