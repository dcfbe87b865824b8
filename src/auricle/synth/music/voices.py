"""Voices that are sums of partials, and drums."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from auricle.errors import ConfigError, message
from auricle.synth.checks import check_below_nyquist, check_length
from auricle.synth.kernels import sum_partials
from auricle.synth.music.pluck import pluck
from auricle.synth.sound import Sound, finish, occupied_band, whole
from auricle.synth.spectrum import fade

Voice = Literal["organ", "strings", "flute", "brass", "clarinet", "bell", "pluck"]
Drum = Literal["kick", "snare", "hat", "tom", "clap", "cymbal"]
VOICES: tuple[Voice, ...] = get_args(Voice)
DRUMS: tuple[Drum, ...] = get_args(Drum)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timbre:
    """Partials and how they come and go; ``falls_s`` is the time to 1/e of the first one."""

    weights: tuple[float, ...]
    places: tuple[float, ...] = ()
    attack_s: float = 0.02
    release_s: float = 0.08
    falls_s: float = 1e6
    sways: float = 0.0


_TIMBRES: dict[Voice, _Timbre] = {
    "organ": _Timbre(weights=(1.0, 0.8, 0.5, 0.6, 0.0, 0.3, 0.0, 0.35), release_s=0.05),
    "strings": _Timbre(
        weights=tuple(k**-1.1 for k in range(1, 25)), attack_s=0.09, release_s=0.15, sways=0.0035
    ),
    "flute": _Timbre(weights=(1.0, 0.35, 0.1, 0.03), attack_s=0.05, sways=0.003),
    "brass": _Timbre(weights=tuple(0.85 ** (k - 1) for k in range(1, 21)), attack_s=0.04),
    "clarinet": _Timbre(
        weights=tuple((1.0 if k % 2 else 0.08) / k for k in range(1, 20)), attack_s=0.03
    ),
    "bell": _Timbre(
        weights=(0.4, 1.0, 0.6, 0.35, 0.7, 0.3, 0.25, 0.2),
        places=(0.5, 1.0, 1.2, 1.5, 2.0, 2.51, 2.66, 4.1),
        attack_s=0.002,
        falls_s=0.9,
    ),
}


def play_note(
    voice: Voice,
    frequency_hz: float,
    *,
    rng: np.random.Generator,
    duration_s: float,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """One note of a voice: partials at their places, each with its rise and fall.

    Args:
        voice: by name; ``pluck`` is `pluck` with its usual settings.
        frequency_hz: of the first partial (of the strike note, for a bell), Hz.
        rng: the only source of chance: phases of a bell, of vibrato, the pluck.
        duration_s: s, 0.001 to 3600, the release included.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
    Raises:
        ConfigError: a setting is out of range.
    """
    num_samples = check_length(duration_s, sample_rate)
    check_below_nyquist("frequency_hz", frequency_hz, sample_rate)
    if voice == "pluck":
        return pluck(
            frequency_hz, rng=rng, duration_s=duration_s, sample_rate=sample_rate, peak=peak
        )
    timbre = _TIMBRES[voice]
    time_s = np.arange(num_samples) / sample_rate
    if timbre.places:
        wave = _struck(timbre, frequency_hz, time_s, rng=rng, sample_rate=sample_rate)
    else:
        sway = timbre.sways * np.sin(2 * np.pi * (5.3 * time_s + rng.uniform()))
        curve = frequency_hz * (1 + sway * np.clip(time_s / 0.3, 0, 1))
        wave = np.zeros(num_samples)
        cycles = (np.cumsum(curve) - curve) / sample_rate
        sum_partials(cycles, curve / sample_rate, np.array(timbre.weights), wave)
    release_s = min(timbre.release_s, 0.5 * duration_s)
    wave = wave * fade(
        num_samples, sample_rate=sample_rate, attack_s=timbre.attack_s, release_s=release_s
    )
    top = max(timbre.places or (float(len(timbre.weights)),))
    high_hz = min(top * frequency_hz, sample_rate / 2)
    low_hz = frequency_hz * min(timbre.places or (1.0,))
    events = whole(voice, num_samples, sample_rate, low_hz=low_hz, high_hz=high_hz)
    return finish(wave, sample_rate=sample_rate, peak=peak, events=events, edge_s=0.001)


def _struck(
    timbre: _Timbre,
    frequency_hz: float,
    time_s: Float[np.ndarray, " time"],
    *,
    rng: np.random.Generator,
    sample_rate: int,
) -> Float[np.ndarray, " time"]:
    """Partials that ring on their own, the higher the shorter."""
    wave = np.zeros(len(time_s))
    for weight, place in zip(timbre.weights, timbre.places, strict=True):
        phase = rng.uniform()
        if place * frequency_hz < 0.49 * sample_rate:
            ring = np.sin(2 * np.pi * (place * frequency_hz * time_s + phase))
            wave += weight * ring * np.exp(-time_s * place / timbre.falls_s)
    return wave


def drum(
    kind: Drum,
    *,
    rng: np.random.Generator,
    duration_s: float = 0.5,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """One stroke of a drum, made of falling sines and noise.

    kick: a sine that falls to 50 Hz; tom: to 110 Hz; snare: 185 and 330 Hz and noise; hat and
    cymbal: noise above 5 and 3 kHz; clap: four short noises of 1 to 2 kHz.

    Args:
        kind: by name.
        rng: the only source of chance.
        duration_s: s, 0.001 to 3600.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
    Raises:
        ConfigError: a setting is out of range.
    """
    num_samples = check_length(duration_s, sample_rate)
    if kind not in DRUMS:
        raise ConfigError(
            message("kind", expected=" or ".join(DRUMS), got=repr(kind), remedy="Choose one.")
        )
    time_s = np.arange(num_samples) / sample_rate
    hiss = rng.standard_normal(num_samples)
    wave = _stroke(kind, time_s, hiss, sample_rate=sample_rate)
    wave = wave * fade(num_samples, sample_rate=sample_rate, attack_s=0.0005, release_s=0.02)
    low_hz, high_hz = occupied_band(wave, sample_rate=sample_rate)
    events = whole(kind, num_samples, sample_rate, low_hz=low_hz, high_hz=high_hz)
    return finish(wave, sample_rate=sample_rate, peak=peak, events=events, edge_s=0.0)


def _stroke(
    kind: Drum,
    time_s: Float[np.ndarray, " time"],
    hiss: Float[np.ndarray, " time"],
    *,
    sample_rate: int,
) -> Float[np.ndarray, " time"]:
    match kind:
        case "kick":
            return _falling(50.0, 6.0, time_s) * np.exp(-time_s / 0.11)
        case "tom":
            return _falling(110.0, 4.0, time_s) * np.exp(-time_s / 0.16)
        case "snare":
            body = np.sin(2 * np.pi * 185 * time_s) + 0.6 * np.sin(2 * np.pi * 330 * time_s)
            return body * np.exp(-time_s / 0.05) + 0.6 * hiss * np.exp(-time_s / 0.08)
        case "hat":
            return _above(hiss, 5000.0, sample_rate) * np.exp(-time_s / 0.03)
        case "cymbal":
            return _above(hiss, 3000.0, sample_rate) * np.exp(-time_s / 0.35)
        case "clap":
            body = _above(hiss, 1000.0, sample_rate) - _above(hiss, 2000.0, sample_rate)
            claps = [(time_s >= at) * np.exp(-(time_s - at) / 0.006) for at in (0.0, 0.011, 0.022)]
            tail = (time_s >= 0.03) * np.exp(-(time_s - 0.03) / 0.08)
            return np.asarray(body * (np.sum(claps, axis=0) + tail))


def _falling(
    end_hz: float, cycles: float, time_s: Float[np.ndarray, " time"]
) -> Float[np.ndarray, " time"]:
    """A sine whose frequency falls to ``end_hz`` within a tenth of a second."""
    turns = end_hz * time_s + cycles * (1 - np.exp(-time_s / 0.03))
    return np.asarray(np.sin(2 * np.pi * turns))


def _above(
    hiss: Float[np.ndarray, " time"], edge_hz: float, sample_rate: int
) -> Float[np.ndarray, " time"]:
    """What lies above a frequency, or above 0.3 of the rate where that is lower."""
    spectrum = np.fft.rfft(hiss)
    hz = np.fft.rfftfreq(len(hiss), 1 / sample_rate)
    spectrum[hz < min(edge_hz, 0.3 * sample_rate)] = 0
    return np.fft.irfft(spectrum, n=len(hiss))
