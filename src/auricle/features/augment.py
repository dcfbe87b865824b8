"""Augmentation of log-mel frames, a batch at a time: what a recording might also have sounded like.

Everything works on log-mel power, so that it needs no waveform, costs little, and means what it
would mean for sound: gain adds, noise adds in power, a resonance adds a smooth curve over filters,
speed stretches frames, pitch shifts filters.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from torch import Tensor

from auricle.errors import ConfigError, message


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentConfig:
    """How strongly training examples are varied; zero turns a part off.

    Attributes:
        speed: largest relative change of duration, in [0, 0.5].
        pitch: largest relative shift of frequency, in [0, 0.5].
        gain_db: standard deviation of the level, dB.
        noise_probability: share of examples that get noise.
        snr_db: lowest and highest signal-to-noise ratio, dB.
        eq_db: standard deviation of each term of a random smooth curve over filters, dB.
        frequency_masks, frequency_mask_width: SpecAugment's stripes; width in share of filters.
        time_masks, time_mask_width: likewise over frames, in share of frames.
        mixup: share of examples that are mixed with another.
        shift: largest silence put before the clip, in share of its length.
    """

    speed: float = 0.15
    pitch: float = 0.12
    gain_db: float = 6.0
    noise_probability: float = 0.5
    snr_db: tuple[float, float] = (5.0, 40.0)
    eq_db: float = 3.0
    frequency_masks: int = 2
    frequency_mask_width: float = 0.15
    time_masks: int = 2
    time_mask_width: float = 0.12
    mixup: float = 0.6
    shift: float = 0.15

    def __post_init__(self) -> None:
        shares = (self.noise_probability, self.mixup, self.time_mask_width, self.shift)
        widths = (self.speed, self.pitch, self.frequency_mask_width)
        if not all(0 <= s <= 1 for s in shares) or not all(0 <= w <= 0.5 for w in widths):
            raise ConfigError(
                message(
                    "augment",
                    expected="probabilities and shares in [0, 1], speed, pitch and widths <= 0.5",
                    got=(*shares, *widths),
                    remedy="Use the defaults, or 0 to turn a part off.",
                )
            )


@dataclass(slots=True)
class Batch:
    """Padded examples.

    Attributes:
        frames: log-mel [batch, frames, mels].
        lengths: valid frames of each.
        targets: share of each class [batch, classes]; rows sum to 1.
    """

    frames: Float[Tensor, "batch frames mels"]
    lengths: Int[Tensor, " batch"]
    targets: Float[Tensor, "batch classes"]


class Augment:
    """Draws a variation of every example of a batch from its own random generator."""

    def __init__(
        self,
        config: AugmentConfig,
        *,
        floor: float,
        generator: torch.Generator,
        noise: Sequence[Float32[np.ndarray, "_ mels"]] | None = None,
    ) -> None:
        """Vary examples.

        Args:
            floor: the log-mel value of silence.
            noise: background to add, in place of noise of a random colour.
        """
        self.config, self.floor, self.generator = config, floor, generator
        self.noise = noise

    def __call__(self, batch: Batch) -> Batch:
        """A new batch; the one given is left alone."""
        frames, lengths = self._warp(batch.frames, batch.lengths)
        frames = self._equalise(frames)
        frames, targets, lengths = self._mix(frames, batch.targets, lengths)
        frames = self._add_noise(frames)
        return Batch(self._mask(frames, lengths), lengths, targets)

    def _uniform(self, *shape: int, low: float | int = 0.0, high: float | int = 1.0) -> Tensor:
        return low + (high - low) * torch.rand(*shape, generator=self.generator)

    def _normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self.generator)

    def _warp(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Stretch frames by a factor, shift filters by another, put silence before."""
        count, size, mels = frames.shape
        c = self.config
        stretch = (self._uniform(count, low=-1.0) * math.log1p(c.speed)).exp()
        ratio = (self._uniform(count, low=-1.0) * math.log1p(c.pitch)).exp()
        shift = (self._uniform(count) * c.shift * lengths).floor()
        new_lengths = ((lengths * stretch).round().clamp(min=1) + shift).long()
        new_size = int(new_lengths.max())
        at = (torch.arange(new_size) - shift[:, None]) / stretch[:, None]
        frames = torch.cat([frames, frames.new_full((count, 1, mels), self.floor)], dim=1)
        at = torch.where((at < 0) | (at > lengths[:, None] - 1), float(size), at).clamp(max=size)
        bands = (torch.arange(mels) + mels / 4) * ratio[:, None] - mels / 4
        grid_y = at * 2 / size - 1 if size else at
        grid_x = bands.clamp(0, mels - 1) * 2 / (mels - 1) - 1
        grid = torch.stack(
            [
                grid_x[:, None, :].expand(count, new_size, mels),
                grid_y[:, :, None].expand(count, new_size, mels),
            ],
            dim=-1,
        )
        warped = torch.nn.functional.grid_sample(frames[:, None], grid, align_corners=True)
        return warped[:, 0], new_lengths

    def _equalise(self, frames: Tensor) -> Tensor:
        """Add a level and a random smooth curve of three cosines; silence stays at the floor."""
        count, _, mels = frames.shape
        nepers = math.log(10) / 10
        where = torch.arange(mels) / mels * math.pi
        orders = torch.arange(1, 4)
        phases = self._uniform(count, 3, high=2 * math.pi)
        waves = torch.cos(orders[None, :, None] * where + phases[..., None])
        amplitudes = self._normal(count, 3) * self.config.eq_db * nepers
        curve = (amplitudes[..., None] * waves).sum(dim=1)
        gain = self._normal(count, 1) * self.config.gain_db * nepers
        return (frames + (curve + gain)[:, None]).clamp(min=self.floor)

    def _mix(
        self, frames: Tensor, targets: Tensor, lengths: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Add another example of the batch, brought to the same level, and its share to the target.

        Shares r and 1 - r are of amplitude, so r^2 and (1 - r)^2 of power, as in Tokozume et al.,
        "Learning from between-class examples for deep sound recognition", ICLR 2018.
        """
        count = frames.shape[0]
        order = torch.randperm(count, generator=self.generator)
        share = self._uniform(count, low=0.5, high=1.0)
        chosen = self._uniform(count) < self.config.mixup
        share = torch.where(chosen, share, 1.0)
        level = frames.exp().mean(dim=(1, 2)).log()
        total = (share.square() + (1 - share).square()).log()
        own = 2 * share.log() - total
        other = 2 * (1 - share).clamp(min=1e-6).log() - total + level - level[order]
        mixed = torch.logaddexp(frames + own[:, None, None], frames[order] + other[:, None, None])
        mixed = torch.where(chosen[:, None, None], mixed, frames)
        weight = share[:, None]
        return mixed, weight * targets + (1 - weight) * targets[order], lengths

    def _add_noise(self, frames: Tensor) -> Tensor:
        """Add background, or noise of a random slope, at a random ratio."""
        noise = self._coloured_noise(frames) if not self.noise else self._background(frames)
        low, high = self.config.snr_db
        count = frames.shape[0]
        snr = self._uniform(count, 1, 1, low=low, high=high) * math.log(10) / 10
        signal_level = frames.exp().mean(dim=(1, 2), keepdim=True).log()
        noise_level = noise.exp().mean(dim=(1, 2), keepdim=True).log()
        noisy = torch.logaddexp(frames, noise + signal_level - noise_level - snr)
        chosen = self._uniform(count, 1, 1) < self.config.noise_probability
        return torch.where(chosen, noisy, frames)

    def _coloured_noise(self, frames: Tensor) -> Tensor:
        """Power of Gaussian noise: exponentially distributed around a straight slope."""
        count, size, mels = frames.shape
        slope = self._uniform(count, 1, 1, low=-4.0, high=1.0)
        fluctuation = -self._uniform(count, size, mels).clamp(min=1e-4).log()
        return slope * torch.linspace(0, 1, mels) + fluctuation.clamp(min=1e-4).log()

    def _background(self, frames: Tensor) -> Tensor:
        """A random stretch of the background for every example, repeated where it is short."""
        assert self.noise is not None
        size = frames.shape[1]
        stretches = []
        for pick in torch.randint(len(self.noise), (len(frames),), generator=self.generator):
            source = self.noise[int(pick)]
            start = int(torch.randint(len(source), (1,), generator=self.generator))
            index = (start + np.arange(size)) % len(source)
            stretches.append(torch.from_numpy(np.array(source[index])))
        return torch.stack(stretches)

    def _mask(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Put the mean of the example on random stripes of filters and of frames."""
        count, size, mels = frames.shape
        c = self.config
        hidden = torch.zeros(count, size, mels, dtype=torch.bool)
        bands, times = torch.arange(mels), torch.arange(size)
        for _ in range(c.frequency_masks):
            width = self._uniform(count, 1) * c.frequency_mask_width * mels
            start = self._uniform(count, 1) * (mels - width)
            hidden |= ((bands >= start) & (bands < start + width))[:, None, :]
        for _ in range(c.time_masks):
            width = self._uniform(count, 1) * c.time_mask_width * lengths[:, None]
            start = self._uniform(count, 1) * (lengths[:, None] - width)
            hidden |= ((times >= start) & (times < start + width))[:, :, None]
        return torch.where(hidden, frames.mean(dim=(1, 2), keepdim=True), frames)
