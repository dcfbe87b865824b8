"""What one clip sounds like, in figures, from one pass over it."""

import hashlib
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from auricle.data.clip import Clip
from auricle.errors import AudioError
from auricle.io import Channel, audio_info

SILENCE_PEAK = 1e-3  # -60 dBFS
CLIPPED_RUN = 3  # samples in a row at full scale
_FULL_SCALE = 0.999
_PIECES_PER_S = 20  # silence is looked for in pieces of 50 ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounding:
    """Measurements of a clip.

    Attributes:
        error: why it cannot be read; the rest is then 0.
        empty: whether there is no sound in it at all, rather than broken sound.
        sample_rate: Hz.
        num_channels: of the file.
        num_samples: of the clip, per channel.
        peak: largest absolute sample.
        clipped: samples in runs of at least three at full scale.
        silent_share: of its pieces of 50 ms, those below -60 dBFS.
        digest: of the decoded samples and their rate.
    """

    error: str = ""
    empty: bool = False
    sample_rate: int = 0
    num_channels: int = 0
    num_samples: int = 0
    peak: float = 0.0
    clipped: int = 0
    silent_share: float = 0.0
    digest: str = ""

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return self.num_samples / self.sample_rate if self.sample_rate else 0.0


def sound_out(clip: Clip, *, channel: Channel) -> Sounding:
    """Measure a clip in constant memory; a clip that cannot be read is a result, no error.

    Args:
        clip: any.
        channel: which to measure; "mono" measures the mean where a file has several.
    """
    try:
        if _is_empty_file(clip):
            return Sounding(error="no samples (0 bytes)", empty=True)
        return _measure(clip, channel="mix" if channel == "mono" else channel)
    except AudioError as error:
        return Sounding(error=_without_name(str(error), clip))


def _is_empty_file(clip: Clip) -> bool:
    return clip.samples is None and clip.path.is_file() and clip.path.stat().st_size == 0


def _measure(clip: Clip, *, channel: Channel) -> Sounding:
    rate, num_channels = clip.sample_rate, 1
    if clip.samples is None:
        info = audio_info(clip.path)
        if info.num_samples == 0 and info.length_known:
            return Sounding(error="no samples", empty=True)
        rate, num_channels = info.sample_rate, info.num_channels
    assert rate is not None  # a clip of samples has a rate
    meter = _Meter(rate)
    for block in clip.blocks(channel=channel, block_s=60.0):
        meter.add(block)
    return Sounding(
        sample_rate=rate,
        num_channels=num_channels,
        num_samples=meter.num_samples,
        peak=meter.peak,
        clipped=meter.clipped,
        silent_share=meter.num_silent / max(1, meter.num_pieces),
        digest=meter.digest.hexdigest(),
    )


class _Meter:
    """Running figures of one clip."""

    def __init__(self, rate: int) -> None:
        self.piece = max(1, rate // _PIECES_PER_S)
        self.num_samples = self.clipped = self.num_pieces = self.num_silent = 0
        self.peak = 0.0
        self.digest = hashlib.sha256(str(rate).encode())

    def add(self, block: Float32[np.ndarray, " time"]) -> None:
        level = np.abs(block)
        self.num_samples += len(block)
        self.peak = max(self.peak, float(level.max()))
        if self.peak >= _FULL_SCALE:
            self.clipped += _in_runs(level >= _FULL_SCALE)
        starts = np.arange(0, len(level), self.piece)
        peaks = np.maximum.reduceat(level, starts)
        self.num_pieces += len(peaks)
        self.num_silent += int((peaks < SILENCE_PEAK).sum())
        self.digest.update(np.ascontiguousarray(block, dtype="<f4").data)


def _in_runs(hot: np.ndarray) -> int:
    """How many samples stand in runs of at least three."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], hot.astype(np.int8), [0]])))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= CLIPPED_RUN].sum())


def _without_name(text: str, clip: Clip) -> str:
    return text.removeprefix(f"{clip.path}: ")
