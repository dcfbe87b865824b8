"""One hop of samples to one frame of normalised features, for several streams at once."""

import math

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from auricle.features import Compression, CompressionConfig, CompressionState, LogMel, LogMelState

_HOPS_KEPT = 4  # the samples are moved to the front of their memory once in so many hops
_MANY = 16  # streams from which four narrow products of mel filters beat a wide one
_NARROW_PRODUCTS = 4
Array = Float32[np.ndarray, "..."]


class FrontEndPlan:
    """Constants of `LogMel` and `Compression`."""

    def __init__(self, features: LogMel, compression: Compression) -> None:
        config = features.config
        self.hop, self.win, self.n_fft = config.hop_length, config.win_length, config.n_fft
        self.window: Array = features.window.detach().numpy().copy()
        bank = features.bank.detach()
        floor = 10.0 ** (config.floor_db / 10)
        self.one_product = cut_bank(bank, floor, parts=1)
        self.narrow_products = cut_bank(bank, floor, parts=min(_NARROW_PRODUCTS, bank.shape[1]))
        self.n_bins, self.n_mels = bank.shape
        self.mean: Array = compression.mean.detach().numpy().copy()
        self.scale: Array = (1 / compression.deviation.detach().double()).float().numpy()
        self.compression: CompressionConfig = compression.config
        time_constant = config.frame_rate * compression.config.time_constant_s  # frames
        self.update = np.float32(-math.expm1(-1 / time_constant))


class MelProduct:
    """Filters that lie side by side, over the bins under any of them: floor + power @ weight."""

    def __init__(self, bank: Float[Tensor, "bins mels"], floor: float, mels: slice) -> None:
        used = bank[:, mels].amax(dim=1).nonzero()[:, 0]
        first, last = int(used[0]), int(used[-1])
        self.mels, self.bins = mels, slice(first, last + 1)
        self.weight = bank[self.bins, mels].contiguous()
        self.floor = torch.full((self.weight.shape[1],), floor)


def cut_bank(
    bank: Float[Tensor, "bins mels"], floor: float, *, parts: int
) -> tuple[MelProduct, ...]:
    """The filter bank as products that leave out most of its zeros."""
    edges = [round(part * bank.shape[1] / parts) for part in range(parts + 1)]
    cuts = [slice(a, b) for a, b in zip(edges, edges[1:], strict=False)]
    return tuple(MelProduct(bank, floor, cut) for cut in cuts)


class FrontEndStep:
    """What `FrontEndPlan` needs of several streams: their last samples and levels."""

    def __init__(self, plan: FrontEndPlan, samples: LogMelState, level: CompressionState) -> None:
        batch, self._keep = samples.samples.shape
        self.plan, self._start = plan, 0
        self._heard = np.zeros((batch, self._keep + _HOPS_KEPT * plan.hop), dtype=np.float32)
        self._heard[:, : self._keep] = samples.samples.numpy()
        self._level = level.level.numpy().copy()
        self._padded = torch.zeros(batch, plan.n_fft)
        self._windowed = self._padded.numpy()[:, : plan.win]
        self._squares = np.zeros((batch, 2 * plan.n_bins), dtype=np.float32)
        power = torch.zeros(batch, plan.n_bins)
        self._power: Array = power.numpy()
        mel = torch.zeros(batch, plan.n_mels)
        self._mel: Array = mel.numpy()
        products = plan.one_product if batch < _MANY else plan.narrow_products
        self._products = [
            (part.floor, power[:, part.bins], part.weight, mel[:, part.mels]) for part in products
        ]

    def step(
        self, hop: Float32[np.ndarray, "streams hop"], out: Float32[np.ndarray, "streams mels"]
    ) -> None:
        """Hear one hop of each stream and write its features to ``out``."""
        plan, start = self.plan, self._start
        end = start + self._keep
        if end + plan.hop > self._heard.shape[1]:
            self._heard[:, : self._keep] = self._heard[:, start:end].copy()
            start, end = 0, self._keep
        self._heard[:, end : end + plan.hop] = hop
        self._start = start + plan.hop
        np.multiply(self._heard[:, start : start + plan.win], plan.window, out=self._windowed)
        spectrum = torch.fft.rfft(self._padded)  # the very transform of `LogMel`
        parts = spectrum.numpy().view(np.float32)  # re, im of one bin after the other
        squares = np.multiply(parts, parts, out=self._squares)
        np.add(squares[:, ::2], squares[:, 1::2], out=self._power)
        for floor, power, weight, mel in self._products:
            torch.addmm(floor, power, weight, out=mel)
        compressed = self._mel
        if plan.compression.kind == "pcen":
            self._divide_by_level()
        else:
            np.log(compressed, out=compressed)
        np.subtract(compressed, plan.mean, out=compressed)
        np.multiply(compressed, plan.scale, out=out)

    def _divide_by_level(self) -> None:
        """PCEN in place; equation as in `Compression`."""
        energy, level, c = self._mel, self._level, self.plan.compression
        before = np.where(level < 0, energy, level)
        level[:] = before + self.plan.update * (energy - before)
        energy *= np.exp(-c.gain * np.log(level + np.float32(c.eps)))
        energy[:] = (energy + c.bias) ** c.power - c.bias**c.power

    def state(self) -> tuple[LogMelState, CompressionState]:
        """As `LogMel` and `Compression` hold it."""
        samples = self._heard[:, self._start : self._start + self._keep]
        level = CompressionState(torch.from_numpy(self._level.copy()))
        return LogMelState(torch.from_numpy(samples.copy())), level
