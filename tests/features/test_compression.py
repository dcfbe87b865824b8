import librosa
import numpy as np
import pytest
import torch

from auricle.errors import ConfigError
from auricle.features import Compression, CompressionConfig

RATE = 100.0


def log_mel(frames=60, mels=5, *, seed=0):
    return 3 * torch.randn(2, frames, mels, generator=torch.Generator().manual_seed(seed)) - 6


@pytest.mark.parametrize("time_constant_s", [0.05, 0.4, 5.0])
def test_pcen_equals_librosa(time_constant_s):
    config = CompressionConfig(kind="pcen", time_constant_s=time_constant_s)
    compression = Compression(config, n_mels=5, frame_rate=RATE)
    x = log_mel()
    y, _ = compression.compress(x, compression.initial_state(2))
    smoothing = 1 - np.exp(-1 / (RATE * time_constant_s))
    for clip, answer in zip(x, y, strict=True):
        energy = clip.exp().double().numpy()
        truth = librosa.pcen(
            energy,
            gain=config.gain,
            bias=config.bias,
            power=config.power,
            eps=config.eps,
            b=smoothing,
            axis=0,
            zi=(1 - smoothing) * energy[:1],
        )
        np.testing.assert_allclose(answer, truth, atol=2e-5, rtol=1e-4)


def test_pcen_forgets_the_level():
    config = CompressionConfig(kind="pcen")
    compression = Compression(config, n_mels=5, frame_rate=RATE)
    x = log_mel(400)
    quiet = compression.compress(x, compression.initial_state(2))[0]
    loud = compression.compress(x + 4, compression.initial_state(2))[0]
    torch.testing.assert_close(loud, quiet, rtol=0.25, atol=0.02)


def test_log_keeps_levels_and_statistics_normalise():
    compression = Compression(CompressionConfig(), n_mels=5, frame_rate=RATE)
    x = log_mel()
    state = compression.initial_state(2)
    assert torch.equal(compression(x, state)[0], x)
    mean, deviation = x.mean(dim=(0, 1)), x.std(dim=(0, 1))
    compression.set_statistics(mean, deviation)
    y = compression(x, state)[0]
    torch.testing.assert_close(y.mean(dim=(0, 1)), torch.zeros(5), atol=1e-5, rtol=0)
    torch.testing.assert_close(y.std(dim=(0, 1)), torch.ones(5), atol=1e-5, rtol=0)


def test_a_filter_that_never_changes_gives_no_infinity():
    compression = Compression(CompressionConfig(), n_mels=5, frame_rate=RATE)
    compression.set_statistics(torch.zeros(5), torch.zeros(5))
    assert torch.isfinite(compression(log_mel(), compression.initial_state(2))[0]).all()


@pytest.mark.parametrize("level", [-23.0, 30.0, 60.0])
def test_pcen_of_silence_and_of_thunder_is_finite(level):
    compression = Compression(CompressionConfig(kind="pcen"), n_mels=5, frame_rate=RATE)
    y, state = compression(torch.full((1, 50, 5), level), compression.initial_state(1))
    assert torch.isfinite(y).all() and torch.isfinite(state.level).all()


def test_settings_out_of_range_are_named():
    for bad in ({"time_constant_s": 0.0}, {"eps": 0.0}, {"power": 2.0}):
        with pytest.raises(ConfigError, match="time_constant_s, eps, power: expected"):
            CompressionConfig(**bad)


@pytest.mark.parametrize("time_constant_s", [1e-9, 1e12])
def test_pcen_with_an_extreme_memory_is_finite(time_constant_s):
    config = CompressionConfig(kind="pcen", time_constant_s=time_constant_s)
    compression = Compression(config, n_mels=5, frame_rate=RATE)
    y, _ = compression(log_mel(), compression.initial_state(2))
    assert torch.isfinite(y).all()
