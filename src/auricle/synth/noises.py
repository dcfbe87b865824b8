"""Noises: coloured, band-passed, modulated, impulsive; textures like rain and wind."""

from typing import Literal

import numpy as np
from jaxtyping import Float

from auricle.synth.checks import LONGEST_S, check_below_nyquist, check_between, check_length
from auricle.synth.sound import Sound, SoundEvent, finish, whole
from auricle.synth.spectrum import coloured_noise, fast_length, spectral_noise

Colour = Literal["white", "pink", "brown", "blue", "violet"]
_EXPONENTS: dict[Colour, float] = {
    "white": 0.0,
    "pink": 1.0,
    "brown": 2.0,
    "blue": -1.0,
    "violet": -2.0,
}


def noise(
    colour: Colour | float,
    *,
    rng: np.random.Generator,
    duration_s: float,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """Gaussian noise whose power falls as f^-exponent, from 20 Hz to half of the rate.

    Slopes: white 0, pink -3.01, brown -6.02, blue +3.01, violet +6.02 dB an octave.

    Args:
        colour: by name, or the exponent, -4 to 4.
        rng: the only source of chance.
        duration_s: s, 0.001 to 3600.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
    Raises:
        ConfigError: a setting is out of range.
    """
    num_samples = check_length(duration_s, sample_rate)
    exponent = _EXPONENTS[colour] if isinstance(colour, str) else colour
    check_between("colour", exponent, -4.0, 4.0)
    wave = coloured_noise(num_samples, rng=rng, exponent=exponent, sample_rate=sample_rate)
    events = whole("noise", num_samples, sample_rate, low_hz=20.0, high_hz=sample_rate / 2)
    return finish(wave, sample_rate=sample_rate, peak=peak, events=events)


def band_noise(
    low_hz: float,
    high_hz: float,
    *,
    rng: np.random.Generator,
    duration_s: float,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """White noise between two frequencies, and nothing outside of them.

    Args:
        low_hz: Hz, > 0.
        high_hz: Hz, at least 1 above low_hz, below half of the rate.
        rng: the only source of chance.
        duration_s: s, 0.001 to 3600.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
    Raises:
        ConfigError: a setting is out of range.
    """
    num_samples = check_length(duration_s, sample_rate)
    check_below_nyquist("high_hz", high_hz, sample_rate)
    check_between("low_hz", low_hz, 1e-3, high_hz - 1)
    wave = _band(num_samples, low_hz, high_hz, rng=rng, sample_rate=sample_rate)
    events = whole("band", num_samples, sample_rate, low_hz=low_hz, high_hz=high_hz)
    return finish(wave, sample_rate=sample_rate, peak=peak, events=events)


def modulated_noise(
    colour: Colour | float,
    *,
    rng: np.random.Generator,
    modulation_hz: float,
    depth: float,
    duration_s: float,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """Noise whose amplitude swings: n(t) (1 + depth sin(2 pi modulation t)).

    Args:
        colour: as for `noise`.
        rng: the only source of chance.
        modulation_hz: swings a second, above 0, at most 1000.
        depth: 0 to 1.
        duration_s: s, 0.001 to 3600.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
    Raises:
        ConfigError: a setting is out of range.
    """
    check_between("modulation_hz", modulation_hz, 1e-3, 1000.0)
    check_between("depth", depth, 0.0, 1.0)
    plain = noise(colour, rng=rng, duration_s=duration_s, sample_rate=sample_rate, peak=1.0)
    time_s = np.arange(len(plain.waveform)) / sample_rate
    swing = 1 + depth * np.sin(2 * np.pi * modulation_hz * time_s)
    return finish(
        plain.waveform * swing, sample_rate=sample_rate, peak=peak, events=plain.events, edge_s=0.0
    )


def impulsive_noise(
    rate_hz: float,
    *,
    rng: np.random.Generator,
    duration_s: float,
    centre_hz: float | None = None,
    decay_s: float = 0.002,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """Clicks at random times (a Poisson process, one at least), each a short ringing, an event.

    click(t) = sin(2 pi centre t) exp(-t / decay), amplitudes uniform in 0.3 to 1.

    Args:
        rate_hz: clicks a second on average, 0.01 to 1000.
        rng: the only source of chance.
        duration_s: s, 0.001 to 3600.
        centre_hz: of the ringing, Hz; an eighth of the rate if not given.
        decay_s: time to 1/e, s, 0.0002 to 0.1.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
    Raises:
        ConfigError: a setting is out of range.
    """
    num_samples = check_length(duration_s, sample_rate)
    ring_hz = sample_rate / 8 if centre_hz is None else centre_hz
    check_below_nyquist("centre_hz", ring_hz, sample_rate)
    check_between("rate_hz", rate_hz, 0.01, 1000.0)
    check_between("decay_s", decay_s, 0.0002, 0.1)
    time_s = np.arange(int(7 * decay_s * sample_rate)) / sample_rate
    click = np.sin(2 * np.pi * ring_hz * time_s) * np.exp(-time_s / decay_s)
    check_between("duration_s", duration_s, (len(click) + 1) / sample_rate, LONGEST_S)
    places = _poisson(num_samples - len(click), rate_hz / sample_rate, rng)
    train = np.zeros(num_samples)
    np.add.at(train, places, rng.uniform(0.3, 1.0, len(places)))
    wave = convolve(train, click)
    ring_s = 4.6 * decay_s  # to a hundredth
    band = {"low_hz": max(ring_hz - 1 / decay_s, 0.0), "high_hz": ring_hz + 1 / decay_s}
    events = [
        SoundEvent(label="click", onset_s=at, offset_s=at + ring_s, **band)
        for at in (places / sample_rate).tolist()
    ]
    return finish(wave, sample_rate=sample_rate, peak=peak, events=events, edge_s=0.0)


def _poisson(
    num_samples: int, chance: float, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Places of a Poisson process, in order, each at most once, and one at least."""
    count = max(int(rng.poisson(num_samples * chance)), 1)
    return np.unique(rng.integers(0, num_samples, size=count))


def _band(
    num_samples: int, low_hz: float, high_hz: float, *, rng: np.random.Generator, sample_rate: int
) -> Float[np.ndarray, " time"]:
    size = fast_length(num_samples + sample_rate // 10)
    hz = np.fft.rfftfreq(size, 1 / sample_rate)
    gains = ((hz >= low_hz) & (hz <= high_hz)).astype(np.float64)
    if not gains.any():
        gains[int(round((low_hz + high_hz) / 2 * size / sample_rate))] = 1.0
    return spectral_noise(gains, size, rng=rng)[:num_samples]


def convolve(
    wave: Float[np.ndarray, " time"], answer: Float[np.ndarray, " answer"]
) -> Float[np.ndarray, " time"]:
    """The linear convolution, cut to the length of ``wave``."""
    size = fast_length(len(wave) + len(answer))
    product = np.fft.rfft(wave, n=size) * np.fft.rfft(answer, n=size)
    return np.fft.irfft(product, n=size)[: len(wave)]
