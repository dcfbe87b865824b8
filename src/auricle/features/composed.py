"""Any features side by side on one clock: a causal front end that a model can be trained with."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.dsp import mel_filter_bank
from auricle.errors import ConfigError, ShapeError, message
from auricle.features.heard import Heard
from auricle.features.parts import Memory, Part, build_part
from auricle.features.parts.derived import with_past
from auricle.features.parts.part import window_fft
from auricle.features.specs import Clock, Delta, Feature, FeatureSet, Spec, feature_named

_MAX_FRAMES_AT_ONCE = 4096
_MOST_DOUBLINGS = 7
_OVERLAP = 2.5  # windows of so many hops


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturesConfig:
    """Settings of `FeatureFrontEnd`; `features_for` fills in the clock.

    Attributes:
        sample_rate: Hz; no default, since guessing it is a bug.
        win_length: window of the features that have none of their own, samples.
        hop_length: step between frames, samples, 0 < hop_length <= win_length.
        n_fft: length of the shared Fourier transform, samples, >= win_length.
        features: what stands side by side, in this order; each at most once.
        aligned: hold all columns back to the slowest, so that a row tells of one moment (for
            tables). Otherwise every column is as new as it can be (for listening).
    """

    kind: Literal["features"] = "features"
    sample_rate: int
    win_length: int
    hop_length: int
    n_fft: int
    features: tuple[Feature, ...]
    aligned: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.hop_length <= self.win_length <= self.n_fft or self.sample_rate <= 0:
            lengths = f"{self.hop_length}, {self.win_length}, {self.n_fft} at {self.sample_rate} Hz"
            raise ConfigError(
                message(
                    "hop_length, win_length, n_fft, sample_rate",
                    expected="0 < hop_length <= win_length <= n_fft and sample_rate > 0",
                    got=lengths,
                    remedy="A hop longer than the window skips audio; lower it.",
                )
            )
        names = self.names
        if not names or len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise ConfigError(
                message(
                    "features",
                    expected="at least one feature, each once",
                    got=f"{', '.join(twice[:3])} twice" if twice else "none",
                    remedy="Name features as in mfcc,delta_mfcc,chroma.",
                )
            )

    @property
    def clock(self) -> Clock:
        """Hop and window."""
        return Clock(
            sample_rate=self.sample_rate,
            win_length=self.win_length,
            hop_length=self.hop_length,
            n_fft=self.n_fft,
        )

    @property
    def frame_rate(self) -> float:
        """Frames a second, Hz."""
        return self.sample_rate / self.hop_length

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each column."""
        clock = self.clock
        return tuple(name for spec in self.features for name in spec.columns(clock))

    @property
    def n_features(self) -> int:
        """How many columns."""
        return len(self.names)

    @property
    def delay_frames(self) -> tuple[int, ...]:
        """Of each column: frames by which what it tells lies behind the newest frame."""
        clock = self.clock
        delays = [(spec.delay_frames(), len(spec.columns(clock))) for spec in self.features]
        most = max(delay for delay, _ in delays)
        return tuple(
            most if self.aligned else delay for delay, width in delays for _ in range(width)
        )


def features_for(
    sample_rate: int,
    features: Sequence[str | Feature] | FeatureSet | Feature = ("mfcc",),
    *,
    hop_ms: float | int = 10.0,
    aligned: bool = False,
) -> FeaturesConfig:
    """Features at a sample rate: windows of 2.5 hops, n_fft at which every mel filter holds a bin.

    Args:
        sample_rate: Hz.
        features: names (``"mfcc"``, ``"delta_mfcc"``, ``"chroma"``, ...), values
            (``Mfcc(convention="kaldi")``) or a sum of values (``Mfcc() + Chroma()``).
        hop_ms: step between frames, milliseconds; rounded to whole samples.
        aligned: as in `FeaturesConfig`.
    Raises:
        ConfigError: an unknown name, or the same feature twice.
    """
    given = (features,) if isinstance(features, str | Spec) else tuple(features)
    specs = tuple(feature_named(one) if isinstance(one, str) else one for one in given)
    hop_length = max(1, round(sample_rate * hop_ms / 1000))
    win_length = max(2, round(_OVERLAP * hop_length))
    return FeaturesConfig(
        sample_rate=sample_rate,
        win_length=win_length,
        hop_length=hop_length,
        n_fft=_enough_bins(sample_rate, win_length, specs),
        features=specs,  # type: ignore[arg-type]
        aligned=aligned,
    )


