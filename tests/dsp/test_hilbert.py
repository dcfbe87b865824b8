import numpy as np
import pytest
import torch
from scipy.signal import hilbert
from tests.dsp.sounds import error_of_max

from auricle.dsp import analytic_signal, hilbert_envelope, instantaneous_frequency
from auricle.errors import ShapeError


@pytest.mark.parametrize("time", [1, 2, 999, 1000])
def test_analytic_signal_equals_scipy(time):
    samples = np.random.default_rng(0).standard_normal(time)
    ours = analytic_signal(torch.from_numpy(samples)[None])[0].numpy()
    np.testing.assert_allclose(ours, hilbert(samples), atol=1e-12)


def test_analytic_signal_of_a_recording_equals_scipy(sound):
    ours = analytic_signal(torch.from_numpy(sound[0])[None])[0].numpy()
    assert error_of_max(ours, hilbert(sound[0].astype(np.float64))) < 1e-6


def test_envelope_and_frequency_of_a_tone_are_its_own():
    t = torch.arange(8000, dtype=torch.float64) / 8000
    swell = 0.5 + 0.3 * torch.sin(2 * torch.pi * 3 * t)
    tone = (swell * torch.cos(2 * torch.pi * 440 * t))[None]
    torch.testing.assert_close(hilbert_envelope(tone)[0], swell, atol=1e-6, rtol=0)
    hz = instantaneous_frequency(tone, sample_rate=8000)
    torch.testing.assert_close(hz, torch.full_like(hz, 440.0), atol=1e-3, rtol=0)


def test_silence_has_no_envelope_and_no_frequency():
    assert not hilbert_envelope(torch.zeros(1, 10)).any()
    assert not instantaneous_frequency(torch.zeros(1, 10), sample_rate=8000).any()


def test_frequency_needs_two_samples():
    with pytest.raises(ShapeError, match="waveform: expected at least 2 samples, got 1"):
        instantaneous_frequency(torch.zeros(1, 1), sample_rate=8000)
