"""Level and change."""

from dataclasses import dataclass
from typing import Literal

from auricle.features.specs.spec import Clock, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Flux(Spec):
    """Mean rise of the magnitude since the frame before."""

    kind: Literal["flux"] = "flux"

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return ("flux",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroCrossings(Spec):
    """Share of neighbouring samples of unlike sign in the window."""

    kind: Literal["zero_crossings"] = "zero_crossings"

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return ("zero_crossings",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rms(Spec):
    """Root of the mean square of the window."""

    kind: Literal["rms"] = "rms"

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return ("rms",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness(Spec):
    """BS.1770 loudness of the last 0.4 s and 3 s, LUFS, silence before the first sample."""

    kind: Literal["loudness"] = "loudness"

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return ("loudness_momentary_lufs", "loudness_short_term_lufs")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnsetStrength(Spec):
    """Mean rise of the mel spectrum in dB: peaks where sounds begin.

    Attributes:
        n_mels: filters.
    """

    kind: Literal["onset"] = "onset"
    n_mels: int = 40

    def __post_init__(self) -> None:
        self.check(self.n_mels > 0, rule="n_mels > 0", got=self.n_mels)

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return ("onset",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempogram(Spec):
    """Autocorrelation of the onset strength of the last seconds, its greatest value 1.

    Attributes:
        window_s: seconds of onsets that are looked at.
        longest_s: longest lag that has a column, seconds: 1.5 is 40 beats a minute.
        n_mels: filters of the onset strength.
    """

    kind: Literal["tempogram"] = "tempogram"
    window_s: float = 4.0
    longest_s: float = 1.5
    n_mels: int = 40

    def __post_init__(self) -> None:
        got = (self.longest_s, self.window_s, self.n_mels)
        self.check(
            0 < got[0] < got[1] and got[2] > 0, rule="0 < longest_s < window_s, n_mels > 0", got=got
        )

    def columns(self, clock: Clock) -> tuple[str, ...]:
        lags = clock.frames(self.longest_s)
        ms = 1000 / clock.frame_rate
        return tuple(f"tempogram_{lag * ms:g}ms" for lag in range(1, lags + 1))
