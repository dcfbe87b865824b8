"""Tones: sine, harmonic, band-limited saw and square, frequency modulation, chirps, vibrato."""

from typing import Literal

import numpy as np
from jaxtyping import Float

from auricle.errors import ConfigError, message
from auricle.synth.checks import check_below_nyquist, check_between, check_curve, check_length
from auricle.synth.kernels import NONE, sum_partials
from auricle.synth.sound import Sound, finish, whole

ChirpKind = Literal["linear", "exponential"]


def sine(
    frequency_hz: float | Float[np.ndarray, " time"],
    *,
    duration_s: float,
    sample_rate: int = 16000,
    peak: float = 0.5,
    label: str = "sine",
) -> Sound:
    """A sine, at one frequency or along a curve of them.

    x[t] = sin(2 pi sum of f[0..t-1] / sample_rate)

    Args:
        frequency_hz: Hz, above 0 and below half of the rate; or one such value for each sample.
        duration_s: s, 0.001 to 3600.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
        label: of the event.
    Raises:
        ConfigError: a setting is out of range.
    """
    return harmonic_tone(
        frequency_hz,
        weights=np.ones(1),
        duration_s=duration_s,
        sample_rate=sample_rate,
        peak=peak,
        label=label,
    )


def harmonic_tone(
    frequency_hz: float | Float[np.ndarray, " time"],
    *,
    weights: Float[np.ndarray, " partials"],
    duration_s: float,
    sample_rate: int = 16000,
    peak: float = 0.5,
    label: str = "tone",
) -> Sound:
    """A sum of sines at the multiples of a frequency, none of them above half of the rate.

    x[t] = sum over k of weights[k-1] sin(2 pi k phase[t]). Partials above 0.45 of the rate fade,
    those above 0.49 are left out, so that nothing is folded back.

    Args:
        frequency_hz: of the first partial, Hz; or one value for each sample.
        weights: amplitude of the first, second, ... partial.
        duration_s: s, 0.001 to 3600.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
        label: of the event.
    Raises:
        ConfigError: a setting is out of range.
    """
    num_samples = check_length(duration_s, sample_rate)
    curve = check_curve(
        "frequency_hz", frequency_hz, num_samples=num_samples, sample_rate=sample_rate
    )
    cycles = (np.cumsum(curve) - curve) / sample_rate
    wave = np.zeros(num_samples)
    sum_partials(cycles, curve / sample_rate, weights.astype(np.float64), wave)
    low_hz, num_partials = float(curve.min()), np.flatnonzero(weights)
    top = int(num_partials[-1]) + 1 if len(num_partials) else 1
    high_hz = min(top * float(curve.max()), NONE * sample_rate)
    events = whole(label, num_samples, sample_rate, low_hz=low_hz, high_hz=high_hz)
    return finish(wave, sample_rate=sample_rate, peak=peak, events=events)


