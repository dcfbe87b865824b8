"""From a spec to the recordings of its set, one by one."""

from dataclasses import dataclass

import numpy as np

from auricle.synth.scenes import Placed, Scene, heard_length, make_scene
from auricle.synth.sets.drawing import Source, draw, draw_room, draw_source, render
from auricle.synth.sets.spec import SetSpec
from auricle.synth.sound import Sound, trimmed

_TRIES = 40
_APART_S = 0.05  # between two sounds of one class
_SPARE_S = 0.1  # left free at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One file of a set, before it is made."""

    number: int
    path: str
    group: str
    group_number: int
    label: str | None


def recordings_of(spec: SetSpec) -> list[Recording]:
    """All files of a set, in order."""
    if spec.kind == "scenes":
        return [
            Recording(
                number=number,
                path=f"scene_{number:05d}.{spec.format}",
                group=f"group{number // spec.per_group:03d}",
                group_number=number // spec.per_group,
                label=None,
            )
            for number in range(spec.count)
        ]
    found = []
    for sound in spec.classes:
        for number in range(spec.count):
            source, take = divmod(number, spec.per_group)
            group = f"{sound.label}{source:03d}"
            found.append(
                Recording(
                    number=number,
                    path=f"{sound.label}/{group}_{take}.{spec.format}",
                    group=group,
                    group_number=source,
                    label=sound.label,
                )
            )
    return found


def compose(spec: SetSpec, recording: Recording) -> Scene:
    """Make one file of a set: the same seed and number give the same samples."""
    place = 0
    if recording.label is not None:
        place = 1 + [sound.label for sound in spec.classes].index(recording.label)
    of_group = np.random.default_rng([spec.seed, 1, place, recording.group_number])
    room = draw_room(spec.room, rng=of_group)
    ground = spec.backgrounds[int(of_group.integers(len(spec.backgrounds)))]
    ground_source = draw_source(ground, rng=of_group, sample_rate=spec.sample_rate)
    sources = {
        sound.label: draw_source(sound, rng=of_group, sample_rate=spec.sample_rate)
        for sound in spec.classes
        if recording.label in (None, sound.label)
    }
    rng = np.random.default_rng([spec.seed, 2, place, recording.number])
    length_s = draw(spec.duration_s, rng)
    wanted = _wanted(spec, sources, rng)
    sounds = []
    for source in wanted:
        duration_s = min(draw(source.spec.duration_s, rng), length_s)
        sounds.append((source, render(source, rng=rng, duration_s=duration_s, room=room)))
    background = render(ground_source, rng=rng, duration_s=length_s)
    placed = _place(sounds, spec, length_s=length_s, rng=rng)
    return make_scene(placed, background=background, level_db=draw(spec.level_db, rng))


def _wanted(spec: SetSpec, sources: dict[str, Source], rng: np.random.Generator) -> list[Source]:
    """Which sources sound: the clip's own, or a few of all, each class once before any twice."""
    labels = list(sources)
    count = int(rng.integers(spec.events[0], spec.events[1] + 1)) if spec.kind == "scenes" else 1
    order: list[int] = []
    while len(order) < count:
        order += [int(place) for place in rng.permutation(len(labels))]
    return [sources[labels[place]] for place in order[:count]]


def _place(
    sounds: list[tuple[Source, Sound]],
    spec: SetSpec,
    *,
    length_s: float,
    rng: np.random.Generator,
) -> list[Placed]:
    """Find a place for each sound, so that no more than allowed overlap; what has none is out."""
    placed: list[Placed] = []
    spans: list[tuple[float, float, str]] = []
    for source, sound in sounds:
        lasts_s = heard_length(trimmed(sound.waveform)) / spec.sample_rate
        free_s = max(length_s - lasts_s - _SPARE_S, 0.0)
        snr_db = draw(source.spec.snr_db, rng)
        for onset_s in rng.uniform(0.0, free_s, size=_TRIES):
            span = (float(onset_s), float(onset_s) + lasts_s, source.spec.label)
            if _fits(span, spans, spec.max_overlap):
                spans.append(span)
                placed.append(
                    Placed(sound=sound, label=source.spec.label, onset_s=span[0], snr_db=snr_db)
                )
                break
    return placed


def _fits(span: tuple[float, float, str], spans: list[tuple[float, float, str]], most: int) -> bool:
    """Whether a further span keeps to the limit, and away from others of its class."""
    start, end, label = span
    others = [other for other in spans if other[0] < end and other[1] > start]
    near = [o for o in spans if o[0] < end + _APART_S and o[1] > start - _APART_S]
    if any(other[2] == label for other in near):
        return False
    moments = [start, *(other[0] for other in others if other[0] > start)]
    return all(
        1 + sum(other[0] <= moment < other[1] for other in others) <= most for moment in moments
    )
