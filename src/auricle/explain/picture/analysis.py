"""What is measured of each stretch of a recording, a row a column of the picture."""

from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float32

from auricle.dsp import power_spectrogram
from auricle.explain.picture.clock import Clock, Samples

Columns = Float32[np.ndarray, "columns values"]


@runtime_checkable
class Analysis(Protocol):
    """Measures stretch after stretch; `stretches` gives them."""

    context: int

    def add(self, stretch: Samples, *, context: int) -> None:
        """Measure a stretch that has ``context`` samples too many on either side."""
        ...


class Envelope:
    """The lowest and the highest sample of each column."""

    context = 0

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._parts: list[Columns] = []

    def add(self, stretch: Samples, *, context: int) -> None:
        """See `Analysis`."""
        middle = stretch[context : len(stretch) - context]
        cut = middle.reshape(-1, self.clock.column_samples)
        self._parts.append(np.stack([cut.min(axis=1), cut.max(axis=1)], axis=1))

    def columns(self) -> Columns:
        """[columns, 2]."""
        return np.concatenate(self._parts)[: self.clock.columns]


class Spectrum:
    """Power of each Fourier bin: of the loudest frame of each column, and on average.

    A full-scale sine has power 1.
    """

    def __init__(self, clock: Clock, *, n_fft: int, hop_length: int) -> None:
        self.clock, self.n_fft, self.hop_length = clock, n_fft, hop_length
        self.before = -(-n_fft // 2 // hop_length)  # frames, so that the first window is whole
        self.context = self.before * hop_length
        self._loudest: list[Columns] = []
        self._mean: list[Columns] = []

    def add(self, stretch: Samples, *, context: int) -> None:
        """See `Analysis`."""
        spare = context - self.context
        part = np.ascontiguousarray(stretch[spare : len(stretch) - spare])
        with torch.inference_mode():
            power = power_spectrogram(
                torch.from_numpy(part)[None], n_fft=self.n_fft, hop_length=self.hop_length
            )[0].numpy()
        frames = (len(stretch) - 2 * context) // self.hop_length
        kept = power[self.before : self.before + frames] / np.float32((self.n_fft / 4) ** 2)
        cut = kept.reshape(-1, self.clock.column_samples // self.hop_length, power.shape[1])
        self._loudest.append(cut.max(axis=1))
        self._mean.append(cut.mean(axis=1))

    def loudest(self) -> Columns:
        """[columns, bins]."""
        return np.concatenate(self._loudest)[: self.clock.columns]

    def mean(self) -> Columns:
        """[columns, bins]."""
        return np.concatenate(self._mean)[: self.clock.columns]
