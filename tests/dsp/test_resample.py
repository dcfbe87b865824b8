"""Another rate and back: nothing of the band that both rates share is lost."""

import numpy as np
import pytest

from auricle.io.resample import resample

RATES = [(16000, 48000), (8000, 44100), (22050, 44100), (16000, 44100), (44100, 48000)]
LENGTHS = [0, 1, 2, 3, 7, 441, 1000, 1001, 4999]


def band_limited(rate: int, share: float) -> np.ndarray:
    """A second of noise up to that share of the rate, fading in and out."""
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(rate))
    spectrum[np.fft.rfftfreq(rate) > share] = 0
    samples = np.fft.irfft(spectrum, rate) * np.hanning(rate)
    return (0.5 * samples / np.abs(samples).max()).astype(np.float32)


@pytest.mark.parametrize("low, high", RATES)
@pytest.mark.parametrize("share", [0.225, 0.45], ids=["0.45 of the band", "0.9 of the band"])
def test_up_and_down_keeps_the_band(low, high, share):
    samples = band_limited(low, share)
    raised = resample(samples, source_rate=low, target_rate=high)
    back = resample(raised, source_rate=high, target_rate=low)[: len(samples)]
    error_db = 10 * np.log10(np.mean((back - samples) ** 2) / np.mean(samples**2))
    print(f"{low} -> {high} -> {low}, up to {share} of {low} Hz: {error_db:.1f} dB")
    assert error_db < -80


@pytest.mark.parametrize("low, high", RATES[:-1])  # 48 kHz holds no tone at 0.6 of 44.1 kHz
def test_down_removes_what_the_lower_rate_cannot_hold(low, high):
    t = np.arange(high) / high
    tone = (0.5 * np.sin(2 * np.pi * 0.6 * low * t) * np.hanning(high)).astype(np.float32)
    left = resample(tone, source_rate=high, target_rate=low)
    left_db = 10 * np.log10(np.mean(left**2) / np.mean(tone**2))
    print(f"{high} -> {low}: {left_db:.1f} dB of a tone at 0.6 of the lower rate")
    assert left_db < -80


@pytest.mark.parametrize("source, target", [*RATES, *((high, low) for low, high in RATES)])
def test_length_is_that_of_the_duration(source, target):
    for time in LENGTHS:
        samples = np.ones(time, dtype=np.float32)
        resampled = resample(samples, source_rate=source, target_rate=target)
        assert abs(len(resampled) - time * target / source) <= 0.5
