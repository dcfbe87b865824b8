"""A plucked string after Karplus and Strong, in tune."""

import numpy as np

from auricle.synth.checks import check_below_nyquist, check_between, check_length
from auricle.synth.kernels import karplus_strong
from auricle.synth.sound import Sound, finish, whole
from auricle.synth.spectrum import fade


def pluck(
    frequency_hz: float,
    *,
    rng: np.random.Generator,
    duration_s: float,
    decay_s: float = 2.0,
    brightness: float = 0.5,
    position: float = 0.2,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """A string that is plucked, and rings through a loop of one period.

    Per round: y[t] = g allpass((1 - s) y[t-d] + s/2 (y[t-d-1] + y[t-d+1])). The smoothing delays
    nothing beyond d, and the all-pass delays by the fraction that is missing to a period, exactly
    at the fundamental, so that the string is in tune; g makes the fundamental fall by 60 dB in
    ``decay_s``, partials above it sooner.

    Args:
        frequency_hz: of the fundamental, Hz, 20 to a fifth of the rate.
        rng: the only source of chance: how the string is displaced.
        duration_s: s, 0.001 to 3600.
        decay_s: time in which the fundamental falls by 60 dB, s, 0.05 to 60.
        brightness: 0 (dull) to 1 (all partials ring alike).
        position: where it is plucked, as a share of its length, 0.01 to 0.5.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
    Raises:
        ConfigError: a setting is out of range.
    Reference:
        Karplus and Strong, "Digital synthesis of plucked-string and drum timbres", Computer Music
        J. 7(2), 1983; Jaffe and Smith, "Extensions of the Karplus-Strong plucked-string algorithm",
        the same issue.
    """
    num_samples = check_length(duration_s, sample_rate)
    check_below_nyquist("frequency_hz", frequency_hz, sample_rate)
    check_between("frequency_hz", frequency_hz, 20.0, sample_rate / 5)
    check_between("decay_s", decay_s, 0.05, 60.0)
    check_between("brightness", brightness, 0.0, 1.0)
    check_between("position", position, 0.01, 0.5)
    period = sample_rate / frequency_hz
    delay = int(period - 0.3)
    angle, missing = np.pi / period, period - delay
    passing = np.sin((1 - missing) * angle) / np.sin((1 + missing) * angle)
    kept = 10 ** (-3 / (frequency_hz * decay_s))
    darkening = 1 - np.cos(2 * angle)  # what smoothing takes from the fundamental, a share of s
    smoothing = min(0.5 * (1 - brightness), 0.9 * (1 - kept) / darkening)
    wave = np.zeros(max(num_samples, delay + 2))
    burst = rng.uniform(-1, 1, delay)
    burst -= np.roll(burst, max(round(position * delay), 1))
    wave[:delay] = burst - burst.mean()
    karplus_strong(wave, delay, 1 - smoothing, kept / (1 - smoothing * darkening), passing)
    wave = wave[:num_samples] * fade(
        num_samples, sample_rate=sample_rate, attack_s=0.0005, release_s=0.03
    )
    high_hz = min(10 * frequency_hz, sample_rate / 2)
    events = whole("pluck", num_samples, sample_rate, low_hz=frequency_hz, high_hz=high_hz)
    return finish(wave, sample_rate=sample_rate, peak=peak, events=events, edge_s=0.0)
