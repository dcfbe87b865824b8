"""Rooms: a network of delays that feed each other, with a stated time of decay."""

import numpy as np
from jaxtyping import Float, Int64

from auricle.synth.checks import check_between
from auricle.synth.kernels import feedback_delays
from auricle.synth.sound import Sound, finish

_LINES = 16
_SOUND_M_S = 343.0


def reverberate(
    sound: Sound,
    *,
    rt60_s: float,
    ratio_db: float = 0.0,
    size_m: float = 8.0,
    high_rt60_s: float | None = None,
    peak: float | None = None,
) -> Sound:
    """Play a sound in a room: the sound itself, and what sixteen delay lines make of it.

    late = sum over k of ±line[k]; line[k] gets the sound and row k of a Hadamard matrix times all
    lines, d[k] samples late and times 10^(-3 d[k] / (rate rt60)): each way round falls alike. With
    ``high_rt60_s`` each line also passes one pole, which takes the rest from the high end.

    Args:
        sound: its onsets stay where they are; its end is lengthened by ``rt60_s``.
        rt60_s: time in which the late sound falls by 60 dB, s, 0.05 to 30.
        ratio_db: power of the sound itself over that of the late sound, dB, -40 to 60, as for a
            click: the direct-to-reverberant ratio.
        size_m: typical distance of the walls, m, 1 to 60; first echoes come after half of it.
        high_rt60_s: time of decay near half of the rate, s, at most rt60_s; the same if not given.
        peak: largest absolute sample; that of the sound if not given.
    Raises:
        ConfigError: a setting is out of range.
    Reference:
        Jot and Chaigne, "Digital delay networks for designing artificial reverberators", 90th
        Convention of the Audio Engineering Society, 1991.
    """
    check_between("rt60_s", rt60_s, 0.05, 30.0)
    check_between("ratio_db", ratio_db, -40.0, 60.0)
    check_between("size_m", size_m, 1.0, 60.0)
    high_s = rt60_s if high_rt60_s is None else high_rt60_s
    check_between("high_rt60_s", high_s, 0.1 * rt60_s, rt60_s)
    rate = sound.sample_rate
    delays = _delays(size_m, rate)
    gains = 10 ** (-3 * delays / (rate * rt60_s))
    ratio = 10 ** (-3 * delays / rate * (1 / high_s - 1 / rt60_s))
    poles = (1 - ratio) / (1 + ratio)  # one pole that passes 0 Hz whole, and `ratio` at the top
    click = np.zeros(int(rt60_s * rate) + int(delays.max()) + 1)
    click[0] = 1.0
    answer = _late(click, delays, gains, poles)
    level = 10 ** (-ratio_db / 20) / np.sqrt(np.sum(answer**2))
    dry = np.concatenate([sound.waveform.astype(np.float64), np.zeros(int(rt60_s * rate))])
    wave = dry + level * _late(dry, delays, gains, poles)
    before = float(np.abs(sound.waveform).max(initial=0.0))
    return finish(
        wave * _end(len(wave), rate),
        sample_rate=rate,
        peak=max(before, 1e-9) if peak is None else peak,
        events=sound.events,
        edge_s=0.0,
    )


def _late(
    dry: Float[np.ndarray, " time"],
    delays: Int64[np.ndarray, " lines"],
    gains: Float[np.ndarray, " lines"],
    poles: Float[np.ndarray, " lines"],
) -> Float[np.ndarray, " time"]:
    out = np.zeros(len(dry))
    signs = np.where(np.arange(_LINES) % 3 == 0, -1.0, 1.0)
    feedback_delays(dry, out, delays, gains, poles, signs)
    return out


def _end(num_samples: int, rate: int) -> Float[np.ndarray, " time"]:
    """The last 20 ms fade to nothing."""
    return np.clip(np.arange(num_samples)[::-1] / (0.02 * rate), 0.0, 1.0)


def _delays(size_m: float, rate: int) -> Int64[np.ndarray, " lines"]:
    """Sixteen different primes, samples: ways through the room of half to twice its size."""
    wanted = np.geomspace(0.5, 2.0, _LINES) * size_m / _SOUND_M_S * rate
    found: list[int] = []
    for length in wanted:
        number = max(int(length), 3, found[-1] + 1 if found else 0)
        while any(number % k == 0 for k in range(2, int(number**0.5) + 1)):
            number += 1
        found.append(number)
    return np.array(found, dtype=np.int64)
