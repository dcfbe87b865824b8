"""What the samples alone tell: level, crossings, loudness."""

import torch
from torch import Tensor

from auricle.dsp import k_weight, power_to_lufs, root_mean_square, zero_crossing_rate
from auricle.features.heard import Heard
from auricle.features.parts.part import Memory, Part
from auricle.features.specs import Clock, Loudness, Rms, ZeroCrossings

_MOMENTARY_S, _SHORT_TERM_S = 0.4, 3.0


class SamplesPart(Part):
    """A descriptor of the samples of each frame alone."""

    def __init__(self, spec: Rms | ZeroCrossings, clock: Clock) -> None:
        super().__init__(spec, clock)
        self._describe = root_mean_square if isinstance(spec, Rms) else zero_crossing_rate

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        return self._describe(heard.frames(self.clock.win_length))[..., None], memory


class LoudnessPart(Part):
    """Mean square of the K-weighted sound over the last 0.4 s and 3 s, to the nearest hop."""

    def __init__(self, spec: Loudness, clock: Clock) -> None:
        super().__init__(spec, clock, frame_length=clock.hop_length)
        self._windows = clock.frames(_MOMENTARY_S), clock.frames(_SHORT_TERM_S)

    def initial_memory(self, batch: int) -> Memory:
        exact = torch.float64
        return (
            torch.zeros(batch, 2, 2, dtype=exact),
            torch.zeros(batch, self._windows[1] - 1, dtype=exact),
        )

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        hops = heard.hops
        y, filters = k_weight(hops, sample_rate=self.clock.sample_rate, memory=memory[0].numpy())
        squares = torch.from_numpy(y).square()
        power = squares.view(hops.shape[0], -1, self.clock.hop_length).mean(dim=-1)
        known = torch.cat([memory[1], power], dim=1)
        columns = [self._mean(known, window, power.shape[1]) for window in self._windows]
        lufs = power_to_lufs(torch.stack(columns, dim=-1)).to(hops.dtype)
        held = known[:, known.shape[1] - memory[1].shape[1] :].clone()
        return lufs, (torch.from_numpy(filters), held)

    def _mean(self, known: Tensor, window: int, frames: int) -> Tensor:
        stretches = known.unfold(1, window, 1)
        return stretches[:, stretches.shape[1] - frames :].mean(dim=-1)
