"""Scalogram and pitch: what takes longer than reading does."""

import numpy as np
import torch
from jaxtyping import Float32

from auricle.dsp import cwt, octave_frequencies, pyin
from auricle.explain.picture.analysis import Columns
from auricle.explain.picture.clock import Clock, Samples

_LOWEST_HZ = 40.0
_BANDS_PER_OCTAVE = 8
_PRECISION = 16  # of the wavelet's table: what leaks into low bands is 67 dB down
_PERIODS = 4.0  # of the lowest frequency that a wavelet reaches out
_PITCH_CONTEXT_S = 0.5  # a path through the pitches has forgotten what was longer ago
_PITCH_HOP_S = 0.005
_PITCH_PERIODS = 4.0


class Scalogram:
    """Power of a complex Morlet wavelet's answer at each frequency: the greatest of each column.

    A full-scale sine has power 1 at its own frequency, whatever that is.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        top = 0.45 * clock.sample_rate
        low = min(_LOWEST_HZ, top / 8)
        self.frequencies_hz = octave_frequencies(
            fmin=low, fmax=top, bands_per_octave=_BANDS_PER_OCTAVE
        )
        self.reach = int(_PERIODS * clock.sample_rate / low)
        self.context = self.reach + int(clock.sample_rate / low)
        self._hops = [_step(clock.column_samples, clock.sample_rate / hz)
                      for hz in self.frequencies_hz]  # fmt: skip
        self._parts: list[Columns] = []

    def add(self, stretch: Samples, *, context: int) -> None:
        """See `Analysis`."""
        count = (len(stretch) - 2 * context) // self.clock.column_samples
        found = np.empty((count, len(self._hops)), dtype=np.float32)
        for hop in sorted(set(self._hops)):
            bands = [index for index, one in enumerate(self._hops) if one == hop]
            found[:, bands] = self._loudest(stretch, hop, bands, context=context)
        self._parts.append(found)

    def _loudest(self, stretch: Samples, hop: int, bands: list[int], *, context: int) -> Columns:
        """Of bands that are looked at every so many samples, at most once in their period."""
        before = -(-self.reach // hop)
        spare = context - before * hop
        part = torch.from_numpy(np.ascontiguousarray(stretch[spare : len(stretch) - spare]))[None]
        wanted = [self.frequencies_hz[index] for index in bands]
        rate = self.clock.sample_rate
        answer = cwt(
            part, sample_rate=rate, frequencies_hz=wanted, hop_length=hop, precision=_PRECISION
        )[0]
        middle = answer[before:][: (len(stretch) - 2 * context) // hop].abs().square().numpy()
        each = middle.reshape(-1, self.clock.column_samples // hop, len(bands)).max(axis=1)
        scaled: Columns = each * (4 / rate * np.array(wanted, dtype=np.float32))
        return scaled

    def columns(self) -> Columns:
        """[columns, frequencies], from the lowest."""
        return np.concatenate(self._parts)[: self.clock.columns]


def _step(column_samples: int, period: float) -> int:
    """The greatest divisor of a column that is no longer than a period, samples.

    >>> _step(184, 9.5)
    8
    """
    return max(step for step in range(1, max(1, int(period)) + 1) if column_samples % step == 0)


class PitchTrack:
    """Pitch by pYIN, Hz: the median of each column's voiced frames, NaN where there is none.

    Where columns are shorter than 5 ms, only every so many of them has a frame.
    """

    def __init__(self, clock: Clock, *, range_hz: tuple[float, float]) -> None:
        self.clock, self.range_hz = clock, range_hz
        apart = max(1, int(_PITCH_HOP_S * clock.sample_rate / clock.short_hop))
        one_a_column = clock.short_hop == clock.column_samples
        self.hop_length = clock.short_hop * (apart if one_a_column else 1)
        periods = _PITCH_PERIODS * clock.sample_rate / range_hz[0]
        self.win_length = max(64, 1 << (int(periods) - 1).bit_length())
        self.win_length = max(self.win_length, 1 << (self.hop_length - 1).bit_length())
        before = int(_PITCH_CONTEXT_S * clock.sample_rate) + self.win_length
        self.context = -(-before // self.hop_length) * self.hop_length
        self._parts: list[Float32[np.ndarray, " frames"]] = []

    def add(self, stretch: Samples, *, context: int) -> None:
        """See `Analysis`."""
        spare = context - self.context
        part = np.ascontiguousarray(stretch[spare : len(stretch) - spare])
        low, high = self.range_hz
        pitch = pyin(
            torch.from_numpy(part)[None],
            sample_rate=self.clock.sample_rate,
            fmin=low,
            fmax=high,
            win_length=self.win_length,
            hop_length=self.hop_length,
        )
        f0_hz = np.where(pitch.voiced[0].numpy(), pitch.f0_hz[0].numpy(), np.nan)
        first = self.context // self.hop_length
        frames = -(-(len(stretch) - 2 * context) // self.hop_length)
        self._parts.append(f0_hz[first : first + frames].astype(np.float32))

    def columns(self) -> Float32[np.ndarray, " columns"]:
        """[columns]."""
        f0_hz = np.concatenate(self._parts)
        found = np.full(self.clock.columns, np.nan, dtype=np.float32)
        apart = self.hop_length // self.clock.column_samples
        if apart >= 1:
            places = np.arange(len(f0_hz)) * apart
            inside = places < len(found)
            found[places[inside]] = f0_hz[inside]
            return found
        cut = f0_hz.reshape(-1, self.clock.column_samples // self.hop_length)[: len(found)]
        voiced = np.isfinite(cut).any(axis=1)
        found[voiced] = np.nanmedian(cut[voiced], axis=1)
        return found
