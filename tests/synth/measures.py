"""What the tests measure in a sound, by means other than those it was made with."""

import numpy as np
from scipy.signal import hilbert


def frequency_of(wave, sample_rate):
    """The strongest frequency, Hz: parabola through the log spectrum of a Gaussian window."""
    size = len(wave)
    window = np.exp(-0.5 * ((np.arange(size) - size / 2) / (size / 8)) ** 2)
    power = np.log(np.abs(np.fft.rfft(wave * window, n=4 * size)) ** 2 + 1e-30)
    top = int(power[1:-1].argmax()) + 1
    left, middle, right = power[top - 1 : top + 2]
    return (top + 0.5 * (left - right) / (left - 2 * middle + right)) * sample_rate / (4 * size)


def partials_of(wave, frequency_hz, sample_rate, numbers):
    """Amplitudes at multiples of a frequency, by least squares on sines and cosines."""
    time_s = np.arange(len(wave)) / sample_rate
    angle = 2 * np.pi * frequency_hz * time_s
    columns = [f(k * angle) for k in numbers for f in (np.sin, np.cos)]
    found = np.linalg.lstsq(np.stack(columns, axis=1), wave.astype(np.float64), rcond=None)[0]
    return np.hypot(found[0::2], found[1::2])


def track_of(wave, sample_rate):
    """Instantaneous frequency, Hz, between neighbouring samples."""
    phase = np.unwrap(np.angle(hilbert(wave.astype(np.float64))))
    return np.diff(phase) * sample_rate / (2 * np.pi)


def density_of(wave, sample_rate, size=4096):
    """Power density by Welch's method, and its frequencies."""
    window = np.hanning(size)
    frames = np.lib.stride_tricks.sliding_window_view(wave.astype(np.float64), size)[:: size // 2]
    power = np.mean(np.abs(np.fft.rfft(frames * window, axis=1)) ** 2, axis=0)
    return np.fft.rfftfreq(size, 1 / sample_rate), power


def slope_db(wave, sample_rate, low_hz, high_hz):
    """Slope of the power density between two frequencies, dB an octave."""
    hz, power = density_of(wave, sample_rate)
    edges = np.geomspace(low_hz, high_hz, 13)
    pairs = list(zip(edges[:-1], edges[1:], strict=True))
    bands = [(hz >= a) & (hz < b) for a, b in pairs]
    levels = [10 * np.log10(power[band].mean()) for band in bands]
    centres = [np.log2(hz[band]).mean() for band in bands]
    return np.polyfit(centres, levels, 1)[0]


def onset_of(wave, sample_rate, share=0.01):
    """The first time at which a sound has reached a share of its peak, s."""
    loud = np.abs(wave) >= share * np.abs(wave).max()
    return int(loud.argmax()) / sample_rate
