import librosa
import numpy as np
import pytest
import torch
from tests.tiny import FRONT_END, sound

from auricle.errors import ConfigError, ShapeError
from auricle.features import LogMel, LogMelConfig, log_mel_for
from auricle.io import read_audio


def ours(waveform, config):
    log_mel = LogMel(config)
    return log_mel(torch.from_numpy(waveform)[None, None], log_mel.initial_state(1))[0][0].numpy()


def librosas(waveform, config):
    """librosa without centring, the first window ending with the first hop, as ours does."""
    left = config.win_length - config.hop_length + (config.n_fft - config.win_length) // 2
    power = librosa.stft(
        np.pad(waveform.astype(np.float64), (left, config.n_fft)),
        n_fft=config.n_fft,
        hop_length=config.hop_length,
        win_length=config.win_length,
        center=False,
    )
    bank = librosa.filters.mel(
        sr=config.sample_rate,
        n_fft=config.n_fft,
        n_mels=config.n_mels,
        fmin=config.fmin,
        fmax=config.fmax,
    )
    bank = bank / bank.max(axis=1, keepdims=True)
    full_scale = (librosa.filters.get_window("hann", config.win_length).sum() / 2) ** 2
    mel = bank @ np.abs(power) ** 2 / full_scale
    return np.log(mel + 10 ** (config.floor_db / 10)).T[: len(waveform) // config.hop_length]


@pytest.mark.parametrize("rate", [4000, 8000, 16000, 44100])
def test_log_mel_equals_librosa_on_made_sounds(rate):
    config = log_mel_for(rate)
    waveform = sound(0.5, rate=rate)
    np.testing.assert_allclose(ours(waveform, config), librosas(waveform, config), atol=2e-3)


@pytest.mark.parametrize("name", ["0_george_1.flac", "7_jackson_3.flac"])
def test_log_mel_equals_librosa_on_a_real_recording(shared_data, name):
    waveform, rate = read_audio(shared_data / "fsdd" / "recordings" / name)
    config = log_mel_for(rate)
    np.testing.assert_allclose(ours(waveform, config), librosas(waveform, config), atol=2e-3)


def test_full_scale_sine_is_zero_and_silence_is_the_floor():
    config = log_mel_for(16000)
    log_mel = LogMel(config)
    centre_bin = int(log_mel.bank[:, 20].argmax())
    hz = centre_bin * config.sample_rate / config.n_fft
    sine = np.sin(2 * np.pi * hz * np.arange(8000) / 16000).astype(np.float32)
    heard = ours(sine, config)[10:]
    assert (heard.argmax(axis=1) == 20).all()
    assert 0 <= heard[:, 20].min() <= heard[:, 20].max() <= np.log(1.5 * 1024 / 400)
    silence = ours(np.zeros(800, dtype=np.float32), config)
    np.testing.assert_allclose(silence, -100 / 10 * np.log(10), rtol=1e-4)


def test_a_frame_is_ready_with_its_hop():
    log_mel = LogMel(FRONT_END)
    state = log_mel.initial_state(1)
    for count, frames, missing in ((39, 0, 1), (1, 1, 0), (41, 1, 39), (39, 1, 0), (0, 0, 0)):
        y, state = log_mel(torch.zeros(1, 1, count), state)
        assert (y.shape[1], log_mel.missing(state)) == (frames, missing)


def test_settings_out_of_range_are_named():
    with pytest.raises(ConfigError, match="hop_length, win_length, n_fft: expected 0 < hop"):
        LogMelConfig(sample_rate=8000, win_length=100, hop_length=200, n_fft=256)
    with pytest.raises(ConfigError, match="sample_rate, n_mels: expected both > 0, got 0, 64"):
        LogMelConfig(sample_rate=0, win_length=100, hop_length=50, n_fft=256)
    with pytest.raises(ConfigError, match="n_mels: expected at least one Fourier bin"):
        LogMel(LogMelConfig(sample_rate=8000, win_length=32, hop_length=16, n_fft=32, n_mels=64))
    log_mel = LogMel(FRONT_END)
    with pytest.raises(ShapeError, match="expected one channel"):
        log_mel(torch.zeros(1, 2, 100), log_mel.initial_state(1))


@pytest.mark.parametrize("rate", [100, 1000, 8000, 11025, 22050, 48000, 192_000, 500_000])
def test_default_front_end_exists_at_every_rate_that_files_may_have(rate):
    config = log_mel_for(rate)
    assert config.frame_rate == pytest.approx(100, rel=0.02)
    assert np.isfinite(ours(np.zeros(rate // 10, dtype=np.float32), config)).all()
