"""A model on an endless source: push, events, saved state."""

from auricle.streaming.deciding import StepScores
from auricle.streaming.identity import PUSHES, Identity, measure_identity
from auricle.streaming.listener import Listener, Prediction, load
from auricle.streaming.many import ManyStreams
from auricle.streaming.stream import Snapshot, Stream

__all__ = [
    "Identity",
    "Listener",
    "load",
    "ManyStreams",
    "measure_identity",
    "Prediction",
    "PUSHES",
    "Snapshot",
    "StepScores",
    "Stream",
]
