"""What may be pushed: samples of any usual type, finite, in one channel."""

import numpy as np
from jaxtyping import Float32, Num

from auricle.errors import AudioError, ShapeError, message

_FLOAT32 = np.dtype(np.float32)
_MOST = 1e12  # twelve powers of ten above full scale: integers taken for floats are well below


def as_float(chunk: Num[np.ndarray, "..."]) -> Float32[np.ndarray, " time"]:
    """Samples as float32 in [-1, 1]; the full range of an integer type becomes [-1, 1].

    Raises:
        ShapeError: not one-dimensional, or a type that is not sound.
    """
    chunk = np.asarray(chunk)
    if chunk.ndim != 1:
        raise ShapeError(
            message(
                "chunk",
                expected="one channel, an array of shape [time]",
                got=f"shape {list(chunk.shape)}",
                remedy="Mix down first: chunk.mean(axis=...) over the channels.",
            )
        )
    if chunk.dtype == _FLOAT32:
        return chunk
    if chunk.dtype.kind == "f":
        with np.errstate(over="ignore"):  # too loud for float32 becomes infinite, and is refused
            return chunk.astype(np.float32)
    if chunk.dtype in (np.int16, np.int32):
        return chunk.astype(np.float32) / np.float32(np.iinfo(chunk.dtype).max + 1)
    if chunk.dtype == np.uint8:
        return (chunk.astype(np.float32) - 128) / 128
    raise ShapeError(
        message(
            "chunk",
            expected="floats in [-1, 1], or int16, int32 or uint8 samples",
            got=f"an array of {chunk.dtype}",
            remedy="Convert it, so that full scale is not guessed.",
        )
    )


def check_finite(samples: Float32[np.ndarray, " time"]) -> Float32[np.ndarray, " time"]:
    """The samples themselves.

    Raises:
        AudioError: one is infinite, not a number, or so large that its power would be infinite.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        energy = float(samples.dot(samples))
    if energy < _MOST**2:  # false for NaN too, and cheap for short chunks
        return samples
    bad = ~(np.abs(samples) <= _MOST)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        raise AudioError(
            message(
                "chunk",
                expected=f"finite samples, of at most {_MOST:g}",
                got=f"{samples[at]} at sample {at} of {len(samples)}",
                remedy="This chunk was dropped; check the source.",
            )
        )
    return samples
