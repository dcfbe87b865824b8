"""Scalogram and pitch: what takes longer than reading does."""

import numpy as np
import torch
from jaxtyping import Float32

from auricle.dsp import cwt, octave_frequencies, pyin
from auricle.explain.picture.analysis import Columns
from auricle.explain.picture.clock import Clock, Samples

_LOWEST_HZ = 40.0
_BANDS_PER_OCTAVE = 8
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
        self.context = int(_PERIODS * clock.sample_rate / low)
        self._parts: list[Columns] = []

    def add(self, stretch: Samples, *, context: int) -> None:
        """See `Analysis`."""
        spare = context - self.context
        part = np.ascontiguousarray(stretch[spare : len(stretch) - spare])
        waveform = torch.from_numpy(part)[None]
        self._parts.append(
            np.stack([self._row(waveform, hz) for hz in self.frequencies_hz], axis=1)
        )

    def _row(self, waveform: torch.Tensor, hz: float) -> Float32[np.ndarray, " columns"]:
        """One frequency at a time, so that memory stays small."""
        answer = cwt(waveform, sample_rate=self.clock.sample_rate, frequencies_hz=[hz])[0, :, 0]
        middle = answer[self.context : len(answer) - self.context].abs().square().numpy()
        scale = self.clock.sample_rate / hz
        loudest = middle.reshape(-1, self.clock.column_samples).max(axis=1) * (4 / scale)
        return np.asarray(loudest, dtype=np.float32)

    def columns(self) -> Columns:
        """[columns, frequencies], from the lowest."""
        return np.concatenate(self._parts)[: self.clock.columns]


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
