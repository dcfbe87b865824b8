"""From a recording of any length to the frames of its features, at constant memory."""

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from auricle.archive.settings import TableConfig
from auricle.dsp import feature_statistics_names
from auricle.features import build_features, features_for

Frames = Float32[np.ndarray, "frames features"]
Waveform = Float32[np.ndarray, " time"]


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
        self._start = self.map.initial_state(1)  # a value, never written to

    def frames(
        self, blocks: Iterator[Waveform], *, heard: Callable[[int], None]
    ) -> Iterator[Frames]:
        """The frames of a recording, block by block; the last one is filled up with silence.

        Equal, however long the blocks are, to `features.clip_features` of the whole.

        Args:
            blocks: of the recording, at this rate, none of them empty.
            heard: told the number of samples of each block.
        Raises:
            AudioError: from the blocks.
        """
        state, too_early, total = self._start, self._wait, 0
        for block, is_last in _told_the_last(blocks):
            total += len(block)
            silence = -total % self._hop_length + self._wait * self._hop_length
            with torch.inference_mode():
                waveform = _with_silence(block, silence if is_last else 0)
                frames, state = self.map(waveform, state)
            yield frames[0, too_early:].numpy()
            too_early = max(0, too_early - frames.shape[1])
            heard(len(block))


def _told_the_last(blocks: Iterator[Waveform]) -> Iterator[tuple[Waveform, bool]]:
    """Each block, and whether none follows."""
    held = next(blocks)
    for block in blocks:
        yield held, False
        held = block
    yield held, True


def _with_silence(block: Waveform, silence: int) -> Float32[Tensor, "1 1 filled"]:
    if not silence:
        return torch.from_numpy(block)[None, None]
    filled = np.zeros(len(block) + silence, dtype=np.float32)
    filled[: len(block)] = block
    return torch.from_numpy(filled)[None, None]


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
