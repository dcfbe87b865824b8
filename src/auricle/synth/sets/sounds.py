"""The sounds of specs: from drawn settings to one call of the function that makes them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from auricle.synth.music.pluck import pluck
from auricle.synth.music.voices import DRUMS, VOICES, drum, play_note
from auricle.synth.noises import band_noise, impulsive_noise, modulated_noise, noise
from auricle.synth.sound import Sound, finish, whole
from auricle.synth.speech.speak import speak
from auricle.synth.speech.speaker import SPEAKERS, draw_speaker
from auricle.synth.speech.spoken import spell
from auricle.synth.textures import rain, wind
from auricle.synth.tones import chirp, fm_tone, harmonic_tone, saw_tone, sine, square_tone, vibrato


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The settings of one source, and the length and rate of one sound of it."""

    numbers: dict[str, float]
    words: dict[str, str]
    pools: dict[str, tuple[str, ...]]
    duration_s: float
    sample_rate: int
    voice_seed: int = 0


def _vibrato(drawn: Drawn, name: str = "frequency_hz") -> Float[np.ndarray, " time"]:
    return vibrato(
        drawn.numbers[name],
        duration_s=drawn.duration_s,
        rate_hz=drawn.numbers["vibrato_hz"],
        depth_cents=drawn.numbers["vibrato_cents"],
        sample_rate=drawn.sample_rate,
    )


def make_sine(drawn: Drawn, _: np.random.Generator) -> Sound:
    """A sine with vibrato."""
    return sine(_vibrato(drawn), duration_s=drawn.duration_s, sample_rate=drawn.sample_rate)


def make_saw(drawn: Drawn, _: np.random.Generator) -> Sound:
    """A saw-tooth with vibrato."""
    return saw_tone(_vibrato(drawn), duration_s=drawn.duration_s, sample_rate=drawn.sample_rate)


def make_square(drawn: Drawn, _: np.random.Generator) -> Sound:
    """A square wave with vibrato."""
    return square_tone(_vibrato(drawn), duration_s=drawn.duration_s, sample_rate=drawn.sample_rate)


def make_harmonic(drawn: Drawn, _: np.random.Generator) -> Sound:
    """Partials k of amplitude k^-rolloff, with vibrato."""
    weights = np.arange(1.0, round(drawn.numbers["partials"]) + 1.0) ** -drawn.numbers["rolloff"]
    return harmonic_tone(
        _vibrato(drawn),
        weights=weights,
        duration_s=drawn.duration_s,
        sample_rate=drawn.sample_rate,
    )


def make_fm(drawn: Drawn, _: np.random.Generator) -> Sound:
    """Frequency modulation."""
    return fm_tone(
        drawn.numbers["carrier_hz"],
        modulator_hz=drawn.numbers["modulator_hz"],
        index=drawn.numbers["index"],
        duration_s=drawn.duration_s,
        sample_rate=drawn.sample_rate,
    )


def make_chirp(drawn: Drawn, _: np.random.Generator) -> Sound:
    """One slide."""
    return chirp(
        drawn.numbers["start_hz"],
        drawn.numbers["end_hz"],
        duration_s=drawn.duration_s,
        kind="exponential",
        sample_rate=drawn.sample_rate,
    )


def _repeated(drawn: Drawn, rng: np.random.Generator, one: Callable[[float], Sound]) -> Sound:
    """A sound again and again, ``rate_hz`` times a second, the first at once."""
    num_samples = round(drawn.duration_s * drawn.sample_rate)
    period_s, share = 1 / drawn.numbers["rate_hz"], drawn.numbers["share"]
    wave, at_s = np.zeros(num_samples), 0.0
    while at_s == 0.0 or at_s + share * period_s <= drawn.duration_s:
        start = round(at_s * drawn.sample_rate)
        length_s = min(share * period_s, drawn.duration_s)
        part = one(length_s).waveform[: num_samples - start]
        wave[start : start + len(part)] += part * rng.uniform(0.85, 1.0)
        at_s += period_s
    events = whole("repeated", num_samples, drawn.sample_rate)
    return finish(wave, sample_rate=drawn.sample_rate, peak=0.5, events=events)


