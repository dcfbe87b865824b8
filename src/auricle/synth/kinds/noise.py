"""Noises: sounds without a pitch, steady, gusting, crackling, roaring or sweeping."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from auricle.synth.spectrum import (
    coloured_noise,
    fade,
    filter_moving,
    moving_filter_hz,
    moving_filter_times,
    resonance,
    smooth_curve,
)

Texture = Literal["hiss", "gusts", "crackle", "motor", "sweep", "bursts"]
_TEXTURES: tuple[Texture, ...] = ("hiss", "gusts", "crackle", "motor", "sweep", "bursts")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseSource:
    """What stays the same in all the sounds of one source of noise."""

    textures: tuple[Texture, ...]
    exponent: float
    centre_hz: float
    width: float
    rate_hz: float


def draw_noise_source(rng: np.random.Generator) -> NoiseSource:
    """Draw a source of noise."""
    chosen = rng.permutation(len(_TEXTURES))[:3]
    return NoiseSource(
        textures=tuple(_TEXTURES[int(i)] for i in chosen),
        exponent=float(rng.uniform(-0.3, 1.8)),
        centre_hz=float(np.exp(rng.uniform(np.log(250), np.log(4500)))),
        width=float(rng.uniform(0.25, 1.5)),
        rate_hz=float(rng.uniform(1.5, 7.0)),
    )


def render_noise(
    source: NoiseSource, *, rng: np.random.Generator, num_samples: int, sample_rate: int
) -> Float[np.ndarray, " time"]:
    """One sound of this source, dry, of any amplitude."""
    texture = source.textures[int(rng.integers(len(source.textures)))]
    base = coloured_noise(num_samples, rng=rng, exponent=source.exponent, sample_rate=sample_rate)
    sound = _textured(texture, source, base, rng=rng, sample_rate=sample_rate)
    attack_s = float(np.exp(rng.uniform(np.log(0.005), np.log(0.4))))
    edges = fade(num_samples, sample_rate=sample_rate, attack_s=attack_s, release_s=0.1)
    return np.asarray(sound * edges)


def _textured(
    texture: Texture,
    source: NoiseSource,
    base: Float[np.ndarray, " time"],
    *,
    rng: np.random.Generator,
    sample_rate: int,
) -> Float[np.ndarray, " time"]:
    num_samples = len(base)
    time_s = np.arange(num_samples) / sample_rate
    slow = smooth_curve(num_samples, rng=rng, rate_hz=source.rate_hz, sample_rate=sample_rate)
    match texture:
        case "hiss":
            return _moving_band(base, source, 0.0 * slow, sample_rate=sample_rate) + 0.3 * base
        case "gusts":
            gust = _moving_band(base, source, 0.5 * slow, sample_rate=sample_rate)
            return gust * np.exp(0.9 * slow)
        case "crackle":
            clicks = rng.uniform(size=num_samples) < rng.uniform(15, 200) / sample_rate
            spikes = clicks * rng.standard_normal(num_samples) * np.exp(0.8 * slow) * 12
            return _moving_band(spikes, source, 0.2 * slow, sample_rate=sample_rate) + 0.05 * base
        case "motor":
            turns = np.cumsum(rng.uniform(14, 55) * (1 + 0.08 * slow)) / sample_rate
            beat = 0.5 + 0.5 * np.sin(2 * np.pi * turns)
            return _moving_band(base * beat**3, source, 0.0 * slow, sample_rate=sample_rate)
        case "sweep":
            octaves = rng.uniform(0.8, 2.2) * np.sin(2 * np.pi * rng.uniform(0.2, 1.2) * time_s)
            return _moving_band(base, source, octaves, sample_rate=sample_rate)
        case "bursts":
            place = (time_s * source.rate_hz + rng.uniform() + 0.05 * slow) % 1
            burst = np.exp(-place / rng.uniform(0.08, 0.4)) * np.clip(place / 0.02, 0, 1)
            return _moving_band(base * burst, source, 0.3 * slow, sample_rate=sample_rate)


def _moving_band(
    waveform: Float[np.ndarray, " time"],
    source: NoiseSource,
    octaves: Float[np.ndarray, " time"],
    *,
    sample_rate: int,
) -> Float[np.ndarray, " time"]:
    """Pass the band of the source, moved by ``octaves`` at each moment."""
    at = moving_filter_times(len(waveform), sample_rate=sample_rate)
    moved = np.interp(at, np.arange(len(octaves)) / sample_rate, octaves)
    centre_hz = np.clip(source.centre_hz * 2**moved, 120, 0.42 * sample_rate)[:, None]
    hz = np.maximum(moving_filter_hz(sample_rate), 1.0)[None, :]
    gains = np.exp(-0.5 * (np.log2(hz / centre_hz) / source.width) ** 2)
    peak = 0.25 * resonance(hz, centre_hz * 1.7, 0.3 * source.centre_hz)
    return filter_moving(waveform, gains + 0.1 * np.minimum(peak, 2.0))
