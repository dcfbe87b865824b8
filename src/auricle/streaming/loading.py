"""From a model file to what answers with it."""

from pathlib import Path

from auricle.errors import ModelFileError, message
from auricle.heads import ClassifyConfig, DetectConfig
from auricle.models import load_model
from auricle.streaming.detector import Detector
from auricle.streaming.listener import Listener


def load(path: Path | str) -> Listener | Detector:
    """Read a model file: a `Listener` where it classifies, a `Detector` where it detects events.

    Raises:
        ModelFileError: not there, not a model file, truncated, changed, or newer than this program.
    """
    model, card = load_model(path)
    match model.config.head:
        case ClassifyConfig():
            return Listener(model, card=card)
        case DetectConfig():
            return Detector(model, card=card)


def load_listener(path: Path | str) -> Listener:
    """As `load`, for what needs a classifier.

    Raises:
        ModelFileError: it detects events instead, or as `load`.
    """
    loaded = load(path)
    if isinstance(loaded, Listener):
        return loaded
    remedy = "Use auricle.load(path).detect_file(...), or train a classifier on labelled clips."
    raise ModelFileError(message(str(path), expected="a classifier", got="a detector of events",
                                 remedy=remedy))  # fmt: skip


def load_detector(path: Path | str) -> Detector:
    """As `load`, for what needs a detector.

    Raises:
        ModelFileError: it classifies clips instead, or as `load`.
    """
    loaded = load(path)
    if isinstance(loaded, Detector):
        return loaded
    remedy = "Train one with annotations: auricle train FOLDER --annotations EVENTS."
    raise ModelFileError(message(str(path), expected="a detector of events", got="a classifier",
                                 remedy=remedy))  # fmt: skip
