"""A sound with its labels: what every function of this room returns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Float32

from auricle.errors import ConfigError, message
from auricle.synth.checks import check_between, check_rate

EDGE_S = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundEvent:
    """What is heard from when to when, s from the start, and the band it fills, Hz."""

    label: str
    onset_s: float
    offset_s: float
    low_hz: float | None = None
    high_hz: float | None = None

    def later(self, seconds: float) -> "SoundEvent":
        """The same event, moved in time."""
        return replace(self, onset_s=self.onset_s + seconds, offset_s=self.offset_s + seconds)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sound:
    """One channel of samples in [-1, 1], and what it holds."""

    waveform: Float32[np.ndarray, " time"]
    sample_rate: int
    events: tuple[SoundEvent, ...] = ()

    @property
    def duration_s(self) -> float:
        """Length, s."""
        return len(self.waveform) / self.sample_rate


def finish(
    waveform: Float[np.ndarray, " time"],
    *,
    sample_rate: int,
    peak: float,
    events: Sequence[SoundEvent] = (),
    edge_s: float = EDGE_S,
) -> Sound:
    """Round both ends off, and scale so that the largest sample is ``peak``.

    Args:
        waveform: any amplitude, at least one sample.
        sample_rate: Hz.
        peak: largest absolute sample of the result, above 0 and at most 1.
        events: what the sound holds.
        edge_s: length of the rise and of the fall, s: half a cosine each; 0 leaves the ends alone.
    Raises:
        ConfigError: the peak is out of range.
    """
    if not 0 < peak <= 1:
        raise ConfigError(
            message(
                "peak",
                expected="0 < peak <= 1, full scale",
                got=f"{peak:g}",
                remedy="A peak above 1 would clip; 0.5 is a good choice.",
            )
        )
    rounded = waveform * edges(len(waveform), sample_rate=sample_rate, edge_s=edge_s)
    largest = float(np.abs(rounded).max(initial=0.0))
    scaled = rounded * (peak / largest) if largest > 0 else rounded
    return Sound(
        waveform=np.clip(scaled, -peak, peak).astype(np.float32),
        sample_rate=sample_rate,
        events=tuple(events),
    )


def edges(num_samples: int, *, sample_rate: int, edge_s: float) -> Float[np.ndarray, " time"]:
    """A gain that rises at the start and falls at the end by half a cosine, and is 1 between."""
    size = min(round(edge_s * sample_rate), num_samples // 2)
    gain = np.ones(num_samples)
    if size > 0:
        rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(size) + 0.5) / size)
        gain[:size], gain[num_samples - size :] = rise, rise[::-1]
    return gain


def whole(
    label: str,
    num_samples: int,
    sample_rate: int,
    *,
    low_hz: float | None = None,
    high_hz: float | None = None,
) -> tuple[SoundEvent, ...]:
    """One event from the first sample to the last."""
    return (
        SoundEvent(
            label=label,
            onset_s=0.0,
            offset_s=num_samples / sample_rate,
            low_hz=low_hz,
            high_hz=high_hz,
        ),
    )


def adsr(
    *,
    duration_s: float,
    sample_rate: int = 16000,
    attack_s: float = 0.01,
    decay_s: float = 0.1,
    sustain: float = 0.7,
    release_s: float = 0.1,
) -> Float[np.ndarray, " time"]:
    """The envelope of a keyboard's note: straight lines through 0, 1, sustain, sustain and 0.

    0 at time 0; 1 at attack_s; sustain from attack_s + decay_s to duration_s - release_s; 0 at
    duration_s.

    Args:
        duration_s: s, at least attack_s + decay_s + release_s.
        sample_rate: Hz.
        attack_s: s, > 0.
        decay_s: s, > 0.
        sustain: 0 to 1.
        release_s: s, > 0.
    Raises:
        ConfigError: a setting is out of range, or the parts last longer than the whole.
    """
    check_rate(sample_rate)
    check_between("sustain", sustain, 0.0, 1.0)
    for name, part in (("attack_s", attack_s), ("decay_s", decay_s), ("release_s", release_s)):
        check_between(name, part, 1e-6, 3600.0)
    parts_s = attack_s + decay_s + release_s
    if not parts_s <= duration_s <= 3600.0:
        raise ConfigError(
            message(
                "duration_s",
                expected=f"attack_s + decay_s + release_s = {parts_s:g} <= duration_s <= 3600",
                got=f"{duration_s:g}",
                remedy="Shorten the parts or lengthen the sound.",
            )
        )
    time_s = np.arange(round(duration_s * sample_rate)) / sample_rate
    corners = (0.0, attack_s, attack_s + decay_s, duration_s - release_s, duration_s)
    return np.asarray(np.interp(time_s, corners, (0.0, 1.0, sustain, sustain, 0.0)))


def with_envelope(sound: Sound, envelope: Float[np.ndarray, " time"]) -> Sound:
    """The sound times an envelope of the same length; the peak stays what it was.

    Raises:
        ConfigError: the envelope has another length.
    """
    if len(envelope) != len(sound.waveform):
        raise ConfigError(
            message(
                "envelope",
                expected=f"{len(sound.waveform)} samples, as many as the sound",
                got=f"{len(envelope)}",
                remedy="Make it with the same duration_s and sample_rate.",
            )
        )
    peak = float(np.abs(sound.waveform).max(initial=0.0))
    shaped = sound.waveform * envelope
    return finish(
        shaped,
        sample_rate=sound.sample_rate,
        peak=max(peak, 1e-9),
        events=sound.events,
        edge_s=0.0,
    )


def occupied_band(
    waveform: Float[np.ndarray, " time"], *, sample_rate: int, share: float = 0.9
) -> tuple[float, float]:
    """Where a sound lies: the frequencies with (1 - share)/2 of its power below, and above, Hz.

    Args:
        waveform: any amplitude; silence gives the whole band.
        sample_rate: Hz.
        share: of the power, above 0 and below 1.
    """
    power = np.abs(np.fft.rfft(waveform.astype(np.float64) - float(waveform.mean()))) ** 2
    total = np.cumsum(power)
    if not total[-1] > 0:
        return 0.0, sample_rate / 2
    places = np.searchsorted(total, total[-1] * np.array([(1 - share) / 2, (1 + share) / 2]))
    low, high = np.minimum(places, len(power) - 1) * (sample_rate / len(waveform))
    return float(low), float(high)


def trimmed(
    waveform: Float[np.ndarray, " time"], *, below: float = 0.003
) -> Float[np.ndarray, " loud"]:
    """Without the samples at either end that lie below a share of the peak; silence stays whole."""
    loud = np.flatnonzero(np.abs(waveform) > below * np.abs(waveform).max(initial=0.0))
    return waveform[loud[0] : loud[-1] + 1] if len(loud) else waveform[:]
