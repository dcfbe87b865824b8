"""Models small enough for tests, with weights that make every part matter."""

from dataclasses import replace

import numpy as np
import torch

from auricle.features import CompressionConfig, LogMelConfig
from auricle.heads import ClassifyConfig
from auricle.models import DecisionConfig, Model, ModelConfig
from auricle.trunks import BidirectionalConfig, RecurrentConfig, TdnnConfig, WaveNetConfig

RATE = 4000
HOP = 40
FRONT_END = LogMelConfig(
    sample_rate=RATE, win_length=100, hop_length=HOP, n_fft=256, n_mels=12, fmin=40.0
)
TRUNK = RecurrentConfig(
    stem_channels=(4, 6), stem_strides=(1, 2), hidden_size=16, num_layers=2, dropout=0.1
)
TDNN = TdnnConfig(
    channels=(8, 8, 6), kernels=(3, 3, 1), dilations=(1, 2, 1), strides=(2, 1, 1), dropout=0.1
)
WAVENET = WaveNetConfig(
    residual_channels=6, skip_channels=8, kernel=3, dilations=(1, 2, 4), stride=2, dropout=0.1
)
CLASSES = ("bark", "chirp", "hum")


def tiny_config(
    *, kind="mingru", compression="log", pooling="attention", strides=(1, 2), bidirectional=False
):
    trunk = replace(TRUNK, kind=kind, stem_strides=strides)
    return ModelConfig(
        classes=CLASSES,
        front_end=FRONT_END,
        compression=CompressionConfig(kind=compression),
        trunk=BidirectionalConfig(kind="bigru", stem=trunk) if bidirectional else trunk,
        head=ClassifyConfig(pooling=pooling),
        decision=DecisionConfig(threshold=0.45, memory_s=0.2, min_duration_s=0.04),
    )


def tiny_model(*, seed=0, config=None, **parts):
    """A model whose posteriors move: random weights, drawn wide at the end."""
    torch.manual_seed(seed)
    model = Model(config or tiny_config(**parts)).eval()
    mean, deviation = (-12.0, 5.0) if model.config.compression.kind == "log" else (0.3, 0.3)
    mels = model.config.front_end.n_mels
    model.compression.set_statistics(torch.full((mels,), mean), torch.full((mels,), deviation))
    with torch.no_grad():
        model.head.classify.weight.mul_(6)
        model.head.temperature.fill_(1.3)
    return model


def sound(seconds=2.0, *, seed=0, rate=RATE):
    """Bursts of noise and tones with silence between them, float32 in [-1, 1]."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * (200 + 500 * rng.random()) * time_s)
    level = np.repeat(10 ** rng.uniform(-3, 0, 1 + len(time_s) // 400), 400)[: len(time_s)]
    quiet = np.repeat(rng.random(1 + len(time_s) // 700) < 0.2, 700)[: len(time_s)]
    waveform = (0.5 * tone + 0.1 * rng.standard_normal(len(time_s))) * level * ~quiet
    return waveform.astype(np.float32).clip(-1, 1)
