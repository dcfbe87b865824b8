"""From ranges to one source, and from one source to one sound."""

from dataclasses import dataclass, replace

import numpy as np

from auricle.errors import ConfigError
from auricle.synth.rooms import reverberate
from auricle.synth.sets.fields import Span
from auricle.synth.sets.recipes import RECIPES
from auricle.synth.sets.sounds import Drawn
from auricle.synth.sets.spec import RoomSpec, SetSpec, SoundSpec
from auricle.synth.sound import Sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What stays the same in all sounds of one source."""

    spec: SoundSpec
    drawn: Drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One room."""

    rt60_s: float
    ratio_db: float
    size_m: float


def draw_source(spec: SoundSpec, *, rng: np.random.Generator, sample_rate: int) -> Source:
    """Draw a source: frequencies and rates evenly in octaves, other numbers evenly."""
    return Source(
        spec=spec,
        drawn=Drawn(
            numbers={
                key: draw(span, rng, octaves=key.endswith("_hz"))
                for key, span in spec.numbers.items()
            },
            words={key: words[int(rng.integers(len(words)))] for key, words in spec.words.items()},
            pools=spec.pools,
            duration_s=1.0,
            sample_rate=sample_rate,
            voice_seed=int(rng.integers(2**31)),
        ),
    )


def draw_room(spec: RoomSpec | None, *, rng: np.random.Generator) -> Room | None:
    """Draw a room, where the set has rooms."""
    if spec is None:
        return None
    return Room(
        rt60_s=draw(spec.rt60_s, rng),
        ratio_db=draw(spec.ratio_db, rng),
        size_m=draw(spec.size_m, rng),
    )


def render(
    source: Source, *, rng: np.random.Generator, duration_s: float, room: Room | None = None
) -> Sound:
    """One sound of a source, in its room.

    Raises:
        ConfigError: the recipe refuses what was drawn; the message names the class.
    """
    recipe = RECIPES[source.spec.sound]
    try:
        sound = recipe.make(replace(source.drawn, duration_s=duration_s), rng)
    except ConfigError as error:
        raise ConfigError(f"{source.spec.label} ({source.spec.sound}): {error}") from error
    if room is None:
        return sound
    return reverberate(sound, rt60_s=room.rt60_s, ratio_db=room.ratio_db, size_m=room.size_m)


def check_sounds(spec: SetSpec) -> None:
    """Make a short sound at either end of every range, before anything is written.

    Raises:
        ConfigError: one of them cannot be made, such as a tone above half of the sample rate.
    """
    for sound in (*spec.classes, *spec.backgrounds):
        for end in (0, 1):
            rng = np.random.default_rng(0)
            source = draw_source(sound, rng=rng, sample_rate=spec.sample_rate)
            numbers = {key: span[end] for key, span in sound.numbers.items()}
            extreme = replace(source, drawn=replace(source.drawn, numbers=numbers))
            render(extreme, rng=rng, duration_s=0.1)


def draw(span: Span, rng: np.random.Generator, *, octaves: bool = False) -> float:
    """A number of a range, each alike likely, or each octave alike likely."""
    low, high = span
    if octaves and low > 0:
        return float(np.clip(np.exp(rng.uniform(np.log(low), np.log(high))), low, high))
    return float(rng.uniform(low, high))
