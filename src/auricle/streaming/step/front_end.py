"""One hop of samples to one frame of normalised features, for several streams at once."""

import math
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from auricle.features import Compression, CompressionConfig, CompressionState, LogMel, LogMelState
from auricle.streaming.step.compiled import kernels_for

_HOPS_KEPT = 4  # the samples are moved to the front of their memory once in so many hops
_MANY = 16  # streams from which four narrow products of mel filters beat a wide one
_NARROW_PRODUCTS = 4
_ROWS_AT_ONCE = 128  # streams whose spectra stay in the processor's cache
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


class Block(NamedTuple):
    """Some rows of a `FrontEndStep`, and room to work in, which blocks share."""

    heard: Float32[np.ndarray, "rows samples"]
    windowed: Float32[np.ndarray, "rows win"]
    padded: Float[Tensor, "rows n_fft"]
    power: Float32[np.ndarray, "rows bins"]
    products: list[tuple[Tensor, Tensor, Tensor, Tensor]]


class FrontEndStep:
    """What `FrontEndPlan` needs of several streams: their last samples and levels."""

    def __init__(self, plan: FrontEndPlan, samples: LogMelState, level: CompressionState) -> None:
        batch, self._keep = samples.samples.shape
        self.plan, self._start, self._kernels = plan, 0, kernels_for(batch)
        self._heard = np.zeros((batch, self._keep + _HOPS_KEPT * plan.hop), dtype=np.float32)
        self._heard[:, : self._keep] = samples.samples.numpy()
        self._level = level.level.numpy().copy()
        mel = torch.zeros(batch, plan.n_mels)
        self._mel: Array = mel.numpy()
        rows = min(batch, _ROWS_AT_ONCE)
        padded, power = torch.zeros(rows, plan.n_fft), torch.zeros(rows, plan.n_bins)
        starts = range(0, batch, rows)
        self._blocks = [self._block(padded, power, mel, start) for start in starts]

    def _block(self, padded: Tensor, power: Tensor, mel: Tensor, start: int) -> Block:
        rows = slice(start, min(mel.shape[0], start + padded.shape[0]))
        padded, power = padded[: rows.stop - start], power[: rows.stop - start]
        few = mel.shape[0] < _MANY
        products = [
            (part.floor, power[:, part.bins], part.weight, mel[rows, part.mels])
            for part in (self.plan.one_product if few else self.plan.narrow_products)
        ]
        windowed = padded.numpy()[:, : self.plan.win]
        return Block(self._heard[rows], windowed, padded, power.numpy(), products)

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
        for block in self._blocks:
            self._analyse(block, slice(start, start + plan.win))
        compressed = self._mel
        if plan.compression.kind == "pcen":
            self._divide_by_level()
        else:
            np.log(compressed, out=compressed)
        np.subtract(compressed, plan.mean, out=compressed)
        np.multiply(compressed, plan.scale, out=out)

    def _analyse(self, block: Block, samples: slice) -> None:
        """Mel power of one frame of each row."""
        np.multiply(block.heard[:, samples], self.plan.window, out=block.windowed)
        spectrum = torch.fft.rfft(block.padded)  # the very transform of `LogMel`
        parts = spectrum.numpy().view(np.float32)  # re, im of one bin after the other
        if self._kernels is None:
            np.multiply(parts, parts, out=parts)
            np.add(parts[:, ::2], parts[:, 1::2], out=block.power)
        else:
            self._kernels.power_of(parts, block.power)
        for floor, power, weight, mel in block.products:
            torch.addmm(floor, power, weight, out=mel)

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
