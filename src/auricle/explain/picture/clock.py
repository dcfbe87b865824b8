"""How a recording of any length is cut into the columns of a picture."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

Samples = Float32[np.ndarray, " time"]

_SHORT_S, _LONG_S = 0.032, 0.128
_SPARE = 16  # a hop is lengthened by a part in so many, at most
_OVERLAP = 4  # windows that cover each sample, at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Columns, and the frames in each.

    Attributes:
        sample_rate: Hz.
        num_samples: of the recording.
        column_samples: samples of a column, a multiple of both hops.
        short_fft: window for what happens when: the power of two at or above 32 ms, samples.
        long_fft: window for which notes sound: at or above 128 ms.
        short_hop, long_hop: step between their frames, at most a quarter of them.
    """

    sample_rate: int
    num_samples: int
    column_samples: int
    short_fft: int
    long_fft: int
    short_hop: int
    long_hop: int

    @property
    def columns(self) -> int:
        """How many there are; the last may reach beyond the end."""
        return -(-self.num_samples // self.column_samples)

    @property
    def column_s(self) -> float:
        """Seconds of a column."""
        return self.column_samples / self.sample_rate


def make_clock(*, sample_rate: int, num_samples: int, columns: int) -> Clock:
    """At most so many columns, and no sample that no frame has seen."""
    short_fft = max(64, 1 << (round(_SHORT_S * sample_rate) - 1).bit_length())
    long_fft = max(256, 1 << (round(_LONG_S * sample_rate) - 1).bit_length())
    column = -(-num_samples // columns)
    in_long = -(-column * _OVERLAP // long_fft)
    in_short = (
        in_long * (long_fft // short_fft) if in_long > 1 else -(-column * _OVERLAP // short_fft)
    )
    hop = -(-column // in_short)
    grain = 1 << max(0, (hop // _SPARE).bit_length() - 1)
    hop = -(-hop // grain) * grain  # many divisors, for what is looked at now and then
    column = hop * in_short
    return Clock(
        sample_rate=sample_rate,
        num_samples=num_samples,
        column_samples=column,
        short_fft=short_fft,
        long_fft=long_fft,
        short_hop=hop,
        long_hop=column // in_long,
    )


def stretches(blocks: Iterable[Samples], *, step: int, context: int) -> Iterator[Samples]:
    """Consecutive pieces of ``step`` samples with ``context`` more before and behind each.

    Silence stands before the first sample and behind the last, and fills the last piece.
    """
    held = np.zeros(context, dtype=np.float32)
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= step + 2 * context:
            yield held[: step + 2 * context]
            held = held[step:]
    left = len(held) - context
    while left > 0:
        piece = np.zeros(step + 2 * context, dtype=np.float32)
        given = held[: len(piece)]
        piece[: len(given)] = given
        yield piece
        held, left = held[step:], left - step
