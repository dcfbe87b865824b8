"""Another sample rate, in one go or as a stream, with the same numbers."""

import numpy as np
import soxr
from jaxtyping import Float32

from auricle.errors import StateError, message
from auricle.io.checks import check_sample_rate

Waveform = Float32[np.ndarray, " time"]
Resampled = Float32[np.ndarray, " resampled_time"]


class StreamResampler:
    """Resample a stream block by block; how it is cut changes no sample.

    Args:
        source_rate: Hz, 100 to 500000.
        target_rate: Hz, 100 to 500000. Equal rates pass every block through untouched.
    Raises:
        AudioError: a rate is outside its range.
    """

    def __init__(self, source_rate: int, target_rate: int) -> None:
        check_sample_rate(source_rate, name="source_rate")
        check_sample_rate(target_rate, name="target_rate")
        self.source_rate = source_rate
        self.target_rate = target_rate
        self._finished = False
        self._stream = (
            None
            if source_rate == target_rate
            else soxr.ResampleStream(source_rate, target_rate, 1, dtype="float32")
        )

    def push(self, block: Waveform) -> Resampled:
        """The samples that are ready after this block; often fewer or more than went in."""
        return self._resample(block, last=False)

    def finish(self) -> Resampled:
        """The samples that were still inside. Nothing may be pushed afterwards."""
        rest = self._resample(np.zeros(0, dtype=np.float32), last=True)
        self._finished = True
        return rest

    def _resample(self, block: Waveform, *, last: bool) -> Resampled:
        if self._finished:
            raise StateError(
                message(
                    "StreamResampler",
                    expected="a stream that goes on",
                    got="a block after finish()",
                    remedy="Make a new StreamResampler for a new stream.",
                )
            )
        if self._stream is None:
            return block
        resampled: Resampled = self._stream.resample_chunk(block, last=last)
        return resampled


def resample(waveform: Waveform, *, source_rate: int, target_rate: int) -> Resampled:
    """The whole waveform at another rate; equal, to the bit, to a `StreamResampler`.

    Args:
        waveform: any amplitude.
        source_rate: Hz, 100 to 500000.
        target_rate: Hz, 100 to 500000.
    Returns:
        round(time * target_rate / source_rate) samples.
    Raises:
        AudioError: a rate is outside its range.
    """
    stream = StreamResampler(source_rate, target_rate)
    return np.concatenate([stream.push(waveform), stream.finish()])
