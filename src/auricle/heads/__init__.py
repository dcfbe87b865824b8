"""What the network says: targets, losses and decoding of one task each."""

from auricle.heads.classify import ClassifyConfig, ClassifyHead, FrameScores, pool_clip
from auricle.heads.detect import DetectConfig, DetectHead, pool_tags

__all__ = [
    "ClassifyConfig",
    "ClassifyHead",
    "DetectConfig",
    "DetectHead",
    "FrameScores",
    "pool_clip",
    "pool_tags",
]