def saw_tone(
    frequency_hz: float | Float[np.ndarray, " time"],
    *,
    duration_s: float,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """A saw-tooth from its partials, amplitude 1/k, without those that would be folded back.

    Arguments and errors as for `harmonic_tone`.
    """
    k = _numbers(frequency_hz, sample_rate)
    return harmonic_tone(
        frequency_hz,
        weights=1 / k,
        duration_s=duration_s,
        sample_rate=sample_rate,
        peak=peak,
        label="saw",
    )


def square_tone(
    frequency_hz: float | Float[np.ndarray, " time"],
    *,
    duration_s: float,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """A square wave from its partials: 1/k for odd k, without those that would be folded back.

    Arguments and errors as for `harmonic_tone`.
    """
    k = _numbers(frequency_hz, sample_rate)
    return harmonic_tone(
        frequency_hz,
        weights=(k % 2) / k,
        duration_s=duration_s,
        sample_rate=sample_rate,
        peak=peak,
        label="square",
    )


def fm_tone(
    carrier_hz: float,
    *,
    modulator_hz: float,
    index: float,
    duration_s: float,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """Frequency modulation: x(t) = sin(2 pi carrier t + index sin(2 pi modulator t)).

    The partial at carrier + n modulator has the amplitude J_n(index), J the Bessel function.

    Args:
        carrier_hz: Hz, > 0.
        modulator_hz: Hz, > 0.
        index: of modulation, 0 to 100.
        duration_s: s, 0.001 to 3600.
        sample_rate: Hz; half of it must lie above carrier + (index + 2) modulator.
        peak: largest absolute sample, above 0 and at most 1.
    Raises:
        ConfigError: a setting is out of range, or the sidebands would be folded back.
    Reference:
        Chowning, "The synthesis of complex audio spectra by means of frequency modulation",
        J. Audio Eng. Soc. 21(7), 1973.
    """
    num_samples = check_length(duration_s, sample_rate)
    check_below_nyquist("carrier_hz", carrier_hz, sample_rate)
    check_below_nyquist("modulator_hz", modulator_hz, sample_rate)
    check_between("index", index, 0.0, 100.0)
    spread_hz = (index + 2) * modulator_hz
    if carrier_hz + spread_hz >= sample_rate / 2:
        raise ConfigError(
            message(
                "index",
                expected=f"carrier_hz + (index + 2) * modulator_hz < {sample_rate / 2:g} Hz",
                got=f"{carrier_hz + spread_hz:g} Hz",
                remedy="Lower index or modulator_hz: sidebands above would be folded back.",
            )
        )
    time_s = np.arange(num_samples) / sample_rate
    angle = 2 * np.pi * carrier_hz * time_s + index * np.sin(2 * np.pi * modulator_hz * time_s)
    events = whole(
        "fm",
        num_samples,
        sample_rate,
        low_hz=max(carrier_hz - spread_hz, 0.0),
        high_hz=carrier_hz + spread_hz,
    )
    return finish(np.sin(angle), sample_rate=sample_rate, peak=peak, events=events)


def chirp(
    start_hz: float,
    end_hz: float,
    *,
    duration_s: float,
    kind: ChirpKind = "linear",
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """A sine that slides from one frequency to another, phase in closed form.

    linear: f(t) = start + (end - start) t/T; exponential: f(t) = start (end/start)^(t/T).

    Args:
        start_hz: Hz at the first sample, above 0 and below half of the rate.
        end_hz: Hz at the end, likewise.
        duration_s: T, s, 0.001 to 3600.
        kind: equal steps of Hz, or equal steps of octaves, a second.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
    Raises:
        ConfigError: a setting is out of range.
    """
    num_samples = check_length(duration_s, sample_rate)
    check_below_nyquist("start_hz", start_hz, sample_rate)
    check_below_nyquist("end_hz", end_hz, sample_rate)
    time_s = np.arange(num_samples) / sample_rate
    ratio = end_hz / start_hz
    if kind == "linear" or abs(ratio - 1) < 1e-9:
        cycles = start_hz * time_s + (end_hz - start_hz) * time_s**2 / (2 * duration_s)
    else:
        speed = np.log(ratio) / duration_s
        cycles = start_hz * np.expm1(speed * time_s) / speed
    low_hz, high_hz = min(start_hz, end_hz), max(start_hz, end_hz)
    events = whole("chirp", num_samples, sample_rate, low_hz=low_hz, high_hz=high_hz)
    return finish(np.sin(2 * np.pi * cycles), sample_rate=sample_rate, peak=peak, events=events)


def vibrato(
    frequency_hz: float,
    *,
    duration_s: float,
    rate_hz: float = 5.5,
    depth_cents: float = 50.0,
    sample_rate: int = 16000,
) -> Float[np.ndarray, " time"]:
    """A frequency curve for the tones above: f 2^(depth/1200 sin(2 pi rate t)), Hz.

    Args:
        frequency_hz: the middle, Hz.
        duration_s: s, 0.001 to 3600.
        rate_hz: swings a second, above 0, at most 50.
        depth_cents: largest deviation, hundredths of a semitone, 0 to 1200.
        sample_rate: Hz, 4000 to 192000.
    Raises:
        ConfigError: a setting is out of range.
    """
    num_samples = check_length(duration_s, sample_rate)
    check_below_nyquist("frequency_hz", frequency_hz, sample_rate)
    check_between("rate_hz", rate_hz, 0.001, 50.0)
    check_between("depth_cents", depth_cents, 0.0, 1200.0)
    swing = np.sin(2 * np.pi * rate_hz * np.arange(num_samples) / sample_rate)
    return np.asarray(frequency_hz * 2 ** (depth_cents / 1200 * swing))


def _numbers(
    frequency_hz: float | Float[np.ndarray, " time"], sample_rate: int
) -> Float[np.ndarray, " partials"]:
    """1, 2, ... up to the last partial that can be heard."""
    lowest = float(np.min(frequency_hz))
    check_below_nyquist("frequency_hz", lowest, sample_rate)
    return np.arange(1.0, max(int(NONE * sample_rate / lowest), 1) + 1.0)
