"""Scenes: sounds placed over a background, each at its stated signal-to-noise ratio."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from auricle.errors import ConfigError, message
from auricle.synth.checks import check_between
from auricle.synth.sound import Sound, SoundEvent, edges, occupied_band, trimmed

_CUT_S = 0.005  # fade of a sound that is cut off by the end of its scene
_EDGE_S = 0.0005
_CEILING = 0.95
_HEARD = 0.03  # of the peak: what comes after the last sample above is a tail, not the event


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """A sound, when it begins, how far it stands out, and what it is called."""

    sound: Sound
    label: str
    onset_s: float
    snr_db: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stem:
    """One sound as it stands in the mixture: its samples from ``start`` on.

    The first ``num_heard`` are the event; a tail may follow.
    """

    start: int
    num_heard: int
    waveform: Float[np.ndarray, " time"]
    snr_db: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """A mixture with its parts: ``sound.waveform`` is the background plus all stems, in float32."""

    sound: Sound
    background: Float[np.ndarray, " time"]
    stems: tuple[Stem, ...]


def make_scene(
    placed: Sequence[Placed], *, background: Sound, level_db: float | None = None
) -> Scene:
    """Mix sounds over a background as long as the scene.

    SNR = 10 log10 of the mean square of the sound over the mean square of the background, both
    over the event's samples, from its onset to its offset. The event begins with the sound's first
    sample above 0.003 of its peak, exactly at ``onset_s``, and ends with its last above 0.03 of it
    (30 dB below the peak), or with the scene; what rings on after that is mixed in, too.

    Args:
        placed: in any order; may overlap; each begins before the scene ends.
        background: not silent where a sound is placed.
        level_db: root mean square of the background, dB re full scale, -90 to -10; as it is if not
            given. Background and sounds are lowered together where they would pass 0.95.
    Returns:
        The mixture, its events in order of time, and its parts.
    Raises:
        ConfigError: rates differ, the background is silent, or a sound begins outside.
    """
    ground = background.waveform.astype(np.float64)
    if level_db is not None:
        check_between("level_db", level_db, -90.0, -10.0)
        power = float(np.mean(ground**2)) if len(ground) else 0.0
        ground = ground * (10 ** (level_db / 20) / np.sqrt(power) if power > 0 else 0.0)
    ordered = sorted(placed, key=lambda item: item.onset_s)
    stems = [_stem(item, ground, background.sample_rate) for item in ordered]
    mixture = ground.copy()
    for stem in stems:
        mixture[stem.start : stem.start + len(stem.waveform)] += stem.waveform
    peak = float(np.abs(mixture).max(initial=0.0))
    gain = min(1.0, _CEILING / peak) if peak > 0 else 1.0
    events = [
        _event(item.label, stem, background.sample_rate)
        for item, stem in zip(ordered, stems, strict=True)
    ]
    return Scene(
        sound=Sound(
            waveform=(gain * mixture).astype(np.float32),
            sample_rate=background.sample_rate,
            events=tuple(events),
        ),
        background=gain * ground,
        stems=tuple(replace(stem, waveform=gain * stem.waveform) for stem in stems),
    )


def mix_at_snr(sound: Sound, background: Sound, *, snr_db: float) -> Sound:
    """A sound over a background of the same length, at a signal-to-noise ratio; its events stay.

    The ratio is that of the mean squares over the whole length, dB. Both are lowered together where
    they would pass 0.95.

    Raises:
        ConfigError: lengths or rates differ, or one of the two is silent.
    """
    check_between("snr_db", snr_db, -60.0, 100.0)
    if background.sample_rate != sound.sample_rate:
        raise _other_rate(sound.sample_rate, background.sample_rate)
    if len(background.waveform) != len(sound.waveform):
        raise ConfigError(
            message(
                "background",
                expected=f"{len(sound.waveform)} samples, as many as the sound",
                got=len(background.waveform),
                remedy="Make it with the same duration_s, or use make_scene.",
            )
        )
    front, ground = sound.waveform.astype(np.float64), background.waveform.astype(np.float64)
    mixture = front * _gain(front, ground, snr_db) + ground
    mixture *= min(1.0, _CEILING / float(np.abs(mixture).max()))
    return Sound(
        waveform=mixture.astype(np.float32), sample_rate=sound.sample_rate, events=sound.events
    )


def _stem(item: Placed, ground: Float[np.ndarray, " time"], rate: int) -> Stem:
    if item.sound.sample_rate != rate:
        raise _other_rate(item.sound.sample_rate, rate)
    check_between("snr_db", item.snr_db, -60.0, 100.0)
    start = round(item.onset_s * rate)
    if not 0 <= start < len(ground):
        raise ConfigError(
            message(
                "onset_s",
                expected=f"0 <= onset_s < {len(ground) / rate:g}, the length of the background",
                got=f"{item.onset_s:g}",
                remedy="Lengthen the background or place the sound earlier.",
            )
        )
    wave = trimmed(item.sound.waveform.astype(np.float64))
    cut = len(wave) > len(ground) - start
    wave = wave[: len(ground) - start]
    rounded = edges(len(wave), sample_rate=rate, edge_s=_CUT_S if cut else _EDGE_S)
    half = len(wave) // 2
    wave = np.concatenate([wave[:half], wave[half:] * rounded[half:]])
    heard = heard_length(wave)
    gain = _gain(wave[:heard], ground[start : start + heard], item.snr_db)
    return Stem(start=start, num_heard=heard, waveform=wave * gain, snr_db=item.snr_db)


def heard_length(waveform: Float[np.ndarray, " time"]) -> int:
    """How many samples of a sound are its event: up to the last above 0.03 of its peak."""
    loud = np.flatnonzero(np.abs(waveform) >= _HEARD * np.abs(waveform).max(initial=0.0))
    return int(loud[-1]) + 1 if len(loud) else 0


def _gain(
    front: Float[np.ndarray, " time"], ground: Float[np.ndarray, " time"], snr_db: float
) -> float:
    powers = {"sound": float(np.mean(front**2)), "background": float(np.mean(ground**2))}
    for name, power in powers.items():
        if not power > 0:
            raise ConfigError(
                message(
                    name,
                    expected="something that is not silent, so that it has a ratio",
                    got="silence",
                    remedy="Choose another, such as pink noise.",
                )
            )
    return float(np.sqrt(powers["background"] / powers["sound"] * 10 ** (snr_db / 10)))


def _event(label: str, stem: Stem, rate: int) -> SoundEvent:
    low_hz, high_hz = occupied_band(stem.waveform[: stem.num_heard], sample_rate=rate)
    return SoundEvent(
        label=label,
        onset_s=stem.start / rate,
        offset_s=(stem.start + stem.num_heard) / rate,
        low_hz=low_hz,
        high_hz=high_hz,
    )


def _other_rate(got: int, expected: int) -> ConfigError:
    return ConfigError(
        message(
            "sample_rate",
            expected=f"{expected} Hz, as of the background",
            got=got,
            remedy="Make both at the same rate.",
        )
    )
