"""Raw samples from a pipe."""

import time
from collections.abc import Iterator
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32

from auricle.errors import AudioError, message
from auricle.io.channels import Channel, check_channel, select_channel
from auricle.io.checks import check_finite, check_sample_rate

Encoding = Literal["u8", "s16le", "s24le", "s32le", "f32le"]

_BYTES = {"u8": 1, "s16le": 2, "s24le": 3, "s32le": 4, "f32le": 4}
_WAIT_S = 0.005  # between looks at a source that has nothing yet


@runtime_checkable
class ByteSource(Protocol):
    """What pcm_blocks needs of a binary stream."""

    def read(self, size: int, /) -> bytes | None:
        """At most ``size`` bytes; none at the end; None when there is nothing yet."""
        ...


def pcm_blocks(
    source: ByteSource,
    *,
    sample_rate: int,
    encoding: Encoding = "s16le",
    num_channels: int = 1,
    channel: Channel = "mono",
    block_s: float = 0.1,
) -> Iterator[Float32[np.ndarray, " time"]]:
    """Read raw, interleaved samples until the source ends.

    Args:
        source: a binary stream, such as ``sys.stdin.buffer``; it may give as few bytes as it likes.
        sample_rate: Hz, which raw samples cannot tell.
        encoding: unsigned 8 bit, signed 16, 24 or 32 bit, or float; little-endian.
        num_channels: how many are interleaved, > 0.
        channel: as in `read_audio`.
        block_s: length of a block, seconds, > 0. The last one may be shorter; a sample of which
            only some bytes came is left out.
    Yields:
        Blocks in [-1, 1] (floats: as they are), none of them empty.
    Raises:
        AudioError: a setting is out of range, or a float sample is NaN or infinite.
    """
    check_sample_rate(sample_rate, name="sample_rate")
    if num_channels < 1:
        raise AudioError(
            message("num_channels", expected=">= 1", got=num_channels, remedy="Count the channels.")
        )
    check_channel(channel, num_channels=num_channels, name="standard input")
    width = _BYTES[encoding] * num_channels
    position = 0
    for data in _chunks(source, size=width * max(1, round(block_s * sample_rate))):
        whole = data[: len(data) - len(data) % width]
        if not whole:
            continue
        block = select_channel(_decode(whole, encoding).reshape(-1, num_channels), channel)
        check_finite(block, name="PCM stream", first_sample=position, sample_rate=sample_rate)
        position += len(block)
        yield block


def _chunks(source: ByteSource, *, size: int) -> Iterator[bytes]:
    """Full chunks of ``size`` bytes, then what is left."""
    pending = bytearray()
    while True:
        data: bytes | None = source.read(size - len(pending))
        if data is None:  # a non-blocking source with nothing yet
            time.sleep(_WAIT_S)
            continue
        pending += data
        if len(pending) == size or not data:
            yield bytes(pending)
            pending.clear()
        if not data:
            return


def _decode(data: bytes, encoding: Encoding) -> Float32[np.ndarray, " samples"]:
    if encoding == "u8":
        return (np.frombuffer(data, dtype=np.uint8).astype(np.float32) - 128) / 128
    if encoding == "s16le":
        return np.frombuffer(data, dtype="<i2").astype(np.float32) / 2**15
    if encoding == "s24le":
        return _int24(data).astype(np.float32) / 2**23
    if encoding == "s32le":
        return (np.frombuffer(data, dtype="<i4") / 2**31).astype(np.float32)
    return np.frombuffer(data, dtype="<f4").astype(np.float32)


def _int24(data: bytes) -> np.ndarray:
    octets = np.zeros((len(data) // 3, 4), dtype=np.uint8)
    octets[:, 1:] = np.frombuffer(data, dtype=np.uint8).reshape(-1, 3)
    return octets.view("<i4").reshape(-1) >> 8
