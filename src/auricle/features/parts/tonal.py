"""Pitch, pitch classes and harmony."""

import math

import torch
from torch import Tensor

from auricle.dsp import chroma, chroma_of_cqt, cqt_bank, cqt_of_frames, tonnetz, yin_of_frames
from auricle.features.heard import Heard
from auricle.features.parts.part import Memory, Part, window_fft
from auricle.features.specs import Chroma, ChromaCqt, Clock, Pitch, Tonnetz

_NOTES = 12
_FRAMES_AT_ONCE = 64


class ChromaPart(Part):
    """Chroma of a window of its own, shared with `TonnetzPart`."""

    def __init__(self, spec: Chroma | Tonnetz, clock: Clock) -> None:
        self._win = max(clock.hop_length, round(spec.window_s * clock.sample_rate))
        super().__init__(spec, clock, frame_length=self._win)

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        return self.chroma(heard).float(), memory

    def chroma(self, heard: Heard) -> Tensor:
        """Twelve columns, in double precision: a thousand bins are summed."""

        def compute() -> Tensor:
            power = heard.power(self._win, window_fft(self._win)).double()
            return chroma(power, sample_rate=self.clock.sample_rate)

        return heard.once(("chroma", self._win), compute)


class TonnetzPart(ChromaPart):
    """Tonal centroid of the chroma."""

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        return tonnetz(self.chroma(heard)).float(), memory


class ChromaCqtPart(Part):
    """Chroma of `cqt_of_frames`, in double precision: its greatest entry is brought to 1."""

    def __init__(self, spec: ChromaCqt, clock: Clock) -> None:
        self._fmin = spec.fmin
        self._bank = cqt_bank(
            sample_rate=clock.sample_rate,
            fmin=spec.fmin,
            n_bins=_NOTES * spec.octaves(clock),
            bins_per_octave=_NOTES,
            dtype=torch.float64,
        )
        super().__init__(spec, clock, frame_length=max(self._bank.win_length, clock.hop_length))

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        frames = heard.frames(self._bank.win_length)
        parts = torch.split(frames, _FRAMES_AT_ONCE, dim=1)
        made = [cqt_of_frames(part.double(), self._bank).abs() for part in parts]
        notes = torch.cat(made, dim=1)
        return chroma_of_cqt(notes, bins_per_octave=_NOTES, fmin=self._fmin).float(), memory


class PitchPart(Part):
    """YIN on a window of two periods of the lowest pitch."""

    def __init__(self, spec: Pitch, clock: Clock) -> None:
        self._fmin, self._fmax = spec.fmin, min(spec.fmax, clock.sample_rate / 2)
        win = max(2 * math.ceil(clock.sample_rate / spec.fmin) + 2, clock.hop_length)
        super().__init__(spec, clock, frame_length=win)
        self._yin(torch.zeros(1, 1, win))  # refused early

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        return self._yin(heard.frames(self.frame_length)), memory

    def _yin(self, frames: Tensor) -> Tensor:
        found = yin_of_frames(
            frames, sample_rate=self.clock.sample_rate, fmin=self._fmin, fmax=self._fmax
        )
        voicing = (1 - found.aperiodicity).clamp(0, 1)
        pitch_hz = torch.where(voicing > 0, found.f0_hz, 0.0)  # silence has none
        return torch.stack([pitch_hz, voicing], dim=-1)
