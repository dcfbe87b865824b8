import numpy as np
import pytest
import torch
from scipy.signal import lfilter
from tests.dsp.sounds import read

from auricle.dsp import formants, formants_from_lpc, lpc
from auricle.errors import ConfigError, ShapeError

VOWELS = {
    "ah": (730.0, 1090.0, 2440.0),
    "ee": (270.0, 2290.0, 3010.0),
    "oo": (300.0, 870.0, 2240.0),
    "eh": (530.0, 1840.0, 2480.0),
}
BANDWIDTHS = (60.0, 80.0, 120.0, 150.0, 200.0)


def resonator(frequency_hz: float, bandwidth_hz: float, rate: int) -> np.ndarray:
    radius = np.exp(-np.pi * bandwidth_hz / rate)
    return np.array([1, -2 * radius * np.cos(2 * np.pi * frequency_hz / rate), radius**2])


def vowel(frequencies_hz: tuple[float, ...], rate: int) -> torch.Tensor:
    """Pulses gliding from 90 to 140 Hz through a slope and the resonances, 0.5 s."""
    phase = np.cumsum(np.linspace(90.0, 140.0, int(0.5 * rate)) / rate)
    samples = (np.diff(np.floor(phase), prepend=0.0) > 0).astype(float)
    samples = lfilter([1.0], [1.0, -0.97], samples)
    for frequency_hz, bandwidth_hz in zip(
        (*frequencies_hz, 3500.0, 4500.0), BANDWIDTHS, strict=True
    ):
        samples = lfilter([1.0], resonator(frequency_hz, bandwidth_hz, rate), samples)
    return torch.from_numpy(samples / np.abs(samples).max())[None]


@pytest.mark.parametrize("rate", [11025, 16000, 44100])
@pytest.mark.parametrize("name", list(VOWELS))
def test_formants_of_a_vowel_are_within_five_percent(name, rate):
    found = formants(vowel(VOWELS[name], rate), sample_rate=rate, ceiling_hz=5000.0)
    middle = found.frequency_hz[0, :, :3].median(dim=0).values.numpy()
    print(name, rate, middle.round(1))
    np.testing.assert_allclose(middle, VOWELS[name], rtol=0.05)
    assert found.found[0, :, :3].all()


def test_poles_of_a_known_filter_are_its_frequencies_and_bandwidths():
    known = np.array([1.0])
    for frequency_hz, bandwidth_hz in [(500.0, 60.0), (1500.0, 90.0), (2500.0, 2000.0)]:
        known = np.convolve(known, resonator(frequency_hz, bandwidth_hz, 8000))
    poles = formants_from_lpc(torch.from_numpy(known)[None], sample_rate=8000, n_formants=4)
    expected = torch.tensor([[[500.0, 1500.0, 0, 0]]], dtype=torch.float64)
    torch.testing.assert_close(poles.frequency_hz, expected)
    expected = torch.tensor([[[60.0, 90.0, 0, 0]]], dtype=torch.float64)
    torch.testing.assert_close(poles.bandwidth_hz, expected)
    assert poles.found.tolist() == [[[True, True, False, False]]]


def test_roots_equal_numpy_on_real_speech(shared_data):
    samples, rate = read(shared_data, "sentence")
    frames = torch.from_numpy(samples).double().unfold(0, 400, 400)
    coefficients = lpc(frames, order=12)
    ours = formants_from_lpc(
        coefficients, sample_rate=rate, n_formants=6, max_bandwidth_hz=1e6
    ).frequency_hz[:, 0]
    for row, taps in zip(ours.numpy(), coefficients.numpy(), strict=True):
        hz = np.angle(np.roots(taps)) * rate / (2 * np.pi)
        kept = np.sort(hz[(hz > 50) & (hz < rate / 2 - 50)])
        np.testing.assert_allclose(row[: len(kept)], kept, rtol=1e-6)
        assert not row[len(kept) :].any()


def test_formants_of_real_speech_lie_where_a_womans_do(shared_data):
    samples, rate = read(shared_data, "sentence")
    found = formants(torch.from_numpy(samples)[None], sample_rate=rate)
    first, second = (found.frequency_hz[0, :, k][found.found[0, :, k]] for k in (0, 1))
    assert 250 < float(first.median()) < 800
    assert 1000 < float(second.median()) < 2500
    assert found.frequency_hz.dtype == torch.float32


def test_silence_has_no_formants():
    found = formants(torch.zeros(1, 8000), sample_rate=16000)
    assert not found.found.any() and not found.frequency_hz.any()


def test_formants_refuse_a_ceiling_above_half_the_rate_and_clips_too_short():
    with pytest.raises(ConfigError, match="fmax: expected .* <= sample_rate / 2 = 4000, got 5500"):
        formants(torch.zeros(1, 8000), sample_rate=8000)
    with pytest.raises(ShapeError, match="waveform: expected at least 800 samples, got 700"):
        formants(torch.zeros(1, 700), sample_rate=16000)
