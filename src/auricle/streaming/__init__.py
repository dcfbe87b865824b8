"""A model on an endless source: push, events, saved state."""

from auricle.streaming.deciding import StepScores
from auricle.streaming.detecting import DetectionStream, HopProbs
from auricle.streaming.detection_identity import measure_detection_identity
from auricle.streaming.detector import DetectedFile, Detector
from auricle.streaming.identity import PUSHES, Identity, measure_identity
from auricle.streaming.listener import Listener, Prediction
from auricle.streaming.loading import load, load_detector, load_listener
from auricle.streaming.many import ManyStreams
from auricle.streaming.stream import Snapshot, Stream

__all__ = [
    "DetectedFile",
    "DetectionStream",
    "Detector",
    "HopProbs",
    "Identity",
    "Listener",
    "load",
    "load_detector",
    "load_listener",
    "ManyStreams",
    "measure_detection_identity",
    "measure_identity",
    "Prediction",
    "PUSHES",
    "Snapshot",
    "StepScores",
    "Stream",
]
