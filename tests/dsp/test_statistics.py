import numpy as np
import pytest
import torch

from auricle.dsp import (
    chroma,
    chroma_filter_bank,
    clip_statistics,
    delta,
    mfcc,
    power_spectrogram,
    spectral_flatness,
    statistics_names,
)
from auricle.errors import ConfigError, ShapeError

RATE, N_FFT, HOP = 22050, 2048, 512


@pytest.fixture(scope="module")
def waveform():
    rng = np.random.default_rng(0)
    t = np.arange(RATE) / RATE
    sweep = np.sin(2 * np.pi * (200 * t + 900 * t**2)) * np.linspace(0.01, 0.8, RATE)
    return (sweep + 0.01 * rng.standard_normal(RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def power(waveform):
    return power_spectrogram(torch.from_numpy(waveform)[None], n_fft=N_FFT, hop_length=HOP)


@pytest.fixture(scope="module")
def librosa():
    return pytest.importorskip("librosa")


def test_spectrogram_equals_librosa(power, waveform, librosa):
    reference = np.abs(librosa.stft(waveform, n_fft=N_FFT, hop_length=HOP)) ** 2
    np.testing.assert_allclose(power[0].numpy().T, reference, rtol=1e-3, atol=1e-3)


def test_mfcc_equals_librosa(power, waveform, librosa):
    reference = librosa.feature.mfcc(y=waveform, sr=RATE, n_fft=N_FFT, hop_length=HOP)
    ours = mfcc(power, sample_rate=RATE)[0].numpy().T
    np.testing.assert_allclose(ours, reference, atol=2e-2, rtol=1e-4)


def test_delta_equals_librosa(power, librosa):
    values = mfcc(power, sample_rate=RATE)
    reference = librosa.feature.delta(values[0].numpy().T, mode="nearest")
    np.testing.assert_allclose(delta(values)[0].numpy().T, reference, atol=1e-3)


def test_delta_of_a_ramp_is_its_slope():
    ramp = 3.0 * torch.arange(20.0)[None, :, None]
    torch.testing.assert_close(delta(ramp)[:, 4:-4], torch.full((1, 12, 1), 3.0))


def test_chroma_filters_equal_librosa(librosa):
    reference = librosa.filters.chroma(sr=RATE, n_fft=N_FFT)
    ours = chroma_filter_bank(sample_rate=RATE, n_fft=N_FFT).numpy().T
    np.testing.assert_allclose(ours, reference, atol=1e-6)


def test_chroma_equals_librosa(power, librosa):
    reference = librosa.feature.chroma_stft(S=power[0].numpy().T, sr=RATE, tuning=0.0)
    np.testing.assert_allclose(chroma(power, sample_rate=RATE)[0].numpy().T, reference, atol=1e-4)


def test_flatness_equals_librosa(power, waveform, librosa):
    reference = librosa.feature.spectral_flatness(y=waveform, n_fft=N_FFT, hop_length=HOP)
    np.testing.assert_allclose(spectral_flatness(power)[0].numpy(), reference[0], rtol=1e-3)


def test_spectrogram_refuses_hops_that_skip_and_empty_clips():
    with pytest.raises(ConfigError, match="hop_length: expected 0 < hop_length <= n_fft=4, got 5"):
        power_spectrogram(torch.zeros(1, 8), n_fft=4, hop_length=5)
    with pytest.raises(ShapeError, match="at least one sample"):
        power_spectrogram(torch.zeros(1, 0), n_fft=4, hop_length=2)


def test_mfcc_refuses_more_coefficients_than_filters(power):
    with pytest.raises(ConfigError, match="n_mfcc: expected 0 < n_mfcc <= n_mels=10, got 20"):
        mfcc(power, sample_rate=RATE, n_mels=10)


@pytest.mark.parametrize("sample_rate", [100, 8000, 44100, 384000])
@pytest.mark.parametrize("num_samples", [1, 300, 20000])
def test_statistics_are_finite_at_any_rate_and_length(sample_rate, num_samples):
    waveform = torch.randn(2, num_samples, generator=torch.Generator().manual_seed(0))
    values = clip_statistics(waveform, sample_rate=sample_rate)
    assert values.shape == (2, len(statistics_names()))
    assert values.isfinite().all()


def test_statistics_of_silence_are_finite():
    assert clip_statistics(torch.zeros(1, 4000), sample_rate=8000).isfinite().all()


def test_statistics_of_a_clip_do_not_depend_on_its_batch():
    waveform = torch.randn(3, 4000, generator=torch.Generator().manual_seed(0))
    together = clip_statistics(waveform, sample_rate=8000)
    alone = torch.cat([clip_statistics(clip[None], sample_rate=8000) for clip in waveform])
    torch.testing.assert_close(together, alone, atol=1e-3, rtol=1e-4)


def test_louder_sound_moves_only_the_first_coefficient_among_the_means(waveform):
    loud = clip_statistics(torch.from_numpy(waveform)[None], sample_rate=RATE)
    soft = clip_statistics(torch.from_numpy(0.5 * waveform)[None], sample_rate=RATE)
    moved = ((loud - soft).abs() > 0.05)[0, :20].nonzero().flatten().tolist()
    assert moved == [0]
