"""Long recordings as frames: computed once, a stretch at a time, and read where needed."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from auricle.data import FeatureCache
from auricle.data.clip import file_fingerprint
from auricle.io import read_blocks
from auricle.models import Model

CHUNK_S = 120.0
Frames = Float32[np.ndarray, "_ mels"]  # stretches differ in length


class FrameStore:
    """The frames of one recording, as memory-mapped pieces where there is a cache.

    Args:
        chunks: frames that follow one another.
        silence: the frame of silence, which stands before the first and after the last.
    """

    def __init__(self, chunks: Sequence[Frames], *, silence: Float32[np.ndarray, " mels"]) -> None:
        self.chunks, self.silence = list(chunks), silence
        self.edges = np.cumsum([0, *(len(chunk) for chunk in self.chunks)])

    def __len__(self) -> int:
        return int(self.edges[-1])

    def read(self, start: int, stop: int) -> Frames:
        """A copy of the frames from ``start`` to ``stop``, which may lie outside."""
        out = np.tile(self.silence, (stop - start, 1))
        low, high = max(start, 0), min(stop, len(self))
        at = int(np.searchsorted(self.edges, low, side="right")) - 1
        while low < high:
            end = min(high, int(self.edges[at + 1]))
            base = int(self.edges[at])
            out[low - start : end - start] = self.chunks[at][low - base : end - base]
            low, at = end, at + 1
        return out


class _NotThereError(Exception):
    """The cache does not hold the entry."""


def load_store(model: Model, path: Path, *, cache: FeatureCache | None) -> FrameStore:
    """The frames of a recording, from the cache where it has them.

    Never more than two minutes of sound are in memory at once; without a cache all frames are.

    Raises:
        AudioError: the recording cannot be read or is not as the configuration expects.
        OutputError: the cache cannot be written.
    """
    silence = silent_frame(model)
    if cache is None:
        return FrameStore(list(compute_chunks(model, path)), silence=silence)
    front_end = json.dumps(asdict(model.config.front_end), sort_keys=True)
    key = f"recording {file_fingerprint(path)} {front_end} {model.config.channel} {CHUNK_S}"
    try:
        chunks = _cached(cache, key)
    except _NotThereError:
        chunks = []
        for at, frames in enumerate(compute_chunks(model, path)):
            chunks.append(cache.get_or_compute(f"{key} {at}", partial(np.asarray, frames)))
        count = np.array([[len(chunks)]], dtype=np.float32)
        cache.get_or_compute(f"{key} count", lambda: count)
    return FrameStore(chunks, silence=silence)


def _cached(cache: FeatureCache, key: str) -> list[Frames]:
    def absent() -> np.ndarray:
        raise _NotThereError

    count = int(cache.get_or_compute(f"{key} count", absent)[0, 0])
    return [cache.get_or_compute(f"{key} {at}", absent) for at in range(count)]


def compute_chunks(model: Model, path: Path) -> Iterator[Frames]:
    """The frames of a recording, two minutes of sound after the other; where it is cut changes
    nothing, and the last hop is completed by silence."""
    features = model.features
    state = features.initial_state(1)
    rate, channel = model.config.front_end.sample_rate, model.config.channel
    with torch.inference_mode():
        for block in read_blocks(path, sample_rate=rate, channel=channel, block_s=CHUNK_S):
            frames, state = features(torch.from_numpy(block)[None, None], state)
            if frames.shape[1]:
                yield np.ascontiguousarray(frames[0].numpy())
        missing = features.missing(state)
        if missing:
            frames, state = features(torch.zeros(1, 1, missing), state)
            yield np.ascontiguousarray(frames[0].numpy())


def silent_frame(model: Model) -> Float32[np.ndarray, " mels"]:
    """The frame that silence makes."""
    hops = 1 + model.config.front_end.win_length // model.config.front_end.hop_length
    samples = torch.zeros(1, 1, hops * model.config.front_end.hop_length)
    with torch.inference_mode():
        frames = model.clip_frames(samples)
    silence: Float32[np.ndarray, " mels"] = frames[0, -1].numpy().copy()
    return silence
