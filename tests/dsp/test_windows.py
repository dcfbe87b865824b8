import numpy as np
import pytest
import torch
from scipy.signal import get_window
from tests.dsp.sounds import unchecked

from auricle.dsp import window_samples
from auricle.errors import ConfigError, ShapeError

NAMES = ["hann", "hamming", "blackman", "blackmanharris", "nuttall", "flattop", "bartlett"]


@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("length", [1, 2, 15, 400])
@pytest.mark.parametrize("window", [*NAMES, "boxcar", ("kaiser", 8.6), ("gaussian", 30.0)])
def test_window_equals_scipy(window, length, periodic):
    reference = get_window(window, length, fftbins=periodic)
    ours = window_samples(window, length, periodic=periodic).numpy()
    np.testing.assert_allclose(ours, reference, atol=1e-12)


def test_window_given_as_samples_is_taken_as_it_is():
    given = torch.rand(8)
    torch.testing.assert_close(window_samples(given, 8), given.double())


def test_window_refuses_what_it_does_not_know():
    with pytest.raises(ConfigError, match="window: expected one of hann, .*, got 'round'"):
        unchecked(window_samples)("round", 8)
    with pytest.raises(ConfigError, match="expected \\('kaiser', beta\\)"):
        unchecked(window_samples)(("tukey", 0.5), 8)
    with pytest.raises(ConfigError, match="kaiser: expected kaiser > 0"):
        window_samples(("kaiser", 0.0), 8)
    with pytest.raises(ConfigError, match="length: expected length > 0, got 0"):
        unchecked(window_samples)("hann", 0)
    with pytest.raises(ShapeError, match="window: expected \\[8\\]"):
        unchecked(window_samples)(torch.ones(7), 8)
