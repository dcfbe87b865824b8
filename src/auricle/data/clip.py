"""One labelled stretch of sound."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from auricle.errors import AudioError, message
from auricle.io import (
    Channel,
    check_sample_rate,
    check_waveform,
    content_fingerprint,
    read_audio,
    read_blocks,
    resample,
)

_SETTLED_NS = 2_000_000_000  # a file changed this lately may change again under the same time stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A recording, a part of one, or samples in memory, with what is known about it.

    Attributes:
        path: the audio file; for samples in memory, the table they came from and ``#row``.
        label: the class.
        group: what may not stand on both sides of a split: a speaker, a recording, a day.
        split: "train", "validation" or "test" where the data set has an official split.
        fold: number of the fold where the data set has official folds.
        start_s: where the clip begins in the file, seconds, >= 0.
        end_s: where it ends, seconds; None: at the end of the file.
        samples: the sound itself, where there is no file.
        sample_rate: Hz, of ``samples``.
    """

    path: Path
    label: str
    group: str | None = None
    split: str | None = None
    fold: int | None = None
    start_s: float = 0.0
    end_s: float | None = None
    samples: np.ndarray | None = field(default=None, compare=False, repr=False)
    sample_rate: int | None = None

    def __post_init__(self) -> None:
        if self.samples is None:
            return
        check_waveform(self.samples, name=str(self.path))
        if self.sample_rate is None:
            raise AudioError(
                message(
                    str(self.path),
                    expected="a sample rate beside samples",
                    got=None,
                    remedy="Samples cannot tell their rate: give sample_rate in Hz.",
                )
            )
        check_sample_rate(self.sample_rate, name=str(self.path))

    @property
    def is_segment(self) -> bool:
        """Whether the clip is a part of its file."""
        return self.start_s > 0 or self.end_s is not None

    @property
    def name(self) -> str:
        """What messages and reports call the clip: its path and, for a part, its seconds."""
        if not self.is_segment:
            return self.path.as_posix()
        end = "end" if self.end_s is None else f"{self.end_s:.3f}"
        return f"{self.path.as_posix()} [{self.start_s:.3f}-{end} s]"

    def load(
        self, *, sample_rate: int | None = None, channel: Channel = "mono"
    ) -> tuple[Float32[np.ndarray, " time"], int]:
        """The waveform and its sample rate in Hz.

        Args:
            sample_rate: Hz to resample to; None keeps the source's.
            channel: as in `auricle.io.read_audio`.
        Raises:
            AudioError: as `auricle.io.read_audio`.
        """
        if self.samples is None:
            return read_audio(
                self.path,
                sample_rate=sample_rate,
                channel=channel,
                start_s=self.start_s,
                end_s=self.end_s,
            )
        assert self.sample_rate is not None  # __post_init__ holds it
        waveform = self._part(self.samples.astype(np.float32), self.sample_rate)
        if sample_rate is None or sample_rate == self.sample_rate:
            return waveform, self.sample_rate
        resampled = resample(waveform, source_rate=self.sample_rate, target_rate=sample_rate)
        return resampled, sample_rate

    def blocks(
        self,
        *,
        sample_rate: int | None = None,
        channel: Channel = "mono",
        block_s: float = 10.0,
    ) -> Iterator[Float32[np.ndarray, " time"]]:
        """The waveform of `load` in blocks, in constant memory for a file of any length.

        Raises:
            AudioError: as `auricle.io.read_audio`.
        """
        if self.samples is not None:
            yield self.load(sample_rate=sample_rate)[0]
            return
        yield from read_blocks(
            self.path,
            sample_rate=sample_rate,
            channel=channel,
            start_s=self.start_s,
            end_s=self.end_s,
            block_s=block_s,
        )

    def fingerprint(self) -> str:
        """64 hexadecimal digits that depend on the audio's bytes and the times, not on the path.

        Raises:
            AudioError: the file is missing or cannot be read.
        """
        content = file_fingerprint(self.path) if self.samples is None else sample_fingerprint(self)
        digest = hashlib.sha256(content.encode())
        digest.update(repr((float(self.start_s), self.end_s)).encode())
        return digest.hexdigest()

    def _part(
        self, samples: Float32[np.ndarray, " time"], rate: int
    ) -> Float32[np.ndarray, " part"]:
        end = None if self.end_s is None else round(self.end_s * rate)
        part = samples[round(self.start_s * rate) : end]
        if not len(part):
            raise AudioError(
                message(
                    self.name,
                    expected="at least one sample",
                    got="none",
                    remedy="Leave the row out or mend its times.",
                )
            )
        return part


def sample_fingerprint(clip: Clip) -> str:
    """64 hexadecimal digits of samples in memory and their rate."""
    samples = np.ascontiguousarray(clip.samples, dtype="<f4")
    return hashlib.sha256(samples.tobytes() + str(clip.sample_rate).encode()).hexdigest()


def file_fingerprint(path: Path) -> str:
    """`content_fingerprint`, remembered as long as the file does not change.

    Hundreds of clips may be cut from one long file, which is then read once.
    """
    try:
        status = path.stat()
    except OSError:
        return content_fingerprint(path)  # raises the error that says why
    if time.time_ns() - status.st_mtime_ns < _SETTLED_NS:
        return content_fingerprint(path)
    return _remembered(path, status.st_size, status.st_mtime_ns, status.st_ino)


@lru_cache(maxsize=1 << 16)
def _remembered(path: Path, size: int, mtime_ns: int, inode: int) -> str:
    return content_fingerprint(path)
