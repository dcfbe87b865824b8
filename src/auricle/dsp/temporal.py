"""What can be told from the samples of a frame alone: zero crossings and level."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.checks import check_positive, check_real, check_waveform

_NO_SIGN = 1e-10


def centred_frames(
    waveform: Float[Tensor, "batch time"],
    *,
    frame_length: int,
    hop_length: int,
    padding: Literal["zeros", "edge"] = "zeros",
) -> Float[Tensor, "batch frames {frame_length}"]:
    """Frames whose middle is at i * hop_length, as librosa's ``center=True``.

    frames = 1 + floor((time + 2 * (frame_length // 2) - frame_length) / hop_length)

    Args:
        waveform: any amplitude; time >= 1.
        frame_length, hop_length: samples, > 0.
        padding: what stands before and after the clip: silence, or its outermost sample.
    Raises:
        ShapeError: an empty waveform, not [batch, time], integers, NaN.
        ConfigError: a length of zero.
    """
    check_waveform(waveform)
    check_positive(frame_length=frame_length, hop_length=hop_length)
    half = frame_length // 2
    mode = "constant" if padding == "zeros" else "replicate"
    padded = torch.nn.functional.pad(waveform[:, None], (half, half), mode=mode)[:, 0]
    if padded.shape[1] < frame_length:  # one sample in a frame of odd length and no padding
        padded = torch.nn.functional.pad(padded, (0, frame_length - padded.shape[1]))
    return padded.unfold(1, frame_length, hop_length)


def zero_crossing_rate(
    frames: Float[Tensor, "batch frames samples"],
) -> Float[Tensor, "batch frames"]:
    """Share of neighbouring samples of unlike sign, in [0, 1].

    rate = 1/N * sum_n [sign x_n != sign x_(n-1)],  sign of |x| <= 1e-10 counts as positive

    Args:
        frames: from `centred_frames` with ``padding="edge"`` for librosa's values.
    Raises:
        ShapeError: integers or NaN.
    Reference:
        Equal to ``librosa.feature.zero_crossing_rate``.
    """
    check_real(frames, name="frames")
    negative = frames < -_NO_SIGN
    crossings = (negative[..., 1:] != negative[..., :-1]).sum(dim=-1)
    return crossings.to(frames.dtype) / frames.shape[2]


def root_mean_square(
    frames: Float[Tensor, "batch frames samples"],
) -> Float[Tensor, "batch frames"]:
    """Root of the mean square of each frame; 1 / sqrt(2) for a full-scale sine.

    Args:
        frames: from `centred_frames` for librosa's values.
    Raises:
        ShapeError: integers or NaN.
    Reference:
        Equal to ``librosa.feature.rms(y=...)``.
    """
    check_real(frames, name="frames")
    return frames.square().mean(dim=-1).sqrt()
