"""From a recording of any length to the frames of its features, at constant memory."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from auricle.archive.settings import TableConfig
from auricle.features import LogMel, log_mel_for
from auricle.io import Channel, read_blocks

_BLOCK_S = 30.0

Frames = Float32[np.ndarray, "frames features"]


class FrontEnd:
    """A table's features: their names, their clock, and how to compute them."""

    def __init__(self, config: TableConfig) -> None:
        self.sample_rate = config.sample_rate
        self.map = LogMel(log_mel_for(config.sample_rate, hop_ms=config.hop_ms))
        self.names = tuple(f"log_mel_{index}" for index in range(self.map.config.n_mels))
        self.frame_rate = self.map.config.frame_rate

    def frames(
        self, path: Path, *, channel: Channel, heard: Callable[[int], None]
    ) -> Iterator[Frames]:
        """The frames of a recording, block by block; the last one is filled with silence.

        Args:
            path: the recording.
            channel: which channel of several.
            heard: told the number of samples of each block, after resampling.
        Raises:
            AudioError: it cannot be read.
        """
        state = self.map.initial_state(1)
        blocks = read_blocks(path, sample_rate=self.sample_rate, channel=channel, block_s=_BLOCK_S)
        for block in blocks:
            with torch.inference_mode():
                frames, state = self.map(torch.from_numpy(block)[None, None], state)
            yield frames[0].numpy()
            heard(len(block))
        missing = self.map.missing(state)
        if missing:
            with torch.inference_mode():
                frames, _ = self.map(torch.zeros(1, 1, missing), state)
            yield frames[0].numpy()


@lru_cache(maxsize=4)
def open_front_end(config: TableConfig) -> FrontEnd:
    """The front end of these settings, made once in each process."""
    return FrontEnd(config)


def columns_of(config: TableConfig) -> tuple[str, ...]:
    """Names of the numbers in a row."""
    names = open_front_end(config).names
    if config.per == "frame":
        return names
    return tuple(f"{name}_{over}" for over in config.statistics for name in names)
