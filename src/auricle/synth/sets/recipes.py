"""The sounds that a spec can ask for by name, and what each can be told."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from auricle.synth.music.voices import DRUMS, VOICES
from auricle.synth.sets import sounds
from auricle.synth.sets.fields import Span
from auricle.synth.sets.sounds import Drawn
from auricle.synth.sound import Sound
from auricle.synth.speech.phonemes import WORDS
from auricle.synth.speech.speaker import SPEAKERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A setting that is a number: its range, and the range it is drawn from if nothing is said."""

    low: float
    high: float
    default: Span
    is_pitch: bool = False

    def usual(self, sample_rate: int) -> Span:
        """The default, kept below 0.4 of the sample rate where it is a pitch."""
        most = 0.4 * sample_rate if self.is_pitch else self.high
        return min(self.default[0], most), min(self.default[1], most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A setting that is a word of a list."""

    options: tuple[str, ...]
    default: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a sound is made, from what.

    Numbers and words are drawn once for each source; pools are drawn from anew for each sound.
    """

    make: Callable[[Drawn, np.random.Generator], Sound]
    numbers: dict[str, Number]
    words: dict[str, Choice] = field(default_factory=dict)
    pools: dict[str, Choice] = field(default_factory=dict)


def _pitch(low: float, high: float) -> Number:
    return Number(low=20.0, high=20_000.0, default=(low, high), is_pitch=True)


def _rate(low: float, high: float) -> Number:
    return Number(low=0.1, high=50.0, default=(low, high))


_VIBRATO = {
    "vibrato_hz": Number(low=0.01, high=50.0, default=(4.0, 7.0)),
    "vibrato_cents": Number(low=0.0, high=1200.0, default=(0.0, 40.0)),
}
_SHARE = {"share": Number(low=0.02, high=1.0, default=(0.4, 0.8))}
_EXPONENT = {"exponent": Number(low=-4.0, high=4.0, default=(0.0, 2.0))}
_VOICES = ("any", *SPEAKERS)

RECIPES: dict[str, Recipe] = {
    "sine": Recipe(
        make=sounds.make_sine, numbers={"frequency_hz": _pitch(200.0, 4000.0), **_VIBRATO}
    ),
    "saw": Recipe(make=sounds.make_saw, numbers={"frequency_hz": _pitch(80.0, 800.0), **_VIBRATO}),
    "square": Recipe(
        make=sounds.make_square, numbers={"frequency_hz": _pitch(80.0, 800.0), **_VIBRATO}
    ),
    "harmonic": Recipe(
        make=sounds.make_harmonic,
        numbers={
            "frequency_hz": _pitch(80.0, 800.0),
            "partials": Number(low=1.0, high=200.0, default=(6.0, 20.0)),
            "rolloff": Number(low=0.0, high=4.0, default=(0.5, 1.5)),
            **_VIBRATO,
        },
    ),
    "fm": Recipe(
        make=sounds.make_fm,
        numbers={
            "carrier_hz": _pitch(300.0, 1500.0),
            "modulator_hz": _pitch(50.0, 300.0),
            "index": Number(low=0.0, high=100.0, default=(1.0, 6.0)),
        },
    ),
    "chirp": Recipe(
        make=sounds.make_chirp,
        numbers={"start_hz": _pitch(300.0, 1500.0), "end_hz": _pitch(1500.0, 5000.0)},
    ),
    "beeps": Recipe(
        make=sounds.make_beeps,
        numbers={"frequency_hz": _pitch(600.0, 2500.0), "rate_hz": _rate(1.0, 5.0), **_SHARE},
    ),
    "trill": Recipe(
        make=sounds.make_trill,
        numbers={
            "start_hz": _pitch(2000.0, 5000.0),
            "end_hz": _pitch(2000.0, 5000.0),
            "rate_hz": _rate(4.0, 12.0),
            **_SHARE,
        },
    ),
    "noise": Recipe(make=sounds.make_noise, numbers=_EXPONENT),
    "band": Recipe(
        make=sounds.make_band,
        numbers={
            "centre_hz": _pitch(500.0, 5000.0),
            "octaves": Number(low=0.05, high=4.0, default=(0.5, 1.5)),
        },
    ),
    "modulated": Recipe(
        make=sounds.make_modulated,
        numbers={
            "modulation_hz": Number(low=0.01, high=1000.0, default=(3.0, 30.0)),
            "depth": Number(low=0.0, high=1.0, default=(0.7, 1.0)),
            **_EXPONENT,
        },
    ),
    "clicks": Recipe(
        make=sounds.make_clicks,
        numbers={
            "rate_hz": Number(low=0.01, high=1000.0, default=(10.0, 60.0)),
            "centre_hz": _pitch(800.0, 4000.0),
            "decay_s": Number(low=0.0002, high=0.1, default=(0.001, 0.004)),
        },
    ),
    "rain": Recipe(
        make=sounds.make_rain,
        numbers={
            "drops_hz": Number(low=1.0, high=5000.0, default=(100.0, 1000.0)),
            "distance": Number(low=0.0, high=1.0, default=(0.3, 0.8)),
        },
    ),
    "wind": Recipe(
        make=sounds.make_wind,
        numbers={
            "gusts_hz": Number(low=0.05, high=5.0, default=(0.2, 0.8)),
            "strength": Number(low=0.0, high=1.0, default=(0.2, 0.7)),
            "whistle": Number(low=0.0, high=1.0, default=(0.0, 0.3)),
        },
    ),
    "speech": Recipe(
        make=sounds.make_speech,
        numbers={"phrase": Number(low=0.0, high=1.0, default=(1.0, 1.0))},
        words={"voice": Choice(options=_VOICES, default=("any",))},
        pools={"words": Choice(options=tuple(WORDS), default=tuple(WORDS))},
    ),
    "note": Recipe(
        make=sounds.make_note,
        numbers={"frequency_hz": _pitch(110.0, 880.0)},
        words={"voice": Choice(options=VOICES, default=VOICES)},
    ),
    "pluck": Recipe(
        make=sounds.make_pluck,
        numbers={
            "frequency_hz": Number(low=20.0, high=8000.0, default=(100.0, 700.0)),
            "decay_s": Number(low=0.05, high=60.0, default=(0.8, 3.0)),
            "brightness": Number(low=0.0, high=1.0, default=(0.3, 0.9)),
        },
    ),
    "drum": Recipe(
        make=sounds.make_drum, numbers={}, words={"kind": Choice(options=DRUMS, default=DRUMS)}
    ),
    "beat": Recipe(
        make=sounds.make_beat,
        numbers={"rate_hz": _rate(2.0, 6.0), **_SHARE},
        words={"kind": Choice(options=DRUMS, default=DRUMS)},
    ),
}
