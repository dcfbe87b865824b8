import numpy as np
import pytest
import torch
from scipy.ndimage import median_filter as scipy_median_filter
from tests.dsp.sounds import error_of_max

from auricle.dsp import hpss, hpss_masks, median_filter, split_harmonic, stft
from auricle.errors import ConfigError, ShapeError

AGREEMENT = 1e-4


@pytest.mark.parametrize("size", [1, 3, 31])
@pytest.mark.parametrize("dim", [1, 2])
def test_median_equals_scipy(size, dim):
    values = np.random.default_rng(0).random((2, 12, 40))
    shape = [1, 1, 1]
    shape[dim] = size
    ours = median_filter(torch.from_numpy(values), size=size, dim=dim).numpy()
    np.testing.assert_array_equal(ours, scipy_median_filter(values, size=shape, mode="reflect"))


@pytest.mark.parametrize("margins", [(1.0, 1.0), (1.0, 5.0), (3.0, 2.0)])
@pytest.mark.parametrize("kernels", [(31, 31), (9, 17)])
def test_parts_equal_librosa(sound, librosa, margins, kernels):
    spectrum = stft(torch.from_numpy(sound[0])[None], n_fft=512, hop_length=256)
    ours = hpss(spectrum, kernel_frames=kernels[0], kernel_bins=kernels[1], margins=margins)
    reference = librosa.decompose.hpss(spectrum[0].numpy().T, kernel_size=kernels, margin=margins)
    for part, theirs in zip(ours, reference, strict=True):
        assert error_of_max(part[0].numpy().T, theirs) < AGREEMENT


def test_masks_equal_librosa_where_there_is_nothing(librosa):
    magnitude = np.zeros((20, 30), dtype=np.float32)
    magnitude[5] = 1.0
    for margins in ((1.0, 1.0), (2.0, 2.0)):
        ours = hpss_masks(
            torch.from_numpy(magnitude)[None], kernel_bins=5, kernel_frames=3, margins=margins
        )
        reference = librosa.decompose.hpss(
            magnitude.T, kernel_size=(3, 5), margin=margins, mask=True
        )
        for mask, theirs in zip(ours, reference, strict=True):
            np.testing.assert_allclose(mask[0].numpy().T, theirs, atol=1e-6)


def test_waveforms_equal_librosa(sound, librosa):
    ours = split_harmonic(torch.from_numpy(sound[0])[None], n_fft=512, hop_length=128)
    reference = librosa.effects.hpss(sound[0], n_fft=512, hop_length=128)
    for part, theirs in zip(ours, reference, strict=True):
        assert error_of_max(part[0].numpy(), theirs) < AGREEMENT


def test_tone_and_clicks_go_their_own_ways_and_add_up():
    rate = 16000
    t = torch.arange(rate, dtype=torch.float64) / rate
    tone = 0.3 * torch.sin(2 * torch.pi * 440 * t)[None]
    clicks = torch.zeros_like(tone)
    clicks[:, 2000::4000] = 1.0
    parts = split_harmonic(tone + clicks, n_fft=1024, hop_length=256)
    inside = slice(2048, -2048)
    kept = (parts.harmonic - tone)[:, inside].square().mean() / tone[:, inside].square().mean()
    assert float(10 * kept.log10()) < -15
    torch.testing.assert_close(parts.harmonic + parts.percussive, tone + clicks)


def test_silence_stays_silence():
    parts = split_harmonic(torch.zeros(1, 5000))
    assert not parts.harmonic.any() and not parts.percussive.any()


def test_separation_refuses_what_it_cannot_use():
    magnitude = torch.ones(1, 10, 10)
    with pytest.raises(
        ConfigError, match="kernel_frames: expected odd and > 0, .* got 30. Take 31"
    ):
        hpss_masks(magnitude, kernel_frames=30)
    with pytest.raises(ConfigError, match="margins: expected both >= 1, got \\(0.5, 1.0\\)"):
        hpss_masks(magnitude, margins=(0.5, 1.0))
    with pytest.raises(ShapeError, match="magnitude: expected .* values >= 0"):
        hpss_masks(-magnitude)
    with pytest.raises(ShapeError, match="magnitude: expected finite numbers"):
        hpss(magnitude * float("nan"))
