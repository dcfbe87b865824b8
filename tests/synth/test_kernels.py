"""The compiled loops against the plainest form of their equations."""

import numpy as np
from scipy.linalg import hadamard
from scipy.signal import lfilter

from auricle.synth.kernels import (
    FULL,
    NONE,
    feedback_delays,
    ring_drops,
    sum_partials,
    vocal_tract,
)

RATE = 16000.0


def fresh():
    return np.random.default_rng(0)


def test_partials_are_summed_and_fade_towards_half_of_the_rate():
    ratio = np.linspace(0.05, 0.2, 1003)
    cycles, weights, out = np.cumsum(ratio), fresh().uniform(size=12), np.zeros(1003)
    sum_partials(cycles, ratio, weights, out)
    k = np.arange(1, 13)[:, None]
    gains = np.clip((NONE - k * ratio) / (NONE - FULL), 0, 1)
    expected = (weights[:, None] * gains * np.sin(2 * np.pi * k * cycles)).sum(axis=0)
    np.testing.assert_allclose(out, expected, atol=1e-9)


def test_drops_ring_and_fall():
    out = np.zeros(400)
    places, ratios = np.array([3, 100]), np.array([0.11, 0.23])
    ring_drops(out, places, ratios, np.array([20.0, 30.0]), np.array([1.0, 0.5]))
    expected = np.zeros(400)
    for place, ratio, decay, level in zip(places, ratios, (20.0, 30.0), (1.0, 0.5), strict=True):
        time = np.arange(400 - place)
        expected[place:] += level * np.sin(2 * np.pi * ratio * time) * np.exp(-time / decay)
    np.testing.assert_allclose(out, expected, atol=1e-3)


def test_delays_feed_each_other_through_a_hadamard_matrix():
    delays = np.array([7, 11, 13, 17])
    gains, poles = np.array([0.9, 0.8, 0.7, 0.6]), np.array([0.0, 0.2, 0.4, 0.1])
    signs, dry, out = np.array([1.0, -1.0, 1.0, 1.0]), fresh().standard_normal(300), np.zeros(300)
    feedback_delays(dry, out, delays, gains, poles, signs)
    matrix, sent = hadamard(4) / 2.0, np.zeros((300, 4))
    low, expected = np.zeros(4), np.zeros(300)
    for t in range(300):
        arrived = [sent[t - d, k] if t >= d else 0.0 for k, d in enumerate(delays)]
        low = gains * (1 - poles) * np.array(arrived) + poles * low
        expected[t] = signs @ low
        sent[t] = dry[t] + matrix @ low
    np.testing.assert_allclose(out, expected, atol=1e-12)


def resonator(wave, hz, width_hz):
    decay = np.exp(-np.pi * width_hz / RATE)
    b, c = 2 * decay * np.cos(2 * np.pi * hz / RATE), -decay * decay
    return lfilter([1 - b - c], [1, -b, -c], wave)


def tract(throat, hiss, *, nasal_hz=270.0, gains=(0.0, 0.0, 0.0, 0.0)):
    frames = len(throat) // 16
    rows = [
        np.tile(values, (frames, 1)) for values in ((500.0, 1500.0, 2500.0), (60.0, 90.0, 120.0))
    ]
    fric = [
        np.tile(values, (frames, 1)) for values in ((2000.0, 4000.0, 6000.0), (300.0, 400.0, 500.0))
    ]
    return vocal_tract(
        throat,
        hiss,
        *rows,
        np.full(frames, nasal_hz),
        *fric,
        np.tile(gains, (frames, 1)),
        RATE,
        16,
    )


def test_throat_is_a_cascade_of_resonators():
    wave = fresh().standard_normal(1600)
    expected = wave
    for hz, width_hz in ((500.0, 60.0), (1500.0, 90.0), (2500.0, 120.0)):
        expected = resonator(expected, hz, width_hz)
    np.testing.assert_allclose(tract(wave, np.zeros(1600)), expected, atol=1e-9)


def test_nose_takes_its_zero_out_of_the_spectrum():
    click = np.zeros(16000)
    click[0] = 1.0
    plain, nasal = (
        np.abs(np.fft.rfft(tract(click, np.zeros(16000), nasal_hz=hz))) for hz in (270.0, 450.0)
    )
    ratio_db = 20 * np.log10(nasal / plain)
    assert abs(int(ratio_db[:1000].argmin()) - 450) < 15
    assert ratio_db[450] < -8
    assert abs(ratio_db[0]) < 1e-6


def test_friction_passes_its_resonances_side_by_side():
    click = np.zeros(16000)
    click[0] = 1.0
    answer = np.abs(np.fft.rfft(tract(np.zeros(16000), click, gains=(1.0, 0.0, 0.5, 0.0))))
    assert abs(int(answer[1000:3000].argmax()) - 1000) < 10
    assert abs(answer[2000] - 1.0) < 0.05
    assert abs(answer[6000] - 0.5) < 0.05
    assert answer[0] < 1e-6
