"""Where the energy of the spectrum lies, and how it changes."""

from collections.abc import Callable

import torch
from torch import Tensor

from auricle.dsp import (
    lag_likeness,
    rise,
    spectral_bandwidth,
    spectral_centroid,
    spectral_contrast,
    spectral_entropy,
    spectral_flatness,
    spectral_rolloff,
    spectral_slope,
)
from auricle.features.heard import Heard
from auricle.features.parts.part import Memory, Part
from auricle.features.specs import (
    Bandwidth,
    Centroid,
    Clock,
    Contrast,
    Entropy,
    Flatness,
    Flux,
    OnsetStrength,
    Rolloff,
    Slope,
    Tempogram,
)

_FLOOR = 1e-10
Shape = Flatness | Centroid | Bandwidth | Rolloff | Contrast | Slope | Entropy


class ShapePart(Part):
    """A descriptor of the power spectrum of each frame alone."""

    def __init__(self, spec: Shape, clock: Clock) -> None:
        super().__init__(spec, clock)
        self._describe = _descriptor(spec, clock)
        self._describe(torch.zeros(1, 1, clock.n_fft // 2 + 1))  # refused early

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        columns = self._describe(heard.power())
        return columns if columns.ndim == 3 else columns[..., None], memory


def _descriptor(spec: Shape, clock: Clock) -> Callable[[Tensor], Tensor]:
    rate = clock.sample_rate
    match spec:
        case Flatness():
            return spectral_flatness
        case Entropy():
            return spectral_entropy
        case Centroid():
            return lambda power: spectral_centroid(power, sample_rate=rate)
        case Bandwidth():
            return lambda power: spectral_bandwidth(power, sample_rate=rate)
        case Slope():
            return lambda power: spectral_slope(power, sample_rate=rate)
        case Rolloff():
            return lambda power: spectral_rolloff(power, sample_rate=rate, share=spec.share)
        case Contrast():
            bands = spec.octaves(clock)
            return lambda power: spectral_contrast(
                power, sample_rate=rate, n_bands=bands, fmin=spec.fmin, range_db=None
            )


class RisePart(Part):
    """What is more than in the frame before; the first frame has no rise."""

    def __init__(self, spec: Flux | OnsetStrength, clock: Clock) -> None:
        super().__init__(spec, clock)
        self._n_mels = spec.n_mels if isinstance(spec, OnsetStrength) else None

    def initial_memory(self, batch: int) -> Memory:
        return (torch.zeros(batch, 0, self._n_mels or self.clock.n_fft // 2 + 1),)

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        values = heard.power().sqrt() if self._n_mels is None else _level_db(heard, self._n_mels)
        before = memory[0] if memory[0].shape[1] else None
        return rise(values, before)[..., None], (values[:, -1:].clone(),)


class TempogramPart(Part):
    """Autocorrelation of the onset strength of the last frames; no onsets before the first."""

    def __init__(self, spec: Tempogram, clock: Clock) -> None:
        super().__init__(spec, clock)
        self._onset = RisePart(OnsetStrength(n_mels=spec.n_mels), clock)
        self._window = clock.frames(spec.window_s)

    def initial_memory(self, batch: int) -> Memory:
        return (*self._onset.initial_memory(batch), torch.zeros(batch, self._window - 1))

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        rises, before = self._onset(heard, memory[:1])
        envelope = torch.cat([memory[1], rises[..., 0]], dim=1)
        likeness = lag_likeness(envelope.unfold(1, self._window, 1))
        held = envelope[:, envelope.shape[1] - (self._window - 1) :].clone()
        return likeness[..., 1 : self.width + 1], (*before, held)


def _level_db(heard: Heard, n_mels: int) -> Tensor:
    return heard.once(
        ("level_db", n_mels), lambda: 10 * heard.mel(n_mels).clamp(min=_FLOOR).log10()
    )
