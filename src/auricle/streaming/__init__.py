"""A model on an endless source: push, events, saved state."""

from auricle.streaming.identity import PUSHES, Identity, measure_identity
from auricle.streaming.listener import Listener, Prediction, load
from auricle.streaming.stream import StepScores, Stream

__all__ = [
    "Identity",
    "Listener",
    "load",
    "measure_identity",
    "Prediction",
    "PUSHES",
    "StepScores",
    "Stream",
]