def make_beeps(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """Short tones with a third and a fifth partial."""
    hz = drawn.numbers["frequency_hz"]
    weights = np.array([1.0, 0.0, 0.3, 0.0, 0.1])
    return _repeated(
        drawn,
        rng,
        lambda length_s: harmonic_tone(
            hz, weights=weights, duration_s=length_s, sample_rate=drawn.sample_rate
        ),
    )


def make_trill(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """Short slides, as birds sing."""
    ends = drawn.numbers["start_hz"], drawn.numbers["end_hz"]
    return _repeated(
        drawn,
        rng,
        lambda length_s: chirp(*ends, duration_s=length_s, sample_rate=drawn.sample_rate),
    )


def make_beat(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """Strokes of one drum."""
    kind = next(kind for kind in DRUMS if kind == drawn.words["kind"])
    return _repeated(
        drawn,
        rng,
        lambda length_s: drum(kind, rng=rng, duration_s=length_s, sample_rate=drawn.sample_rate),
    )


def make_noise(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """Coloured noise."""
    return noise(
        drawn.numbers["exponent"],
        rng=rng,
        duration_s=drawn.duration_s,
        sample_rate=drawn.sample_rate,
    )


def make_band(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """Noise in one band."""
    half = 2 ** (drawn.numbers["octaves"] / 2)
    centre_hz = drawn.numbers["centre_hz"]
    return band_noise(
        centre_hz / half,
        min(max(centre_hz * half, centre_hz / half + 2), 0.499 * drawn.sample_rate),
        rng=rng,
        duration_s=drawn.duration_s,
        sample_rate=drawn.sample_rate,
    )


def make_modulated(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """Noise that swings."""
    return modulated_noise(
        drawn.numbers["exponent"],
        rng=rng,
        modulation_hz=drawn.numbers["modulation_hz"],
        depth=drawn.numbers["depth"],
        duration_s=drawn.duration_s,
        sample_rate=drawn.sample_rate,
    )


def make_clicks(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """Clicks at random times."""
    return impulsive_noise(
        drawn.numbers["rate_hz"],
        rng=rng,
        duration_s=max(drawn.duration_s, 0.05),
        centre_hz=drawn.numbers["centre_hz"],
        decay_s=drawn.numbers["decay_s"],
        sample_rate=drawn.sample_rate,
    )


def make_rain(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """Rain."""
    return rain(
        rng=rng,
        duration_s=drawn.duration_s,
        drops_hz=drawn.numbers["drops_hz"],
        distance=drawn.numbers["distance"],
        sample_rate=drawn.sample_rate,
    )


def make_wind(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """Wind."""
    return wind(
        rng=rng,
        duration_s=drawn.duration_s,
        gusts_hz=drawn.numbers["gusts_hz"],
        strength=drawn.numbers["strength"],
        whistle=drawn.numbers["whistle"],
        sample_rate=drawn.sample_rate,
    )


def make_speech(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """Words of the list, as many as the length asks for, in the voice of the source."""
    words = drawn.pools["words"]
    count = max(round(drawn.duration_s / 0.5), 1) if drawn.numbers["phrase"] > 0.5 else 1
    said = [words[int(rng.integers(len(words)))] for _ in range(count)]
    name = drawn.words["voice"]
    voice = np.random.default_rng(drawn.voice_seed)
    speaker = draw_speaker(voice) if name == "any" else SPEAKERS[name]
    return speak(spell(said), rng=rng, speaker=speaker, sample_rate=drawn.sample_rate)


def make_note(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """One note of a voice."""
    voice = next(voice for voice in VOICES if voice == drawn.words["voice"])
    return play_note(
        voice,
        drawn.numbers["frequency_hz"],
        rng=rng,
        duration_s=drawn.duration_s,
        sample_rate=drawn.sample_rate,
    )


def make_pluck(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """One plucked string."""
    return pluck(
        drawn.numbers["frequency_hz"],
        rng=rng,
        duration_s=drawn.duration_s,
        decay_s=drawn.numbers["decay_s"],
        brightness=drawn.numbers["brightness"],
        sample_rate=drawn.sample_rate,
    )


def make_drum(drawn: Drawn, rng: np.random.Generator) -> Sound:
    """One stroke."""
    kind = next(kind for kind in DRUMS if kind == drawn.words["kind"])
    return drum(kind, rng=rng, duration_s=drawn.duration_s, sample_rate=drawn.sample_rate)
