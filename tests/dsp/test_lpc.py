import numpy as np
import pytest
import torch
from scipy.linalg import solve_toeplitz
from scipy.signal import freqz, lfilter
from tests.dsp.sounds import error_of_max, unchecked

from auricle.dsp import lpc, lpc_spectrum
from auricle.errors import ConfigError, ShapeError


def loud(sound: tuple[np.ndarray, int]) -> np.ndarray:
    """The 800 samples after the loudest one, or the last ones."""
    start = min(int(np.abs(sound[0]).argmax()), len(sound[0]) - 800)
    return sound[0][start : start + 800]


@pytest.mark.parametrize("order", [1, 2, 12, 16])
def test_burg_equals_librosa(sound, librosa, order):
    samples = loud(sound).astype(np.float64)
    ours = lpc(torch.from_numpy(samples)[None], order=order)[0].numpy()
    assert error_of_max(ours, librosa.lpc(samples, order=order)) < 1e-5  # near-singular clips round


def test_burg_in_single_precision_equals_librosa_in_double(sound, librosa):
    samples = loud(sound)
    ours = lpc(torch.from_numpy(samples)[None], order=12)[0]
    assert ours.dtype == torch.float32
    assert error_of_max(ours.numpy(), librosa.lpc(samples.astype(np.float64), order=12)) < 1e-4


@pytest.mark.parametrize("order", [1, 2, 12])
def test_autocorrelation_solves_the_normal_equations(sound, order):
    samples = loud(sound).astype(np.float64) * np.hamming(800)
    r = np.correlate(samples, samples, mode="full")[799 : 800 + order]
    reference = np.concatenate([[1.0], solve_toeplitz(r[:-1], -r[1:])])
    ours = lpc(torch.from_numpy(samples)[None], order=order, method="autocorrelation")[0].numpy()
    assert error_of_max(ours, reference) < 1e-6


@pytest.mark.parametrize("method", ["burg", "autocorrelation"])
def test_a_known_filter_is_found(method):
    known = np.array([1.0, -1.5, 0.9, -0.2])
    noise = np.random.default_rng(0).standard_normal(40000)
    samples = torch.from_numpy(lfilter([1.0], known, noise))[None]
    np.testing.assert_allclose(lpc(samples, order=3, method=method)[0].numpy(), known, atol=0.02)


def test_envelope_is_the_response_of_the_filter():
    known = torch.tensor([[1.0, -1.5, 0.9, -0.2]], dtype=torch.float64)
    _, response = freqz([1.0], known[0].numpy(), worN=129, include_nyquist=True)
    ours = lpc_spectrum(known, n_fft=256)[0].numpy()
    np.testing.assert_allclose(ours, np.abs(response) ** 2, rtol=1e-9)


@pytest.mark.parametrize("method", ["burg", "autocorrelation"])
def test_silence_is_predicted_by_nothing(method):
    silent = lpc(torch.zeros(2, 100), order=4, method=method)
    torch.testing.assert_close(silent, torch.tensor([[1.0, 0, 0, 0, 0]]).repeat(2, 1))


def test_prediction_of_a_clip_does_not_depend_on_its_batch():
    waveform = torch.randn(3, 500, generator=torch.Generator().manual_seed(0))
    alone = torch.cat([lpc(clip[None], order=8) for clip in waveform])
    torch.testing.assert_close(lpc(waveform, order=8), alone)


def test_prediction_refuses_what_it_cannot_use():
    with pytest.raises(ShapeError, match="waveform: expected at least 9 samples, got 8"):
        lpc(torch.ones(1, 8), order=8)
    with pytest.raises(ConfigError, match="order: expected order > 0, got 0"):
        unchecked(lpc)(torch.ones(1, 8), order=0)
    with pytest.raises(ConfigError, match="method: expected 'burg' or 'autocorrelation'"):
        unchecked(lpc)(torch.ones(1, 8), order=2, method="covariance")
    with pytest.raises(ConfigError, match="n_fft: expected n_fft >= order \\+ 1 = 9, got 4"):
        unchecked(lpc_spectrum)(torch.ones(1, 9), n_fft=4)
