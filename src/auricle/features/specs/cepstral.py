"""Mel bands and cepstra."""

from dataclasses import dataclass
from typing import Literal

from auricle.features.specs.spec import Clock, Spec, numbered


@dataclass(frozen=True, slots=True, kw_only=True)
class MelBands(Spec):
    """Log-mel bands, as `LogMel`: ln(mel power + floor), 0 for a full-scale sine.

    Attributes:
        n_mels: filters.
        fmin, fmax: Hz; half the rate if None.
        floor_db: dB below a full-scale sine.
    """

    kind: Literal["log_mel"] = "log_mel"
    n_mels: int = 64
    fmin: float = 20.0
    fmax: float | None = None
    floor_db: float = -100.0

    def __post_init__(self) -> None:
        self.check(self.n_mels > 0, rule="n_mels > 0", got=self.n_mels)

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return numbered("log_mel", self.n_mels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pcen(Spec):
    """Mel bands over their own recent level: for recordings whose level changes.

    Attributes:
        n_mels: filters from fmin to half the rate, Hz.
        time_constant_s: memory of the level, seconds.
        gain, bias, power, eps: as in `auricle.dsp.pcen`; power of a full-scale sine is 1.
    """

    kind: Literal["pcen"] = "pcen"
    n_mels: int = 64
    fmin: float = 20.0
    time_constant_s: float = 0.4
    gain: float = 0.98
    bias: float = 2.0
    power: float = 0.5
    eps: float = 1e-9

    def __post_init__(self) -> None:
        least = min(self.n_mels, self.time_constant_s, self.bias, self.power, self.eps)
        self.check(least > 0, rule="all but fmin and gain > 0", got=least)

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return numbered("pcen", self.n_mels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mfcc(Spec):
    """Mel-frequency cepstral coefficients.

    Attributes:
        convention: ``librosa``: 40 of Slaney's filters, dB, cosine transform; 20 coefficients.
            ``kaldi`` and ``htk``: those programs' own window, filters and lifter; 13 coefficients.
        n_mfcc, n_mels: counts; the convention's if None.
        lifter: raises high coefficients; 0 is none; the convention's (0, 22, 22) if None.
    """

    kind: Literal["mfcc"] = "mfcc"
    convention: Literal["librosa", "kaldi", "htk"] = "librosa"
    n_mfcc: int | None = None
    n_mels: int | None = None
    lifter: float | None = None

    def __post_init__(self) -> None:
        got = (self.coefficients, self.filters)
        self.check(0 < got[0] <= got[1], rule="0 < n_mfcc <= n_mels", got=got)

    @property
    def coefficients(self) -> int:
        """How many there are."""
        return self.n_mfcc or {"librosa": 20, "kaldi": 13, "htk": 13}[self.convention]

    @property
    def filters(self) -> int:
        """Mel filters under them."""
        return self.n_mels or {"librosa": 40, "kaldi": 23, "htk": 26}[self.convention]

    @property
    def height(self) -> float:
        """Of the lifter."""
        own = 0.0 if self.convention == "librosa" else 22.0
        return own if self.lifter is None else self.lifter

    def columns(self, clock: Clock) -> tuple[str, ...]:
        names = numbered("mfcc", self.coefficients)
        return (*names[1:], names[0]) if self.convention == "htk" else names
