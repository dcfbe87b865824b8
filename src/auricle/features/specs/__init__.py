"""What features are wanted: small frozen values that are added up and turned into JSON and back."""

from auricle.features.specs.cepstral import MelBands, Mfcc, Pcen
from auricle.features.specs.named import FEATURE_NAMES, Delta, Feature, Plain, feature_named
from auricle.features.specs.sound import (
    Flux,
    Loudness,
    OnsetStrength,
    Rms,
    Tempogram,
    ZeroCrossings,
)
from auricle.features.specs.spec import Clock, FeatureSet, Spec
from auricle.features.specs.spectral import (
    Bandwidth,
    Centroid,
    Contrast,
    Entropy,
    Flatness,
    Rolloff,
    Slope,
)
from auricle.features.specs.tonal import NOTES, Chroma, ChromaCqt, Pitch, Tonnetz

__all__ = [
    "Bandwidth",
    "Centroid",
    "Chroma",
    "ChromaCqt",
    "Clock",
    "Contrast",
    "Delta",
    "Entropy",
    "Feature",
    "feature_named",
    "FEATURE_NAMES",
    "FeatureSet",
    "Flatness",
    "Flux",
    "Loudness",
    "MelBands",
    "Mfcc",
    "NOTES",
    "OnsetStrength",
    "Pcen",
    "Pitch",
    "Plain",
    "Rms",
    "Rolloff",
    "Slope",
    "Spec",
    "Tempogram",
    "Tonnetz",
    "ZeroCrossings",
]
