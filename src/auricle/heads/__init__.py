"""What the network says: targets, losses and decoding of one task each."""

from auricle.heads.classify import ClassifyConfig, ClassifyHead, FrameScores, pool_clip

__all__ = ["ClassifyConfig", "ClassifyHead", "FrameScores", "pool_clip"]
