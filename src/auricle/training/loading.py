"""From clips to the frames that a network is trained on, many clips at a time."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial

import numpy as np
import torch
from jaxtyping import Float32

from auricle.data import Clip, FeatureCache, Manifest
from auricle.errors import AudioError
from auricle.models import Model
from auricle.training.examples import Examples, Frames, raise_unreadable

Progress = Callable[[int, int], None]

_CLIPS_AT_ONCE = 32
_SAMPLES_AT_ONCE = 1 << 20  # that wait for their turn; a clip that is longer comes alone
_ALIKE = 0.8  # the shortest clip of a call is at least this share of its longest

_Waveform = Float32[np.ndarray, " _"]  # clips differ in length


def load_examples(
    model: Model,
    manifest: Manifest,
    *,
    cache: FeatureCache | None,
    threads: int = 1,
    progress: Progress | None = None,
) -> Examples:
    """Frames of every clip, computed once and kept in the cache.

    Raises:
        AudioError: recordings that cannot be read; all are tried, and all are named.
    """
    clips = manifest.clips
    groups = [clips[at : at + _CLIPS_AT_ONCE] for at in range(0, len(clips), _CLIPS_AT_ONCE)]
    compute = partial(_cached_frames, model, cache=cache)
    results: list[Frames | AudioError] = []
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for found in pool.map(compute, groups):
            for one in found:
                results.append(one)
                if progress is not None:
                    progress(len(results), len(manifest))
    raise_unreadable([one for one in results if isinstance(one, AudioError)], len(manifest))
    index = {name: at for at, name in enumerate(model.config.classes)}
    targets = np.array([index[clip.label] for clip in clips], dtype=np.int64)
    return Examples([one for one in results if not isinstance(one, AudioError)], targets)


def compute_frames(model: Model, clips: Sequence[Clip]) -> list[Frames | AudioError]:
    """Each clip's frames at the model's rate, or why it cannot be read.

    Clips of like length go through the front end in one call, filled up with silence behind their
    end, which a causal map does not hear.
    """
    found: dict[int, Frames | AudioError] = {}
    held: dict[int, _Waveform] = {}
    size = 0
    for at, clip in enumerate(clips):
        waveform = _waveform(model, clip)
        if isinstance(waveform, AudioError):
            found[at] = waveform
            continue
        if held and size + len(waveform) > _SAMPLES_AT_ONCE:
            found |= _heard(model, held)
            held, size = {}, 0
        held[at] = waveform
        size += len(waveform)
    found |= _heard(model, held)
    return [found[at] for at in range(len(clips))]


def _waveform(model: Model, clip: Clip) -> _Waveform | AudioError:
    rate = model.config.front_end.sample_rate
    try:
        return clip.load(sample_rate=rate, channel=model.config.channel)[0]
    except AudioError as error:
        return error


def _heard(model: Model, held: dict[int, _Waveform]) -> dict[int, Frames]:
    hop = model.config.front_end.hop_length
    found = {}
    for alike in _of_like_length(held):
        longest = max(len(held[at]) for at in alike)
        batch = np.zeros((len(alike), 1, longest), dtype=np.float32)
        for row, at in zip(batch, alike, strict=True):
            row[0, : len(held[at])] = held[at]
        with torch.inference_mode():
            frames = model.clip_frames(torch.from_numpy(batch)).numpy()
        for row, at in zip(frames, alike, strict=True):
            found[at] = np.ascontiguousarray(row[: -(-len(held[at]) // hop)])
    return found


def _of_like_length(held: dict[int, _Waveform]) -> Iterator[list[int]]:
    """Their keys, by length, cut where the next is much longer than the first."""
    order = sorted(held, key=lambda at: len(held[at]))
    alike: list[int] = []
    for at in order:
        if alike and len(held[alike[0]]) < _ALIKE * len(held[at]):
            yield alike
            alike = []
        alike.append(at)
    if alike:
        yield alike


def _cached_frames(
    model: Model, clips: Sequence[Clip], *, cache: FeatureCache | None
) -> list[Frames | AudioError]:
    """`compute_frames` of those clips that are not in the cache."""
    if cache is None:
        return compute_frames(model, clips)
    front_end = json.dumps(asdict(model.config.front_end), sort_keys=True)
    found: dict[int, Frames | AudioError] = {}
    keys: dict[int, str] = {}
    for at, clip in enumerate(clips):
        try:
            keys[at] = f"{clip.fingerprint()} {front_end} {model.config.channel}"
            stored = cache.get(keys[at])
        except AudioError as error:
            found[at] = error
            continue
        if stored is not None:
            found[at] = stored
    missing = [at for at in range(len(clips)) if at not in found]
    computed = compute_frames(model, [clips[at] for at in missing])
    for at, frames in zip(missing, computed, strict=True):
        found[at] = frames if isinstance(frames, AudioError) else cache.put(keys[at], frames)
    return [found[at] for at in range(len(clips))]
