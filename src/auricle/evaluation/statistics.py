"""The statistics of every clip of a manifest, computed once and cached."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32

from auricle.data import Clip, FeatureCache, Manifest
from auricle.errors import AudioError, message
from auricle.io import Channel

Progress = Callable[[int, int], None]
"""Called after each clip with (clips done, clips in all)."""

_VERSION = 1


def manifest_statistics(
    manifest: Manifest,
    *,
    sample_rate: int,
    channel: Channel = "mono",
    cache: FeatureCache | None = None,
    progress: Progress | None = None,
) -> Float32[np.ndarray, "clips statistics"]:
    """`dsp.clip_statistics` of each clip, in the manifest's order.

    Args:
        manifest: at least one clip.
        sample_rate: Hz; clips at another rate are resampled to it.
        channel: which channel of a file with several.
        cache: where rows are kept between runs.
        progress: told after each clip.
    Raises:
        AudioError: a clip cannot be read, or holds no sample.
    """
    rows = []
    for done, clip in enumerate(manifest.clips, start=1):
        rows.append(_row(clip, sample_rate=sample_rate, channel=channel, cache=cache))
        if progress is not None:
            progress(done, len(manifest.clips))
    return np.concatenate(rows)


def _row(
    clip: Clip, *, sample_rate: int, channel: Channel, cache: FeatureCache | None
) -> Float32[np.ndarray, "1 statistics"]:
    def compute() -> Float32[np.ndarray, "1 statistics"]:
        return _statistics(clip, sample_rate=sample_rate, channel=channel)

    if cache is None:
        return compute()
    key = f"clip_statistics-{_VERSION}-{sample_rate}-{channel}-{clip.fingerprint()}"
    return np.asarray(cache.get_or_compute(key, compute))


def _statistics(
    clip: Clip, *, sample_rate: int, channel: Channel
) -> Float32[np.ndarray, "1 statistics"]:
    import torch

    from auricle.dsp import clip_statistics

    waveform, _ = clip.load(sample_rate=sample_rate, channel=channel)
    if len(waveform) == 0:
        raise AudioError(
            message(
                clip.name,
                expected="at least one sample",
                got="an empty recording",
                remedy="Leave it out of the manifest.",
            )
        )
    batch = torch.from_numpy(np.array(waveform, dtype=np.float32))[None]
    return clip_statistics(batch, sample_rate=sample_rate).numpy()
