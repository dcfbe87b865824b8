"""Shaping sounds: spectra that stand still or move, and slow random curves."""

import numpy as np
from jaxtyping import Float

_WINDOW = 512
_HOP = 128


def moving_filter_times(num_samples: int, *, sample_rate: int) -> Float[np.ndarray, " frames"]:
    """Centres of the frames that `filter_moving` uses, s."""
    num_frames = 1 + -(-num_samples // _HOP)
    return np.arange(num_frames) * (_HOP / sample_rate)


def moving_filter_hz(sample_rate: int) -> Float[np.ndarray, " bins"]:
    """Frequencies of the gains that `filter_moving` takes, Hz."""
    return np.fft.rfftfreq(_WINDOW, 1 / sample_rate)


def filter_moving(
    waveform: Float[np.ndarray, " time"], gains: Float[np.ndarray, "frames bins"]
) -> Float[np.ndarray, " time"]:
    """Filter by a magnitude response that changes in time, by overlap and add.

    Args:
        waveform: any amplitude.
        gains: one magnitude response per frame of `moving_filter_times`, at the frequencies of
            `moving_filter_hz`, ≥ 0.
    """
    num_frames = len(gains)
    padded = np.zeros((num_frames - 1) * _HOP + _WINDOW)
    padded[_WINDOW // 2 : _WINDOW // 2 + len(waveform)] = waveform
    window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW))
    view = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    shaped = np.fft.irfft(np.fft.rfft(view * window, axis=1) * gains, n=_WINDOW, axis=1) * window
    out, weight = np.zeros_like(padded), np.zeros_like(padded)
    for start in range(0, _WINDOW, _HOP):
        part, span = slice(start, start + _HOP), slice(start, start + num_frames * _HOP)
        out[span] += shaped[:, part].ravel()
        weight[span] += np.tile(window[part] ** 2, num_frames)
    inside = slice(_WINDOW // 2, _WINDOW // 2 + len(waveform))
    return np.asarray(out[inside] / weight[inside])


def resonance(
    hz: Float[np.ndarray, "..."], centre_hz: Float[np.ndarray, "..."] | float, width_hz: float
) -> Float[np.ndarray, "..."]:
    """Magnitude of a second-order resonance that is 1 at 0 Hz.

    |H(f)| = 1 / sqrt((1 - (f/c)²)² + (f w / c²)²)
    """
    ratio = hz / centre_hz
    return np.asarray(1 / np.sqrt((1 - ratio**2) ** 2 + (ratio * width_hz / centre_hz) ** 2))


def fast_length(num_samples: int) -> int:
    """The next length with no prime factor but 2, 3 and 5, of which transforms are quick."""
    best = 1 << max(num_samples - 1, 0).bit_length()
    for odd in (3, 5, 9, 15, 25, 27, 45, 75, 81, 125):
        power = max(-(-num_samples // odd) - 1, 0).bit_length()
        best = min(best, odd << power)
    return best


def noise_gains(hz: Float[np.ndarray, " bins"], exponent: float) -> Float[np.ndarray, " bins"]:
    """Magnitudes of noise whose power falls as f^-exponent above 20 Hz; nothing below."""
    return np.where(hz < 20.0, 0.0, np.maximum(hz, 20.0) ** (-exponent / 2))


def spectral_noise(
    gains: Float[np.ndarray, " bins"], size: int, *, rng: np.random.Generator
) -> Float[np.ndarray, " time"]:
    """Gaussian noise of ``size`` samples with the given magnitudes on average."""
    parts = rng.standard_normal((2, len(gains)))
    return np.fft.irfft(gains * (parts[0] + 1j * parts[1]), n=size)


def coloured_noise(
    num_samples: int, *, rng: np.random.Generator, exponent: float, sample_rate: int
) -> Float[np.ndarray, " time"]:
    """Gaussian noise whose power falls as f^-exponent above 20 Hz; root mean square 1.

    Args:
        exponent: 0 white, 1 pink, 2 brown, -1 blue.
    """
    size = fast_length(num_samples + sample_rate // 10)
    gains = noise_gains(np.fft.rfftfreq(size, 1 / sample_rate), exponent)
    return unit_power(spectral_noise(gains, size, rng=rng)[:num_samples])


def smooth_curve(
    num_samples: int, *, rng: np.random.Generator, rate_hz: float, sample_rate: int
) -> Float[np.ndarray, " time"]:
    """A random curve that moves about ``rate_hz`` times a second, about -2 to 2."""
    num_knots = int(num_samples / sample_rate * rate_hz) + 3
    knots = np.concatenate([rng.standard_normal(num_knots + 2), np.zeros(2)])
    place = np.arange(num_samples) * (rate_hz / sample_rate) + rng.uniform()
    left = place.astype(np.int64)
    weight = 0.5 - 0.5 * np.cos(np.pi * (place - left))
    curve: Float[np.ndarray, " time"] = knots[left] * (1 - weight) + knots[left + 1] * weight
    return curve


def fade(
    num_samples: int, *, sample_rate: int, attack_s: float, release_s: float
) -> Float[np.ndarray, " time"]:
    """A rise of ``attack_s`` to 1 and a fall of ``release_s`` to 0, each half a cosine."""
    gain = np.ones(num_samples)
    rise = min(max(int(attack_s * sample_rate), 1), num_samples)
    fall = min(max(int(release_s * sample_rate), 1), num_samples)
    gain[:rise] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)
    gain[num_samples - fall :] *= 0.5 + 0.5 * np.cos(np.pi * (np.arange(fall) + 1) / fall)
    return gain


def unit_power(waveform: Float[np.ndarray, " time"]) -> Float[np.ndarray, " time"]:
    """Scale to a root mean square of 1; silence stays silence."""
    power = float(np.mean(waveform**2)) if len(waveform) else 0.0
    return waveform / np.sqrt(power) if power > 0 else waveform


def harmonics(
    frequency_hz: Float[np.ndarray, " time"],
    *,
    weights: Float[np.ndarray, " partials"],
    sample_rate: int,
    start: float = 0.0,
    stretch: float = 0.0,
) -> Float[np.ndarray, " time"]:
    """A sum of sines at multiples of a moving frequency; partials above half the rate are cut.

    Args:
        weights: amplitude of the first, second, ... partial.
        start: phase of the first partial, cycles.
        stretch: inharmonicity b of a stiff string: partial k lies at k f sqrt(1 + b k²).
    """
    cycles = start + np.cumsum(frequency_hz) / sample_rate
    out = np.zeros(len(frequency_hz))
    highest, lowest = float(frequency_hz.max()), float(frequency_hz.min())
    turn, sine = 2 * np.cos(2 * np.pi * cycles), np.sin(2 * np.pi * cycles)
    before = np.zeros_like(sine)
    for k in range(1, len(weights) + 1):
        place = k * np.sqrt(1 + stretch * k * k)
        if place * lowest > 0.45 * sample_rate:
            break
        partial = np.sin(2 * np.pi * place * cycles) if stretch else sine
        if place * highest > 0.4 * sample_rate:
            over = (0.45 - place * frequency_hz / sample_rate) / 0.05
            partial = partial * np.clip(over, 0, 1)
        out += weights[k - 1] * partial
        before, sine = sine, turn * sine - before  # sin((k+1)a) = 2 cos(a) sin(ka) - sin((k-1)a)
    return out


def change_rate(
    waveform: Float[np.ndarray, " time"], *, from_rate: int, to_rate: int
) -> Float[np.ndarray, " other"]:
    """The same sound at another rate, its band cut off sharply at half of the lower one.

    The whole is one period of a Fourier series, so both ends should be quiet.
    """
    if from_rate == to_rate:
        return waveform
    length = round(len(waveform) * to_rate / from_rate)
    size = len(waveform) + (-len(waveform)) % from_rate  # seconds: whole numbers of samples
    spectrum = np.fft.rfft(waveform, n=size)
    wanted = size // from_rate * to_rate
    kept = min(len(spectrum), wanted // 2 + 1)
    return np.fft.irfft(spectrum[:kept], n=wanted)[:length] * (to_rate / from_rate)
