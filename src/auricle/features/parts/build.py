"""From what is wanted to the part that computes it."""

from typing import assert_never

from auricle.features.parts.cepstral import MelBandsPart, MfccPart, PcenPart, SpeechMfccPart
from auricle.features.parts.derived import DeltaPart
from auricle.features.parts.level import LoudnessPart, SamplesPart
from auricle.features.parts.part import Part
from auricle.features.parts.spectral import RisePart, ShapePart, TempogramPart
from auricle.features.parts.tonal import ChromaCqtPart, ChromaPart, PitchPart, TonnetzPart
from auricle.features.specs import (
    Bandwidth,
    Centroid,
    Chroma,
    ChromaCqt,
    Clock,
    Contrast,
    Delta,
    Entropy,
    Feature,
    Flatness,
    Flux,
    Loudness,
    MelBands,
    Mfcc,
    OnsetStrength,
    Pcen,
    Pitch,
    Rms,
    Rolloff,
    Slope,
    Tempogram,
    Tonnetz,
    ZeroCrossings,
)


def build_part(spec: Feature, clock: Clock) -> Part:
    """The part that a feature describes.

    Raises:
        ConfigError: it cannot be at this rate, window or transform.
    """
    match spec:
        case MelBands():
            return MelBandsPart(spec, clock)
        case Pcen():
            return PcenPart(spec, clock)
        case Mfcc():
            librosa = spec.convention == "librosa"
            return MfccPart(spec, clock) if librosa else SpeechMfccPart(spec, clock)
        case Chroma():
            return ChromaPart(spec, clock)
        case ChromaCqt():
            return ChromaCqtPart(spec, clock)
        case Pitch():
            return PitchPart(spec, clock)
        case Tonnetz():
            return TonnetzPart(spec, clock)
        case Flatness() | Centroid() | Bandwidth() | Rolloff() | Contrast() | Slope() | Entropy():
            return ShapePart(spec, clock)
        case Flux() | OnsetStrength():
            return RisePart(spec, clock)
        case Tempogram():
            return TempogramPart(spec, clock)
        case ZeroCrossings() | Rms():
            return SamplesPart(spec, clock)
        case Loudness():
            return LoudnessPart(spec, clock)
        case Delta():
            return DeltaPart(spec, clock, of=build_part(spec.of, clock))
        case _:
            assert_never(spec)
