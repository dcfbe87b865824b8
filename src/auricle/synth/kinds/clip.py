"""One clip of one of the four kinds of sound."""

from typing import Literal, assert_never

import numpy as np
from jaxtyping import Float, Float32

from auricle.errors import ConfigError, message
from auricle.synth.kinds.music import Band, draw_band, render_music
from auricle.synth.kinds.noise import NoiseSource, draw_noise_source, render_noise
from auricle.synth.kinds.recording import draw_setting, record
from auricle.synth.kinds.speech import Voice, draw_voice, render_speech
from auricle.synth.kinds.tone import ToneSource, draw_tone_source, render_tone

SoundKind = Literal["tone", "noise", "speech", "music"]
Source = ToneSource | NoiseSource | Voice | Band
SOUND_KINDS: tuple[SoundKind, ...] = ("tone", "noise", "speech", "music")
_LOWEST_RATE = 4000


def draw_source(kind: SoundKind, *, rng: np.random.Generator) -> Source:
    """Draw what makes the sound: a generator, a source of noise, a speaker, an ensemble."""
    match kind:
        case "tone":
            return draw_tone_source(rng)
        case "noise":
            return draw_noise_source(rng)
        case "speech":
            return draw_voice(rng)
        case "music":
            return draw_band(rng)
        case _:
            assert_never(kind)


def render_source(
    source: Source, *, rng: np.random.Generator, num_samples: int, sample_rate: int
) -> Float[np.ndarray, " time"]:
    """One dry sound of a source, of any amplitude."""
    match source:
        case ToneSource():
            return render_tone(source, rng=rng, num_samples=num_samples, sample_rate=sample_rate)
        case NoiseSource():
            return render_noise(source, rng=rng, num_samples=num_samples, sample_rate=sample_rate)
        case Voice():
            return render_speech(source, rng=rng, num_samples=num_samples, sample_rate=sample_rate)
        case Band():
            return render_music(source, rng=rng, num_samples=num_samples, sample_rate=sample_rate)
        case _:
            assert_never(source)


def synth_clip(
    kind: SoundKind,
    *,
    rng: np.random.Generator,
    sample_rate: int = 16000,
    duration_s: float = 1.5,
) -> Float32[np.ndarray, " time"]:
    """Synthesise one clip: a fresh source, in a fresh room, with background, at a random level.

    Args:
        kind: what is heard.
        rng: the only source of chance; the same state gives the same clip.
        sample_rate: Hz, ≥ 4000.
        duration_s: s, 0.05 to 600.
    Returns:
        Samples within ±0.95, never silent.
    Raises:
        ConfigError: the rate or the duration is out of range.
    """
    check_rate(sample_rate)
    if not 0.05 <= duration_s <= 600:
        raise ConfigError(
            message(
                "duration_s",
                expected="0.05 <= duration_s <= 600",
                got=f"{duration_s:g}",
                remedy="Choose a length in seconds between these.",
            )
        )
    num_samples = round(duration_s * sample_rate)
    source, setting = draw_source(kind, rng=rng), draw_setting(rng)
    dry = render_source(source, rng=rng, num_samples=num_samples, sample_rate=sample_rate)
    return record(dry, setting, rng=rng, sample_rate=sample_rate)


def check_rate(sample_rate: int) -> None:
    """Refuse a sample rate at which these sounds cannot be made.

    Raises:
        ConfigError: below 4 kHz or above 192 kHz.
    """
    if not _LOWEST_RATE <= sample_rate <= 192_000:
        raise ConfigError(
            message(
                "sample_rate",
                expected=f"{_LOWEST_RATE} <= sample_rate <= 192000 Hz",
                got=sample_rate,
                remedy="Synthesise at 16000 Hz and resample afterwards.",
            )
        )
