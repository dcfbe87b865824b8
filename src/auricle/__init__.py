"""auricle: recurrent networks that listen.

Names are imported when they are first used, so that ``import auricle`` stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auricle.archive import feature_table
    from auricle.data import Clip, Manifest, Split, read_manifest, split_manifest
    from auricle.errors import AuricleError
    from auricle.explain import PictureConfig, write_picture
    from auricle.models import Detection, Event
    from auricle.streaming import Detector, Listener, Prediction, Stream, load
    from auricle.training.config import TrainConfig
    from auricle.training.estimator import AudioClassifier

__version__ = "0.1.0"

__all__ = [
    "AudioClassifier",
    "AuricleError",
    "Clip",
    "Detection",
    "Detector",
    "Event",
    "feature_table",
    "Listener",
    "load",
    "Manifest",
    "PictureConfig",
    "Prediction",
    "read_manifest",
    "Split",
    "split_manifest",
    "Stream",
    "TrainConfig",
    "write_picture",
]

_HOMES = {
    "AudioClassifier": "auricle.training.estimator",
    "AuricleError": "auricle.errors",
    "Clip": "auricle.data",
    "Detection": "auricle.models",
    "Detector": "auricle.streaming",
    "Event": "auricle.models",
    "Listener": "auricle.streaming",
    "Manifest": "auricle.data",
    "PictureConfig": "auricle.explain",
    "Prediction": "auricle.streaming",
    "Split": "auricle.data",
    "Stream": "auricle.streaming",
    "TrainConfig": "auricle.training.config",
    "feature_table": "auricle.archive",
    "load": "auricle.streaming",
    "read_manifest": "auricle.data",
    "split_manifest": "auricle.data",
    "write_picture": "auricle.explain",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'auricle' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
