"""Pitch classes and harmony."""

from torch import Tensor

from auricle.dsp import chroma, tonnetz
from auricle.features.heard import Heard
from auricle.features.parts.part import Memory, Part, window_fft
from auricle.features.specs import Chroma, Clock, Tonnetz


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
