"""From several channels to one, only as asked."""

from typing import Literal

import numpy as np
from jaxtyping import Float32

from auricle.errors import AudioError, message

Channel = Literal["mono", "mix"] | int


def check_channel(channel: Channel, *, num_channels: int, name: str) -> None:
    """Refuse a choice of channel that the sound cannot honour.

    Args:
        channel: "mono": there must be one; "mix": the mean of all; a number: that one, from 0.
        num_channels: how many there are.
        name: what the message calls the sound.
    Raises:
        AudioError: "mono" and there are several, or a number that does not exist.
    """
    if channel == "mono" and num_channels != 1:
        raise AudioError(
            message(
                name,
                expected="one channel",
                got=f"{num_channels} channels",
                remedy="Mix them with `--channel mix` (channel='mix'), or pick one with "
                f"`--channel N` (channel=N), N from 0 to {num_channels - 1}.",
            )
        )
    if isinstance(channel, int) and not 0 <= channel < num_channels:
        raise AudioError(
            message(
                name,
                expected=f"a channel from 0 to {num_channels - 1}",
                got=f"channel {channel}",
                remedy="Channels are counted from 0.",
            )
        )


def select_channel(
    samples: Float32[np.ndarray, "time channels"], channel: Channel
) -> Float32[np.ndarray, " time"]:
    """One channel of checked samples; the mean adds channel by channel, so cuts change nothing."""
    if isinstance(channel, int):
        return np.ascontiguousarray(samples[:, channel])
    total = samples[:, 0].copy()
    for other in range(1, samples.shape[1]):
        total += samples[:, other]
    return total / np.float32(samples.shape[1]) if samples.shape[1] > 1 else total
