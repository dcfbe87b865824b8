"""From a recording of any length to the frames of its features, at constant memory."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from auricle.archive.settings import TableConfig
from auricle.dsp import feature_statistics_names
from auricle.features import build_features, features_for
from auricle.io import Channel, read_blocks

_BLOCK_S = 30.0

Frames = Float32[np.ndarray, "frames features"]


class FrontEnd:
    """A table's features: their names, their clock, and how to compute them.

    Columns that can only be known later than others are waited for: a row tells of one moment.
    """

    def __init__(self, config: TableConfig) -> None:
        self.sample_rate = config.sample_rate
        settings = features_for(
            config.sample_rate, config.features, hop_ms=config.hop_ms, aligned=True
        )
        self.map = build_features(settings)
        self.names = self.map.names
        self.frame_rate = settings.frame_rate
        self._wait = max(self.map.delay_frames)
        self._hop_length = settings.hop_length

    def frames(
        self, path: Path, *, channel: Channel, heard: Callable[[int], None]
    ) -> Iterator[Frames]:
        """The frames of a recording, block by block; the last one is filled up with silence.

        Equal, however long the blocks are, to `features.clip_features` of the whole.

        Args:
            path: the recording.
            channel: which channel of several.
            heard: told the number of samples of each block, after resampling.
        Raises:
            AudioError: it cannot be read.
        """
        state, too_early = self.map.initial_state(1), self._wait
        blocks = read_blocks(path, sample_rate=self.sample_rate, channel=channel, block_s=_BLOCK_S)
        for block in blocks:
            with torch.inference_mode():
                frames, state = self.map(torch.from_numpy(block)[None, None], state)
            yield frames[0, too_early:].numpy()
            too_early = max(0, too_early - frames.shape[1])
            heard(len(block))
        silence = self.map.missing(state) + self._wait * self._hop_length
        if silence:
            with torch.inference_mode():
                frames, _ = self.map(torch.zeros(1, 1, silence), state)
            yield frames[0, too_early:].numpy()


@lru_cache(maxsize=4)
def open_front_end(config: TableConfig) -> FrontEnd:
    """The front end of these settings, made once in each process."""
    return FrontEnd(config)


def columns_of(config: TableConfig) -> tuple[str, ...]:
    """Names of the numbers in a row."""
    names = open_front_end(config).names
    if config.per == "frame":
        return names
    return feature_statistics_names(names, statistics=config.statistics)
