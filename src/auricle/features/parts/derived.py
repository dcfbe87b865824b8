"""Slopes over frames, and columns held back."""

import torch
from torch import Tensor

from auricle.features.heard import Heard
from auricle.features.parts.part import Memory, Part
from auricle.features.specs import Clock, Delta


class DeltaPart(Part):
    """Regression slope over the last 2 * reach + 1 frames: that of the frame ``reach`` ago.

    d[i - reach] = sum_{n=1..reach} n * (v[i - reach + n] - v[i - reach - n]) / (2 sum n^2)

    Before the first frame, the first is repeated.
    """

    def __init__(self, spec: Delta, clock: Clock, *, of: Part) -> None:
        super().__init__(spec, clock, frame_length=of.frame_length)
        self._of, self._order, self._reach = of, spec.order, spec.reach
        n = torch.arange(-spec.reach, spec.reach + 1, dtype=torch.float64)
        self._weights = (n / n.square().sum()).float()

    def initial_memory(self, batch: int) -> Memory:
        nothing = torch.zeros(batch, 0, self._of.width)
        return (*(nothing.clone() for _ in range(self._order)), *self._of.initial_memory(batch))

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        values, of_memory = self._of(heard, memory[self._order :])
        kept = []
        for past in memory[: self._order]:
            values, past = self._slope(values, past)
            kept.append(past)
        return values, (*kept, *of_memory)

    def _slope(self, values: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        joined = with_past(values, past, held=2 * self._reach)
        slope = joined.unfold(1, 2 * self._reach + 1, 1) @ self._weights
        return slope, joined[:, joined.shape[1] - 2 * self._reach :].clone()


def with_past(values: Tensor, past: Tensor, *, held: int) -> Tensor:
    """``held`` frames of the past, then these; the first frame stands for those before it."""
    missing = held - past.shape[1]
    first = values[:, :1] if past.shape[1] == 0 else past[:, :1]
    return torch.cat([first.expand(-1, missing, -1), past, values], dim=1)
