"""From samples to frames: causal front ends, compression, augmentation."""

from auricle.features.compression import Compression, CompressionConfig, CompressionState
from auricle.features.log_mel import LogMel, LogMelConfig, LogMelState, log_mel_for

__all__ = [
    "Compression",
    "CompressionConfig",
    "CompressionState",
    "log_mel_for",
    "LogMel",
    "LogMelConfig",
    "LogMelState",
]
