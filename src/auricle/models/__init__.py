"""Front end, trunk, head and decision joined; presets; the model file."""

from auricle.models.config import (
    UNKNOWN,
    DecisionConfig,
    DetectionConfig,
    HeadConfig,
    ModelConfig,
    TrunkConfig,
)
from auricle.models.decision import (
    Event,
    EventDecoder,
    EventState,
    PosteriorState,
    RunningPosterior,
    softmax,
)
from auricle.models.detection import Detection, DetectionDecoder, DetectionState
from auricle.models.model import Model, ModelState, NetworkState
from auricle.models.model_file import load_model, read_card, save_model
from auricle.models.presets import Preset, TrunkKind, preset, trunk_like

__all__ = [
    "DecisionConfig",
    "Detection",
    "DetectionConfig",
    "DetectionDecoder",
    "DetectionState",
    "Event",
    "EventDecoder",
    "EventState",
    "HeadConfig",
    "load_model",
    "Model",
    "ModelConfig",
    "ModelState",
    "NetworkState",
    "PosteriorState",
    "Preset",
    "preset",
    "read_card",
    "RunningPosterior",
    "save_model",
    "softmax",
    "trunk_like",
    "TrunkConfig",
    "TrunkKind",
    "UNKNOWN",
]
