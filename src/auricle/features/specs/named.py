"""All features, their slopes, and their names."""

from dataclasses import dataclass
from typing import Literal

from auricle.errors import ConfigError, message
from auricle.features.specs.cepstral import MelBands, Mfcc, Pcen
from auricle.features.specs.sound import (
    Flux,
    Loudness,
    OnsetStrength,
    Rms,
    Tempogram,
    ZeroCrossings,
)
from auricle.features.specs.spec import Clock, Spec
from auricle.features.specs.spectral import (
    Bandwidth,
    Centroid,
    Contrast,
    Entropy,
    Flatness,
    Rolloff,
    Slope,
)
from auricle.features.specs.tonal import Chroma, ChromaCqt, Pitch, Tonnetz


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
    | ChromaCqt
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
    | Pitch
    | OnsetStrength
    | Tempogram
)


Feature = Plain | Delta


_PLAIN: dict[str, type[Plain]] = {
    "log_mel": MelBands,
    "mfcc": Mfcc,
    "pcen": Pcen,
    "chroma": Chroma,
    "chroma_cqt": ChromaCqt,
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
    "pitch": Pitch,
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