class FeaturesState(NamedTuple):
    """The samples that later frames still need; each part's memory; columns held back."""

    samples: Float[Tensor, "batch held"]
    memories: tuple[Memory, ...]
    late: Memory


class FeatureFrontEnd(nn.Module):
    """Waveform to columns of features: ``forward(waveform, state) -> (frames, state)``.

    Frame i is computed from the samples that end at (i + 1) * hop_length, with silence before the
    first sample; so a frame is ready as soon as its hop is complete, and has seen nothing later.
    Features that look at the same spectrum share one Fourier transform a frame.

    Attributes:
        names: of the columns.
        delay_frames: of each column, as in `FeaturesConfig.delay_frames`.
    """

    causal = True

    def __init__(self, config: FeaturesConfig) -> None:
        """Build every part.

        Raises:
            ConfigError: a feature cannot be at this rate, window or transform; it is named.
        """
        super().__init__()
        self.config, self._clock = config, config.clock
        self.parts: list[Part] = [build_part(spec, self._clock) for spec in config.features]
        self.names, self.delay_frames = config.names, config.delay_frames
        self._longest = max(part.frame_length for part in self.parts)
        self._longest = max(self._longest, config.hop_length)
        delays = [spec.delay_frames() for spec in config.features]
        self._waits = [max(delays) - delay if config.aligned else 0 for delay in delays]
        self.window = torch.hann_window(config.win_length)  # says where samples belong

    def initial_state(self, batch: int) -> FeaturesState:
        """Silence before the first sample."""
        late = (torch.zeros(batch, 0, part.width) for part in self.parts)
        return FeaturesState(
            torch.zeros(batch, self._longest - self.config.hop_length),
            tuple(part.initial_memory(batch) for part in self.parts),
            tuple(late) if self.config.aligned else (),
        )

    def missing(self, state: FeaturesState) -> int:
        """Samples of silence that complete the last frame; 0 when nothing is left over."""
        over = state.samples.shape[1] - (self._longest - self.config.hop_length)
        return -over % self.config.hop_length

    def forward(
        self, waveform: Float[Tensor, "batch channels time"], state: FeaturesState
    ) -> tuple[Float[Tensor, "batch frames features"], FeaturesState]:
        """Frames that are complete after these samples, and what the next ones need.

        Args:
            waveform: one channel, in [-1, 1], at ``config.sample_rate``; any ``time`` >= 0.
        Raises:
            ShapeError: more or fewer than one channel, integers, or NaN.
        """
        _check(waveform)
        hop = self.config.hop_length
        samples = torch.cat([state.samples, waveform[:, 0]], dim=1)
        hops = (samples.shape[1] - self._longest) // hop + 1
        if hops <= 0:
            empty = samples.new_zeros(samples.shape[0], 0, len(self.names))
            return empty, state._replace(samples=samples)
        past, made = self._longest - hop, []
        memories, late = state.memories, state.late
        for first in range(0, hops, _MAX_FRAMES_AT_ONCE):
            end = past + min(hops, first + _MAX_FRAMES_AT_ONCE) * hop
            heard = Heard(samples[:, first * hop : end], self._clock, longest=self._longest)
            frames, memories, late = self._hear(heard, memories, late)
            made.append(frames)
        held = samples[:, hops * hop :].clone()
        frames = made[0] if len(made) == 1 else torch.cat(made, dim=1)
        return frames, FeaturesState(held, memories, late)

    def _hear(
        self, heard: Heard, memories: tuple[Memory, ...], late: Memory
    ) -> tuple[Tensor, tuple[Memory, ...], Memory]:
        columns, after, held = [], [], []
        for index, (part, memory) in enumerate(zip(self.parts, memories, strict=True)):
            values, memory = part(heard, memory)
            after.append(memory)
            if late:
                values, past = _wait(values, late[index], frames=self._waits[index])
                held.append(past)
            columns.append(values)
        joined = columns[0] if len(columns) == 1 else torch.cat(columns, dim=-1)
        return joined, tuple(after), tuple(held)


