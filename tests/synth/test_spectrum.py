import numpy as np
import pytest

from auricle.synth.spectrum import (
    coloured_noise,
    fade,
    fast_length,
    filter_moving,
    harmonics,
    moving_filter_hz,
    moving_filter_times,
    resonance,
    smooth_curve,
)

RATE = 16000


def test_moving_filter_with_flat_gains_changes_nothing():
    sound = np.random.default_rng(0).standard_normal(RATE + 37)
    frames = len(moving_filter_times(len(sound), sample_rate=RATE))
    flat = np.ones((frames, len(moving_filter_hz(RATE))))
    np.testing.assert_allclose(filter_moving(sound, flat), sound, atol=1e-12)


def test_moving_filter_removes_what_its_gains_leave_out():
    time_s = np.arange(RATE) / RATE
    low, high = np.sin(2 * np.pi * 500 * time_s), np.sin(2 * np.pi * 5000 * time_s)
    hz = moving_filter_hz(RATE)
    gains = np.tile(
        (hz < 2000).astype(float), (len(moving_filter_times(RATE, sample_rate=RATE)), 1)
    )
    np.testing.assert_allclose(filter_moving(low + high, gains)[800:-800], low[800:-800], atol=0.02)


@pytest.mark.parametrize("exponent", [-1.0, 0.0, 1.0, 2.0])
def test_coloured_noise_falls_by_its_exponent(exponent):
    noise = coloured_noise(
        40 * RATE, rng=np.random.default_rng(0), exponent=exponent, sample_rate=RATE
    )
    power = np.abs(np.fft.rfft(noise)) ** 2
    hz = np.fft.rfftfreq(len(noise), 1 / RATE)
    bands = [power[(hz > f) & (hz < 1.4 * f)].mean() for f in (200, 400, 800, 1600, 3200)]
    slope = np.polyfit(np.log([200, 400, 800, 1600, 3200]), np.log(bands), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.1)
    assert np.mean(noise**2) == pytest.approx(1.0)


def test_resonance_is_one_at_zero_and_peaks_at_its_centre():
    hz = np.arange(0.0, 4000.0)
    gains = resonance(hz, 1000.0, 80.0)
    assert gains[0] == 1.0
    assert abs(int(gains.argmax()) - 1000) <= 5
    assert gains.max() == pytest.approx(1000 / 80, rel=0.01)


@pytest.mark.parametrize("stretch", [0.0, 0.01])
def test_harmonics_equal_the_sum_of_sines(stretch):
    frequency_hz = np.linspace(300, 420, 4000)
    weights = np.array([1.0, 0.0, 0.5, 0.25])
    made = harmonics(frequency_hz, weights=weights, sample_rate=RATE, start=0.2, stretch=stretch)
    angle = 2 * np.pi * (0.2 + np.cumsum(frequency_hz) / RATE)
    k = np.arange(1, 5)[:, None]
    expected = weights @ np.sin(k * np.sqrt(1 + stretch * k**2) * angle)
    np.testing.assert_allclose(made, expected, atol=1e-8)


def test_harmonics_above_half_the_rate_are_left_out():
    made = harmonics(np.full(RATE, 3000.0), weights=np.ones(12), sample_rate=RATE)
    hz = np.fft.rfftfreq(RATE, 1 / RATE)[np.abs(np.fft.rfft(made)) > RATE / 10]
    np.testing.assert_allclose(np.unique(np.round(hz)), [3000, 6000])


def test_fade_starts_and_ends_at_zero_and_holds_one_between():
    gain = fade(RATE, sample_rate=RATE, attack_s=0.1, release_s=0.2)
    assert gain[0] == 0
    assert gain[-1] == pytest.approx(0, abs=1e-9)
    assert (gain[1700:12700] == 1).all()
    assert (np.diff(gain[:1600]) > 0).all()


@pytest.mark.parametrize("size", [1, 2, 7, 97, 1000, 40961, 123457])
def test_fast_length_is_enough_and_has_small_factors(size):
    length = fast_length(size)
    assert size <= length <= 1.35 * size + 1
    for prime in (2, 3, 5):
        while length % prime == 0:
            length //= prime
    assert length == 1


def test_smooth_curve_has_no_jumps():
    curve = smooth_curve(RATE, rng=np.random.default_rng(0), rate_hz=5.0, sample_rate=RATE)
    assert np.abs(np.diff(curve)).max() < 0.01
    assert curve.std() > 0.2
