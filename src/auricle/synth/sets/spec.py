"""What a spec says, checked: a set of clips, of scenes, or the demo's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from auricle.synth.checks import HIGHEST_RATE, LOWEST_RATE
from auricle.synth.sets.fields import Fields, Span
from auricle.synth.sets.recipes import RECIPES

Kind = Literal["clips", "scenes", "demo"]
Format = Literal["wav", "flac"]
_MOST = 1_000_000
_LABEL_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-")


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSpec:
    """One kind of sound: its recipe, and the ranges its sources are drawn from."""

    label: str
    sound: str
    numbers: dict[str, Span]
    words: dict[str, tuple[str, ...]]
    pools: dict[str, tuple[str, ...]]
    duration_s: Span
    snr_db: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSpec:
    """Ranges that the rooms are drawn from, one a group."""

    rt60_s: Span
    ratio_db: Span
    size_m: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSpec:
    """A whole set.

    Attributes:
        count: clips of each class, or scenes.
        per_group: clips of one source, or scenes that share their sources, room and background.
        duration_s: of a clip or scene.
        events: how many a scene has.
        max_overlap: how many of them sound at once, at most.
        level_db: root mean square of the background, dB re full scale.
        table: the description as it was read, which the folder remembers.
    """

    kind: Kind
    seed: int
    sample_rate: int
    format: Format
    count: int
    table: dict[str, object]
    per_group: int = 5
    duration_s: Span = (1.0, 2.5)
    events: tuple[int, int] = (1, 1)
    max_overlap: int = 1
    level_db: Span = (-50.0, -38.0)
    classes: tuple[SoundSpec, ...] = ()
    backgrounds: tuple[SoundSpec, ...] = ()
    room: RoomSpec | None = field(default=None)


def parse_spec(table: Mapping[str, object], *, seed: int | None = None) -> SetSpec:
    """Check a description and fill in what it leaves out.

    Args:
        table: as TOML or JSON gives it.
        seed: in place of its own.
    Raises:
        ConfigError: a key is unknown, or a value breaks its rule; the message names the key.
    """
    fields = Fields(table)
    kind = _one(fields, "kind", ("clips", "scenes", "demo"), "")
    own_seed = fields.whole("seed", low=0, high=2**31 - 1, default=0)
    sample_rate = fields.whole("sample_rate", low=LOWEST_RATE, high=HIGHEST_RATE, default=16000)
    used_seed = own_seed if seed is None else seed
    remembered = {**table, "seed": used_seed}
    match kind:
        case "demo":
            spec = SetSpec(
                kind="demo",
                seed=used_seed,
                sample_rate=sample_rate,
                format="wav",
                count=fields.whole("clips_per_class", low=1, high=_MOST, default=80),
                table=remembered,
            )
        case "clips":
            spec = _clips(fields, used_seed, sample_rate, remembered)
        case _:
            spec = _scenes(fields, used_seed, sample_rate, remembered)
    fields.finish()
    return spec


def _clips(fields: Fields, seed: int, sample_rate: int, table: dict[str, object]) -> SetSpec:
    duration_s = fields.span("duration_s", low=0.1, high=600.0, default=(1.0, 2.5))
    snr_db = fields.span("snr_db", low=-40.0, high=80.0, default=(10.0, 30.0))
    return SetSpec(
        kind="clips",
        seed=seed,
        sample_rate=sample_rate,
        format=_format(fields),
        count=fields.whole("clips_per_class", low=1, high=_MOST, default=50),
        per_group=fields.whole("clips_per_source", low=1, high=_MOST, default=5),
        duration_s=duration_s,
        level_db=fields.span("level_db", low=-90.0, high=-10.0, default=(-55.0, -35.0)),
        classes=_classes(fields, sample_rate=sample_rate, duration_s=duration_s, snr_db=snr_db),
        backgrounds=_backgrounds(fields, sample_rate),
        room=_room(fields),
        table=table,
    )


def _scenes(fields: Fields, seed: int, sample_rate: int, table: dict[str, object]) -> SetSpec:
    snr_db = fields.span("snr_db", low=-40.0, high=80.0, default=(5.0, 25.0))
    events = fields.span("events", low=0.0, high=1000.0, default=(3.0, 8.0))
    return SetSpec(
        kind="scenes",
        seed=seed,
        sample_rate=sample_rate,
        format=_format(fields),
        count=fields.whole("scenes", low=1, high=_MOST, default=50),
        per_group=fields.whole("scenes_per_group", low=1, high=_MOST, default=5),
        duration_s=fields.span("duration_s", low=0.5, high=3600.0, default=(10.0, 10.0)),
        events=(round(events[0]), round(events[1])),
        max_overlap=fields.whole("max_overlap", low=1, high=100, default=2),
        level_db=fields.span("level_db", low=-90.0, high=-10.0, default=(-50.0, -38.0)),
        classes=_classes(fields, sample_rate=sample_rate, duration_s=(0.3, 2.0), snr_db=snr_db),
        backgrounds=_backgrounds(fields, sample_rate),
        room=_room(fields),
        table=table,
    )


def _format(fields: Fields) -> Format:
    return "flac" if _one(fields, "format", ("wav", "flac"), "wav") == "flac" else "wav"


def _classes(
    fields: Fields, *, sample_rate: int, duration_s: Span, snr_db: Span
) -> tuple[SoundSpec, ...]:
    tables = fields.tables("classes")
    if len(tables) != 1 or not tables[0]:
        raise fields.wrong("classes", "a table for each class", None, "[classes.bell]")
    found = []
    for label, value in tables[0].items():
        if not label.strip() or not set(label) <= _LABEL_SIGNS or label != label.strip():
            raise fields.wrong("classes", "names of letters, digits, _ and -", label, "bell")
        if not isinstance(value, Mapping):
            raise fields.wrong(f"classes.{label}", "a table", value, "sound = 'sine'")
        found.append(
            _sound(
                value,
                name=fields.key(f"classes.{label}"),
                label=label,
                sample_rate=sample_rate,
                duration_s=duration_s,
                snr_db=snr_db,
            )
        )
    return tuple(found)


def _backgrounds(fields: Fields, sample_rate: int) -> tuple[SoundSpec, ...]:
    tables = fields.tables("background")
    given = tables or [{"sound": "noise", "exponent": [0.5, 2.0]}]
    return tuple(
        _sound(
            table,
            name="background" if len(given) == 1 else f"background[{place}]",
            label="background",
            sample_rate=sample_rate,
        )
        for place, table in enumerate(given)
    )


def _sound(
    table: Mapping[str, object],
    *,
    name: str,
    label: str,
    sample_rate: int,
    duration_s: Span | None = None,
    snr_db: Span = (0.0, 0.0),
) -> SoundSpec:
    fields = Fields(table, name=name)
    sound = _one(fields, "sound", tuple(RECIPES), "")
    recipe = RECIPES[sound]
    spec = SoundSpec(
        label=label,
        sound=sound,
        numbers={
            key: fields.span(
                key, low=number.low, high=number.high, default=number.usual(sample_rate)
            )
            for key, number in recipe.numbers.items()
        },
        words={
            key: fields.words(key, options=choice.options, default=choice.default)
            for key, choice in recipe.words.items()
        },
        pools={
            key: fields.words(key, options=choice.options, default=choice.default)
            for key, choice in recipe.pools.items()
        },
        duration_s=(1.0, 1.0)
        if duration_s is None
        else fields.span("duration_s", low=0.02, high=600.0, default=duration_s),
        snr_db=snr_db
        if duration_s is None
        else fields.span("snr_db", low=-40.0, high=80.0, default=snr_db),
    )
    fields.finish()
    return spec


def _room(fields: Fields) -> RoomSpec | None:
    tables = fields.tables("room")
    if not tables:
        return None
    if len(tables) != 1:
        raise fields.wrong("room", "one table", tables, "room = { rt60_s = [0.1, 0.6] }")
    room = Fields(tables[0], name=fields.key("room"))
    found = RoomSpec(
        rt60_s=room.span("rt60_s", low=0.05, high=30.0, default=(0.1, 0.6)),
        ratio_db=room.span("ratio_db", low=-40.0, high=60.0, default=(0.0, 15.0)),
        size_m=room.span("size_m", low=1.0, high=60.0, default=(3.0, 12.0)),
    )
    room.finish()
    return found


def _one(fields: Fields, key: str, options: tuple[str, ...], default: str) -> str:
    """One word of a list; it must be given where there is no default."""
    words = fields.words(key, options=options, default=(default,) if default else ())
    if len(words) != 1:
        got = None if not words else list(words)
        raise fields.wrong(key, f"one of {', '.join(options)}", got, f"{key} = '{options[0]}'")
    return words[0]
