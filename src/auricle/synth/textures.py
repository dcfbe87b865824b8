"""Weather: noises made of many drops or of slow gusts."""

import numpy as np
from jaxtyping import Float

from auricle.synth.checks import check_between, check_length
from auricle.synth.kernels import ring_drops
from auricle.synth.sound import Sound, finish, occupied_band, whole
from auricle.synth.spectrum import (
    coloured_noise,
    fast_length,
    filter_moving,
    moving_filter_hz,
    moving_filter_times,
    resonance,
    smooth_curve,
    spectral_noise,
    unit_power,
)


def rain(
    *,
    rng: np.random.Generator,
    duration_s: float,
    drops_hz: float = 400.0,
    distance: float = 0.5,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """Rain: drops near by, each a short falling ring, over the hiss of those far away.

    A drop rings at 1.5 to 7 kHz (log-uniform; at most 0.45 of the rate) and dies within 1 to 4 ms;
    the hiss is noise rising from 500 Hz, with a power of ``distance`` beside 1 - distance.

    Args:
        rng: the only source of chance.
        duration_s: s, 0.001 to 3600.
        drops_hz: drops near by a second, 1 to 5000: 30 drips, 400 pours.
        distance: share of the power that is hiss, 0 to 1.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
    Raises:
        ConfigError: a setting is out of range.
    """
    num_samples = check_length(duration_s, sample_rate)
    check_between("drops_hz", drops_hz, 1.0, 5000.0)
    check_between("distance", distance, 0.0, 1.0)
    drops = np.zeros(num_samples)
    count = max(int(rng.poisson(drops_hz * num_samples / sample_rate)), 1)
    top_hz = min(7000.0, 0.45 * sample_rate)
    ring_drops(
        drops,
        rng.integers(0, num_samples, size=count),
        np.exp(rng.uniform(np.log(1500.0), np.log(top_hz), size=count)) / sample_rate,
        rng.uniform(0.001, 0.004, size=count) * sample_rate,
        np.minimum(rng.pareto(2.5, size=count) + 0.2, 3.0),
    )
    size = fast_length(num_samples + sample_rate // 10)
    hz = np.fft.rfftfreq(size, 1 / sample_rate)
    rising = (hz / 500) ** 2 / (1 + (hz / 500) ** 2) / np.sqrt(1 + (hz / 6000) ** 2)
    hiss = spectral_noise(rising, size, rng=rng)[:num_samples]
    wave = np.sqrt(1 - distance) * unit_power(drops) + np.sqrt(distance) * unit_power(hiss)
    return _weather("rain", wave, sample_rate=sample_rate, peak=peak)


def wind(
    *,
    rng: np.random.Generator,
    duration_s: float,
    gusts_hz: float = 0.4,
    strength: float = 0.6,
    whistle: float = 0.1,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """Wind: brown noise that swells in gusts, brighter as it swells, with a wandering whistle.

    Loudness is exp(1.2 strength c(t)), c a smooth random curve that moves ``gusts_hz`` times a
    second; the low-pass edge lies at 300 2^(strength c(t)) Hz.

    Args:
        rng: the only source of chance.
        duration_s: s, 0.001 to 3600.
        gusts_hz: gusts a second, 0.05 to 5.
        strength: of the gusts, 0 to 1.
        whistle: amplitude of the resonance at about 700 Hz, 0 to 1.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
    Raises:
        ConfigError: a setting is out of range.
    """
    num_samples = check_length(duration_s, sample_rate)
    check_between("gusts_hz", gusts_hz, 0.05, 5.0)
    check_between("strength", strength, 0.0, 1.0)
    check_between("whistle", whistle, 0.0, 1.0)
    swell = smooth_curve(num_samples, rng=rng, rate_hz=gusts_hz, sample_rate=sample_rate)
    sway = smooth_curve(num_samples, rng=rng, rate_hz=0.8, sample_rate=sample_rate)
    at = moving_filter_times(num_samples, sample_rate=sample_rate)
    clock = np.arange(num_samples) / sample_rate
    edge_hz = 300 * 2 ** (strength * np.interp(at, clock, swell))[:, None]
    whistle_hz = 700 * 2 ** (0.3 * np.interp(at, clock, sway))[:, None]
    hz = np.maximum(moving_filter_hz(sample_rate), 1.0)[None, :]
    gains = 1 / (1 + (hz / edge_hz) ** 2) + whistle * 0.1 * resonance(hz, whistle_hz, 60.0)
    air = coloured_noise(num_samples, rng=rng, exponent=1.0, sample_rate=sample_rate)
    wave = filter_moving(air, gains) * np.exp(1.2 * strength * swell)
    return _weather("wind", wave, sample_rate=sample_rate, peak=peak)


def _weather(
    label: str, wave: Float[np.ndarray, " time"], *, sample_rate: int, peak: float
) -> Sound:
    low_hz, high_hz = occupied_band(wave, sample_rate=sample_rate)
    events = whole(label, len(wave), sample_rate, low_hz=low_hz, high_hz=high_hz)
    return finish(wave, sample_rate=sample_rate, peak=peak, events=events)