def build_features(config: FeaturesConfig) -> FeatureFrontEnd:
    """The front end that a configuration describes; all that other rooms need of it:

    ``.names`` and ``.delay_frames`` of its columns, ``.initial_state(batch)``,
    ``.forward(waveform [batch, 1, time], state) -> (frames [batch, frames, n], state)`` for any
    ``time``, and ``.missing(state)``: samples of silence that complete the last frame.

    >>> front_end = build_features(features_for(16000, ("mfcc", "flatness")))
    >>> frames, state = front_end(torch.zeros(1, 1, 16000), front_end.initial_state(1))
    >>> frames.shape, front_end.names[-1]
    (torch.Size([1, 100, 21]), 'flatness')

    Raises:
        ConfigError: a feature cannot be at this rate, window or transform; it is named.
    """
    return FeatureFrontEnd(config)


def clip_features(
    front_end: FeatureFrontEnd, waveform: Float[Tensor, "batch channels time"]
) -> Float[Tensor, "batch frames features"]:
    """All frames of whole clips, the last hop completed by silence.

    With ``aligned=True``, as many hops of silence follow as columns are late, and as many frames
    are left out at the start: row i then tells of hop i in every column.

    Raises:
        ShapeError: an empty waveform, more or fewer than one channel, integers, or NaN.
    """
    if waveform.shape[-1] == 0:
        remedy = "Leave clips of no length out."
        raise ShapeError(
            message("waveform", expected="at least one sample", got="none", remedy=remedy)
        )
    first, state = front_end(waveform, front_end.initial_state(waveform.shape[0]))
    wait = max(front_end.delay_frames) if front_end.config.aligned else 0
    silence = front_end.missing(state) + wait * front_end.config.hop_length
    last, _ = front_end(waveform.new_zeros(waveform.shape[0], 1, silence), state)
    return torch.cat([first, last], dim=1)[:, wait:]


def _wait(values: Tensor, past: Tensor, *, frames: int) -> tuple[Tensor, Tensor]:
    """Values of so many frames ago; the first stands for those before it."""
    if frames == 0:
        return values, past
    joined = with_past(values, past, held=frames)
    return joined[:, : values.shape[1]], joined[:, values.shape[1] :].clone()


def _enough_bins(sample_rate: int, win_length: int, specs: Sequence[Spec]) -> int:
    """The power of two from the window on at which every mel filter of these holds a bin."""
    plain = [spec.of if isinstance(spec, Delta) else spec for spec in specs]
    counts = [int(getattr(spec, "filters", getattr(spec, "n_mels", 1))) for spec in plain]
    shortest = window_fft(win_length)
    for n_fft in (shortest << doublings for doublings in range(_MOST_DOUBLINGS)):
        try:
            mel_filter_bank(sample_rate=sample_rate, n_fft=n_fft, n_mels=max(counts), fmin=0.0)
        except ConfigError:
            continue
        return n_fft
    return shortest  # the part will say what is wrong


def _check(waveform: Tensor) -> None:
    if waveform.ndim != 3 or waveform.shape[1] != 1:
        raise ShapeError(
            message(
                "waveform",
                expected="one channel, [batch, 1, time]",
                got=list(waveform.shape),
                remedy="Mix down first.",
            )
        )
    if not waveform.is_floating_point() or not isfinite(float(waveform.sum())):
        raise ShapeError(
            message(
                "waveform",
                expected="finite floating point samples in [-1, 1]",
                got=f"{waveform.dtype}, not all finite"
                if waveform.is_floating_point()
                else waveform.dtype,
                remedy="Divide int16 by 32768; take broken samples out.",
            )
        )
