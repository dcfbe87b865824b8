"""What one call has to look at, analysed once for all features that look at it."""

from collections.abc import Callable, Hashable
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp import NarrowFilters, framed_power, mel_energy, mel_filter_bank, narrow_filters
from auricle.features.specs import Clock

_MANY_FRAMES = 64


class Heard:
    """Some complete hops and the samples before them that any feature still looks at.

    Frame i of every length ends where hop i ends. Spectra, filters and whatever features share
    are computed when first asked for and kept for the others.
    """

    def __init__(self, samples: Float[Tensor, "batch time"], clock: Clock, *, longest: int) -> None:
        """``samples``: longest - hop_length of the past, then whole hops."""
        self.samples, self.clock, self._longest = samples, clock, longest
        self._known: dict[Hashable, Tensor] = {}

    def once(self, key: Hashable, compute: Callable[[], Tensor]) -> Tensor:
        """What ``compute`` gives, computed at the first call with this key."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = compute()
        return found

    @property
    def hops(self) -> Float[Tensor, "batch time"]:
        """The hops alone."""
        return self.samples[:, self._longest - self.clock.hop_length :]

    def frames(self, length: int) -> Float[Tensor, "batch frames {length}"]:
        """The last ``length`` samples at the end of each hop; a view."""
        return self.samples[:, self._longest - length :].unfold(1, length, self.clock.hop_length)

    def power(
        self, win_length: int | None = None, n_fft: int | None = None
    ) -> Float[Tensor, "batch frames bins"]:
        """Squared magnitude of the Fourier transform under a Hann window; the clock's if None."""
        win_length, n_fft = win_length or self.clock.win_length, n_fft or self.clock.n_fft
        return self.once(("power", win_length, n_fft), lambda: self._power(win_length, n_fft))

    def mel(self, n_mels: int) -> Float[Tensor, "batch frames mels"]:
        """Mel power, filters of unit area, as librosa's."""

        def compute() -> Tensor:
            power, rate, n_fft = self.power(), self.clock.sample_rate, self.clock.n_fft
            if _many(power):
                return mel_energy(power, _narrow_bank(rate, n_fft, n_mels=n_mels))
            return power @ mel_bank(rate, n_fft, n_mels=n_mels)

        return self.once(("mel", n_mels), compute)

    def _power(self, win_length: int, n_fft: int) -> Tensor:
        frames = self.frames(win_length)
        if _many(frames):
            return framed_power(frames, hann(win_length), n_fft=n_fft)
        spectrum = torch.fft.rfft(frames * hann(win_length), n=n_fft)
        power: Tensor = spectrum.real.square() + spectrum.imag.square()
        return power


def _many(frames: Tensor) -> bool:
    """Frames enough that compiled kernels pay; for a few hops of a stream they are not loaded."""
    plain = frames.dtype == torch.float32 and not frames.requires_grad
    return plain and frames.shape[1] >= _MANY_FRAMES


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # what is kept must serve gradients too
def hann(length: int) -> Float[Tensor, "{length}"]:
    """A periodic Hann window; never written to."""
    return torch.hann_window(length, dtype=torch.float64).float()


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # what is kept must serve gradients too
def mel_bank(
    sample_rate: int, n_fft: int, *, n_mels: int, fmin: float = 0.0, fmax: float | None = None
) -> Float[Tensor, "bins {n_mels}"]:
    """`mel_filter_bank`, made once; never written to."""
    return mel_filter_bank(
        sample_rate=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax
    )


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # what is kept must serve gradients too
def _narrow_bank(sample_rate: int, n_fft: int, *, n_mels: int) -> NarrowFilters:
    """`mel_bank` without its zeros."""
    return narrow_filters(mel_bank(sample_rate, n_fft, n_mels=n_mels))
