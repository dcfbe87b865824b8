import numpy as np
import pytest
import torch
from tests.dsp.sounds import error_of_max, unchecked

from auricle.dsp import (
    amplitude_to_db,
    db_to_power,
    istft,
    magnitude,
    phase,
    power_spectrogram,
    power_to_db,
    stft,
)
from auricle.errors import ConfigError, ShapeError
from auricle.features import LogMel, log_mel_for

AGREEMENT = 1e-4
SETTINGS = [
    {"n_fft": 512, "hop_length": 128},
    {"n_fft": 512, "hop_length": 160, "win_length": 400},
    {"n_fft": 441, "hop_length": 147},
    {"n_fft": 512, "hop_length": 128, "window": "blackmanharris"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=["plain", "padded", "odd", "blackmanharris"])
def test_stft_equals_librosa(sound, librosa, settings):
    samples, _ = sound
    ours = stft(torch.from_numpy(samples)[None], **settings)[0].numpy().T
    reference = librosa.stft(samples, **settings)
    assert ours.shape == reference.shape
    assert error_of_max(ours, reference) < AGREEMENT


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("settings", SETTINGS, ids=["plain", "padded", "odd", "blackmanharris"])
def test_centred_inverse_gives_the_waveform_back(sound, settings, dtype):
    waveform = torch.from_numpy(sound[0])[None].to(dtype)
    time = waveform.shape[1]
    back = istft(stft(waveform, **settings), num_samples=time, **settings)
    assert back.shape == waveform.shape and back.dtype == dtype
    assert (back - waveform).abs().max() < 1e-6


@pytest.mark.parametrize(
    "settings",
    [{"n_fft": 512, "hop_length": 160, "win_length": 400}, {"n_fft": 64, "hop_length": 16}],
)
def test_causal_inverse_gives_back_all_that_is_final(settings):
    waveform = torch.randn(2, 4000, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)
    spectrum = stft(waveform, framing="causal", **settings)
    back = istft(spectrum, framing="causal", **settings)
    win, hop = settings.get("win_length", settings["n_fft"]), settings["hop_length"]
    assert back.shape == (2, 4000 // hop * hop - (win - hop))
    assert (back - waveform[:, : back.shape[1]]).abs().max() < 1e-6


def test_inverse_equals_librosa_on_a_changed_spectrum(sound, librosa):
    spectrum = stft(torch.from_numpy(sound[0])[None], n_fft=512, hop_length=128)
    changed = spectrum * torch.linspace(0, 1, 257)
    ours = istft(changed, n_fft=512, hop_length=128)[0].numpy()
    reference = librosa.istft(changed[0].numpy().T, n_fft=512, hop_length=128)
    assert ours.shape == reference.shape
    assert error_of_max(ours, reference) < 1e-5


def test_causal_frames_are_those_of_the_log_mel_front_end():
    config = log_mel_for(16000)
    front_end = LogMel(config)
    waveform = 0.1 * torch.randn(1, 8000, generator=torch.Generator().manual_seed(0))
    spectrum = stft(
        waveform,
        n_fft=config.n_fft,
        hop_length=config.hop_length,
        win_length=config.win_length,
        framing="causal",
    )
    ours = torch.log(magnitude(spectrum, exponent=2.0) @ front_end.bank + 1e-10)
    frames, _ = front_end(waveform[:, None], front_end.initial_state(1))
    torch.testing.assert_close(ours, frames, atol=1e-4, rtol=1e-5)


def test_power_of_the_transform_is_the_power_spectrogram():
    waveform = torch.randn(2, 3000, generator=torch.Generator().manual_seed(0))
    spectrum = stft(waveform, n_fft=256, hop_length=64)
    power = power_spectrogram(waveform, n_fft=256, hop_length=64)
    torch.testing.assert_close(magnitude(spectrum, exponent=2.0), power, atol=1e-4, rtol=1e-5)
    torch.testing.assert_close(magnitude(spectrum, exponent=0.5) ** 2, magnitude(spectrum))
    turned = torch.polar(magnitude(spectrum), phase(spectrum))
    torch.testing.assert_close(turned, spectrum, atol=1e-4, rtol=1e-4)


def test_decibels_equal_librosa_and_go_back(sound, librosa):
    spectrum = stft(torch.from_numpy(sound[0])[None], n_fft=512, hop_length=128)
    size = magnitude(spectrum)
    reference = librosa.amplitude_to_db(size[0].numpy())
    assert error_of_max(amplitude_to_db(size)[0], reference) < AGREEMENT
    power = size.square().clamp(min=1e-6)
    torch.testing.assert_close(
        db_to_power(power_to_db(power, range_db=200.0)), power, rtol=1e-4, atol=0
    )


def test_one_sample_and_clips_shorter_than_a_window_have_a_frame():
    assert stft(torch.ones(1, 1), n_fft=64, hop_length=16).shape == (1, 1, 33)
    assert stft(torch.ones(1, 40), n_fft=64, hop_length=16).shape == (1, 3, 33)
    one = istft(
        stft(torch.ones(1, 1), n_fft=64, hop_length=16), n_fft=64, hop_length=16, num_samples=1
    )
    torch.testing.assert_close(one, torch.ones(1, 1))


def test_stft_has_gradients():
    waveform = torch.randn(1, 200, dtype=torch.float64, requires_grad=True)
    stft(waveform, n_fft=64, hop_length=16).abs().sum().backward()
    assert waveform.grad is not None and bool((waveform.grad != 0).any())


def test_stft_refuses_lengths_out_of_order():
    waveform = torch.zeros(1, 100)
    with pytest.raises(ConfigError, match="hop_length: expected 0 < hop_length <= n_fft=64, got 0"):
        stft(waveform, n_fft=64, hop_length=0)
    with pytest.raises(
        ConfigError, match="win_length: expected 0 < win_length <= n_fft=64, got 80"
    ):
        stft(waveform, n_fft=64, hop_length=16, win_length=80)
    with pytest.raises(ConfigError, match="framing: expected 'center' or 'causal', got 'left'"):
        unchecked(stft)(waveform, n_fft=64, hop_length=16, framing="left")
    with pytest.raises(ShapeError, match="waveform: expected at least 16 samples, got 15"):
        stft(waveform[:, :15], n_fft=64, hop_length=16, framing="causal")


def test_inverse_refuses_what_it_cannot_invert():
    spectrum = stft(torch.ones(1, 1000), n_fft=64, hop_length=64)
    with pytest.raises(ConfigError, match="windows that overlap and cover every sample"):
        istft(spectrum, n_fft=64, hop_length=64)
    with pytest.raises(ShapeError, match="n_fft // 2 \\+ 1 = 65"):
        istft(spectrum, n_fft=128, hop_length=32)
    with pytest.raises(ConfigError, match="num_samples: expected 0 < num_samples <="):
        istft(spectrum, n_fft=64, hop_length=16, num_samples=10000)
    with pytest.raises(ShapeError, match="spectrum: expected complex numbers, got float32"):
        unchecked(istft)(spectrum.abs(), n_fft=64, hop_length=16)
    with pytest.raises(ShapeError, match="spectrum: expected finite numbers"):
        istft(spectrum * float("nan"), n_fft=64, hop_length=16)


def test_transform_agrees_in_both_precisions():
    waveform = torch.randn(1, 1000, generator=torch.Generator().manual_seed(0))
    single = stft(waveform, n_fft=64, hop_length=16)
    double = stft(waveform.double(), n_fft=64, hop_length=16)
    assert single.dtype == torch.complex64 and double.dtype == torch.complex128
    np.testing.assert_allclose(single.numpy(), double.numpy(), atol=1e-5)
