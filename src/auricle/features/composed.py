"""Any features side by side on one clock: a causal front end that a model can be trained with."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.errors import ShapeError, message
from auricle.features.config import FeaturesConfig
from auricle.features.heard import Heard
from auricle.features.log_mel import HoldsSamples, LogMel
from auricle.features.parts import Memory, Part, build_part
from auricle.features.parts.derived import with_past

_MAX_FRAMES_AT_ONCE = 1024
_SETTLED_S = 1.0  # of silence, until every feature says what it says of silence


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

    def missing(self, state: HoldsSamples) -> int:
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


def silence_frame(front_end: LogMel | FeatureFrontEnd) -> Float[Tensor, " features"]:
    """What lasting silence sounds like, column by column; what pads clips."""
    if isinstance(front_end, LogMel):
        floor = math.log(10.0 ** (front_end.config.floor_db / 10))
        return torch.full((front_end.config.n_mels,), floor)
    config = front_end.config
    silence = torch.zeros(1, 1, round(_SETTLED_S * config.sample_rate))
    with torch.inference_mode():
        frames: Tensor = front_end(silence, front_end.initial_state(1))[0]
    return frames[0, -1].clone()


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
    if not waveform.is_floating_point() or not math.isfinite(float(waveform.detach().sum())):
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
