"""What features are wanted: small frozen values that are added up and turned into JSON and back."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from auricle.dsp import contrast_bands
from auricle.errors import ConfigError, message

NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_CIRCLES = ("fifths", "minor_thirds", "major_thirds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The hop that all features share, and the window of those that have none of their own.

    Attributes:
        sample_rate: Hz.
        win_length, hop_length, n_fft: samples.
    """

    sample_rate: int
    win_length: int
    hop_length: int
    n_fft: int

    @property
    def frame_rate(self) -> float:
        """Frames a second, Hz."""
        return self.sample_rate / self.hop_length

    def frames(self, duration_s: float) -> int:
        """Hops in a duration, at least one."""
        return max(1, round(duration_s * self.frame_rate))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One feature that is wanted; ``a + b`` puts features side by side."""

    def __add__(self, other: "Spec | FeatureSet") -> "FeatureSet":
        return FeatureSet((self,)) + other

    def columns(self, clock: Clock) -> tuple[str, ...]:
        """Name of each column."""
        raise NotImplementedError

    def delay_frames(self) -> int:
        """Frames by which the middle of what a column tells lies behind the newest frame."""
        return 0

    def check(self, holds: bool, *, rule: str, got: object) -> None:
        """Raise `ConfigError` in the house's form if a rule does not hold."""
        if not holds:
            remedy = "Leave it out for the default."
            raise ConfigError(message(type(self).__name__, expected=rule, got=got, remedy=remedy))


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """Features side by side, in this order."""

    specs: tuple[Spec, ...]

    def __add__(self, other: "Spec | FeatureSet") -> "FeatureSet":
        more = other.specs if isinstance(other, FeatureSet) else (other,)
        return FeatureSet((*self.specs, *more))

    def __iter__(self) -> Iterator[Spec]:
        return iter(self.specs)

    def __len__(self) -> int:
        return len(self.specs)


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
        return _numbered("log_mel", self.n_mels)


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
        return _numbered("pcen", self.n_mels)


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
        names = _numbered("mfcc", self.coefficients)
        return (*names[1:], names[0]) if self.convention == "htk" else names


@dataclass(frozen=True, slots=True, kw_only=True)
class Chroma(Spec):
    """Energy at the twelve pitch classes, the greatest of a frame 1.

    Attributes:
        window_s: seconds of sound under one frame; low notes need a long one.
    """

    kind: Literal["chroma"] = "chroma"
    window_s: float = 0.1

    def __post_init__(self) -> None:
        self.check(self.window_s > 0, rule="window_s > 0", got=self.window_s)

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return tuple(f"chroma_{note}" for note in NOTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tonnetz(Spec):
    """Harmony as points on circles of fifths, minor and major thirds, from `Chroma`.

    Attributes:
        window_s: of the chroma.
    """

    kind: Literal["tonnetz"] = "tonnetz"
    window_s: float = 0.1

    def __post_init__(self) -> None:
        self.check(self.window_s > 0, rule="window_s > 0", got=self.window_s)

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return tuple(f"tonnetz_{circle}_{axis}" for circle in _CIRCLES for axis in "xy")


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
        return _numbered("contrast", self.octaves(clock) + 1)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta(Spec):
    """Slope over 2 * reach + 1 frames of every column of another feature, units a frame.

    Attributes:
        of: the feature.
        order: 2 for the slope of the slope.
        reach: frames on either side of the middle, which therefore is known that much later.
    """

    kind: Literal["delta"] = "delta"
    of: "Plain"
    order: Literal[1, 2] = 1
    reach: int = 4

    def __post_init__(self) -> None:
        self.check(self.reach > 0, rule="reach > 0", got=self.reach)

    def columns(self, clock: Clock) -> tuple[str, ...]:
        return tuple("delta_" * self.order + name for name in self.of.columns(clock))

    def delay_frames(self) -> int:
        return self.order * self.reach + self.of.delay_frames()


Plain = (
    MelBands
    | Pcen
    | Mfcc
    | Chroma
    | Tonnetz
    | Flatness
    | Centroid
    | Bandwidth
    | Rolloff
    | Contrast
    | Slope
    | Entropy
    | Flux
    | ZeroCrossings
    | Rms
    | Loudness
    | OnsetStrength
    | Tempogram
)
Feature = Plain | Delta

_PLAIN: dict[str, type[Plain]] = {
    "log_mel": MelBands,
    "mfcc": Mfcc,
    "pcen": Pcen,
    "chroma": Chroma,
    "tonnetz": Tonnetz,
    "flatness": Flatness,
    "centroid": Centroid,
    "bandwidth": Bandwidth,
    "rolloff": Rolloff,
    "contrast": Contrast,
    "slope": Slope,
    "entropy": Entropy,
    "flux": Flux,
    "zero_crossings": ZeroCrossings,
    "rms": Rms,
    "loudness": Loudness,
    "onset": OnsetStrength,
    "tempogram": Tempogram,
}
FEATURE_NAMES = tuple(_PLAIN)


def feature_named(name: str) -> Feature:
    """The feature of that name with its defaults; ``delta_`` or ``delta_delta_`` before it.

    Raises:
        ConfigError: there is none.
    """
    plain = name.removeprefix("delta_").removeprefix("delta_")
    order = (len(name) - len(plain)) // len("delta_")
    if plain not in _PLAIN:
        raise ConfigError(
            message(
                "features",
                expected=f"names out of {', '.join(_PLAIN)}, or delta_ or delta_delta_ before one",
                got=name,
                remedy="Separate names by commas: mfcc,delta_mfcc,chroma.",
            )
        )
    spec = _PLAIN[plain]()
    match order:
        case 0:
            return spec
        case 1:
            return Delta(of=spec)
        case _:
            return Delta(of=spec, order=2)


def _numbered(name: str, count: int) -> tuple[str, ...]:
    width = math.floor(math.log10(max(1, count - 1))) + 1
    return tuple(f"{name}_{index:0{width}d}" for index in range(count))
