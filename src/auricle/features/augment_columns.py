"""Augmentation of frames whose columns are any features: only what makes sense for all of them.

No bands are shifted, equalised or masked, and no noise is added in power: neighbouring columns
need not be neighbours in frequency, and most features are no powers.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.features.augment import AugmentConfig, Batch

_OFFSET_DEVIATIONS = 0.1  # of a column, for 3 dB of `AugmentConfig.eq_db`
_USUAL_EQ_DB = 3.0
_DROPPED_FEATURES = 0.1  # share of examples that lose a feature; only where there are several


class AugmentColumns:
    """Draws a variation of every example of a batch from its own random generator.

    Speed and shift: frames are stretched, and silence is put before them.
    Offset: a random constant on each column of a clip, a fraction of its deviation, as another
    microphone or place would make.
    Mixup: a weighted mean with another example, targets likewise (Zhang et al., "mixup: beyond
    empirical risk minimization", ICLR 2018).
    Masks: stripes of frames, and now and then one whole feature, become the clip's mean.
    """

    def __init__(
        self,
        config: AugmentConfig,
        *,
        silence: Float[Tensor, " columns"],
        deviation: Float[Tensor, " columns"],
        widths: Sequence[int],
        generator: torch.Generator,
    ) -> None:
        """Vary examples.

        Args:
            silence: what silence sounds like, column by column.
            deviation: of each column over the training set.
            widths: columns of each feature, in order.
        """
        self.config, self.generator = config, generator
        self.silence, self.deviation, self.widths = silence, deviation, tuple(widths)

    def __call__(self, batch: Batch) -> Batch:
        """A new batch; the one given is left alone."""
        frames, lengths = self._warp(batch.frames, batch.lengths)
        frames = frames + self._offsets(len(frames))
        frames, targets = self._mix(frames, batch.targets)
        return Batch(self._mask(frames, lengths), lengths, targets)

    def _uniform(self, *shape: int, low: float | int = 0.0, high: float | int = 1.0) -> Tensor:
        return low + (high - low) * torch.rand(*shape, generator=self.generator)

    def _warp(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Stretch frames by straight lines between neighbours, put silence before."""
        count, size, _ = frames.shape
        c = self.config
        stretch = (self._uniform(count, low=-1.0) * math.log1p(c.speed)).exp()
        shift = (self._uniform(count) * c.shift * lengths).floor()
        new_lengths = ((lengths * stretch).round().clamp(min=1) + shift).long()
        at = (torch.arange(int(new_lengths.max())) - shift[:, None]) / stretch[:, None]
        outside = (at < 0) | (at > lengths[:, None] - 1)
        low = at.clamp(0, size - 1).floor().long()
        high = (low + 1).clamp(max=size - 1)
        rows = torch.arange(count)[:, None]
        share = (at - low).clamp(0, 1)[..., None]
        warped = torch.lerp(frames[rows, low], frames[rows, high], share)
        return torch.where(outside[..., None], self.silence, warped), new_lengths

    def _offsets(self, count: int) -> Tensor:
        strength = _OFFSET_DEVIATIONS * self.config.eq_db / _USUAL_EQ_DB
        drawn = torch.randn(count, 1, len(self.deviation), generator=self.generator)
        return drawn * self.deviation * strength

    def _mix(self, frames: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        order = torch.randperm(len(frames), generator=self.generator)
        share = self._uniform(len(frames), 1, low=0.5, high=1.0)
        chosen = self._uniform(len(frames), 1) < self.config.mixup
        share = torch.where(chosen, share, 1.0)
        mixed = torch.lerp(frames[order], frames, share[..., None])
        return mixed, torch.lerp(targets[order], targets, share)

    def _mask(self, frames: Tensor, lengths: Tensor) -> Tensor:
        count, size, columns = frames.shape
        c = self.config
        hidden = torch.zeros(count, size, columns, dtype=torch.bool)
        times = torch.arange(size)
        for _ in range(c.time_masks):
            width = self._uniform(count, 1) * c.time_mask_width * lengths[:, None]
            start = self._uniform(count, 1) * (lengths[:, None] - width)
            hidden |= ((times >= start) & (times < start + width))[:, :, None]
        hidden |= self._dropped(count)[:, None]
        return torch.where(hidden, frames.mean(dim=1, keepdim=True), frames)

    def _dropped(self, count: int) -> Tensor:
        """Columns of the feature that an example loses, if it loses one."""
        features = torch.arange(len(self.widths)).repeat_interleave(torch.tensor(self.widths))
        loses = self._uniform(count, 1) < _DROPPED_FEATURES
        lost = torch.randint(len(self.widths), (count, 1), generator=self.generator)
        return loses & (features == lost) & (len(self.widths) > 1)
