"""Training: from labelled recordings to a model file."""

from auricle.training.config import TrainConfig

__all__ = ["TrainConfig"]
