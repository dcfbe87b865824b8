"""How a dry sound becomes a recording: room, microphone, background, level."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

from auricle.synth.spectrum import (
    fast_length,
    noise_gains,
    smooth_curve,
    spectral_noise,
    unit_power,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A room and a microphone: what stays the same in the recordings of one day."""

    rt60_s: float
    wetness: float
    tilt: float
    low_hz: float
    high_hz: float
    background_exponent: float
    hum_hz: float
    hum: float
    snr_db: tuple[float, float]


def draw_setting(rng: np.random.Generator) -> Setting:
    """Draw a room and a microphone."""
    lowest_snr_db = float(rng.uniform(11, 20))
    return Setting(
        rt60_s=float(rng.uniform(0.08, 0.6)),
        wetness=float(rng.uniform(0.0, 0.45)),
        tilt=float(rng.uniform(-0.15, 0.15)),
        low_hz=float(rng.uniform(30, 160)),
        high_hz=float(rng.uniform(5000, 7800)),
        background_exponent=float(rng.uniform(0.6, 2.0)),
        hum_hz=float(rng.choice([50.0, 60.0])),
        hum=float(rng.choice([0.0, 0.0, 0.3])),
        snr_db=(lowest_snr_db, lowest_snr_db + 16),
    )


def record(
    dry: Float[np.ndarray, " time"],
    setting: Setting,
    *,
    rng: np.random.Generator,
    sample_rate: int,
    level_db: tuple[float, float] = (-36.0, -14.0),
) -> Float32[np.ndarray, " time"]:
    """Play a dry sound in a room, record it with its background, and set a random level.

    Args:
        dry: any amplitude.
        setting: the room and the microphone.
        rng: the only source of chance.
        sample_rate: Hz.
        level_db: range of the root mean square, dB re full scale.
    """
    answer = _room_answer(setting, rng=rng, sample_rate=sample_rate)
    size = fast_length(len(dry) + len(answer))
    spectrum = np.fft.rfft(dry, n=size) * np.fft.rfft(answer, n=size)
    spectrum *= _microphone_gains(np.fft.rfftfreq(size, 1 / sample_rate), setting, sample_rate)
    sound = unit_power(np.fft.irfft(spectrum, n=size)[: len(dry)])
    noise = background(len(dry), setting, rng=rng, sample_rate=sample_rate)
    mixed = sound + noise * 10 ** (-rng.uniform(*setting.snr_db) / 20)
    return _level(mixed, level_db=float(rng.uniform(*level_db)))


def background(
    num_samples: int, setting: Setting, *, rng: np.random.Generator, sample_rate: int
) -> Float[np.ndarray, " time"]:
    """What the microphone hears when nothing happens; root mean square 1."""
    size = fast_length(num_samples + sample_rate // 10)
    hz = np.fft.rfftfreq(size, 1 / sample_rate)
    gains = noise_gains(hz, setting.background_exponent)
    noise = spectral_noise(gains * _microphone_gains(hz, setting, sample_rate), size, rng=rng)
    slow = smooth_curve(num_samples, rng=rng, rate_hz=0.7, sample_rate=sample_rate)
    cycles = setting.hum_hz * np.arange(num_samples) / sample_rate + rng.uniform()
    hum = np.sin(2 * np.pi * cycles) + 0.5 * np.sin(4 * np.pi * cycles + 1.0)
    return unit_power(unit_power(noise[:num_samples]) * np.exp(0.15 * slow) + setting.hum * hum)


def _room_answer(
    setting: Setting, *, rng: np.random.Generator, sample_rate: int
) -> Float[np.ndarray, " time"]:
    """The direct sound, then an exponentially decaying noise, as a diffuse room answers."""
    size = max(int(setting.rt60_s * sample_rate), 2)
    answer = rng.standard_normal(size) * 10 ** (-3 * np.arange(size) / size)
    answer[: int(0.003 * sample_rate)] = 0
    answer *= setting.wetness / max(float(np.sqrt(np.sum(answer**2))), 1e-9)
    answer[0] = 1.0
    return answer


def _microphone_gains(
    hz: Float[np.ndarray, " bins"], setting: Setting, sample_rate: int
) -> Float[np.ndarray, " bins"]:
    """Roll off both ends and tilt between them."""
    safe_hz = np.maximum(hz, 1.0)
    high_hz = min(setting.high_hz, 0.48 * sample_rate)
    gains = 1 / np.sqrt(1 + (setting.low_hz / safe_hz) ** 4) / np.sqrt(1 + (hz / high_hz) ** 8)
    return np.asarray(gains * (safe_hz / 1000) ** setting.tilt)


def _level(
    waveform: Float[np.ndarray, " time"], *, level_db: float
) -> Float32[np.ndarray, " time"]:
    """Set the root mean square to ``level_db`` re full scale, lower where peaks would clip."""
    scaled = unit_power(waveform) * 10 ** (level_db / 20)
    peak = float(np.abs(scaled).max(initial=0.0))
    return (scaled * min(1.0, 0.95 / max(peak, 1e-9))).astype(np.float32)
