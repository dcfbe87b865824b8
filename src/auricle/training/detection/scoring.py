"""A detector on whole recordings: posteriors a stretch at a time, answers, errors."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float32

from auricle.heads import DetectConfig
from auricle.models import Detection, DetectionConfig, DetectionDecoder, Model
from auricle.training.detection.windows import Annotated

_FRAMES_AT_ONCE = 8192
_LEAST_PROB = 1e-7


def posteriors(model: Model, one: Annotated) -> Iterator[Float32[np.ndarray, "hops outputs"]]:
    """The posteriors of a recording's hops, a stretch after the other, as a stream gives them.

    The recording is followed by silence for the length of the look-ahead.
    """
    head = model.config.head
    assert isinstance(head, DetectConfig)
    lookahead = head.lookahead_hops(model.config.front_end.frame_rate)
    length, answered = len(one.frames), -lookahead
    device = next(model.parameters()).device
    state = model.initial_network_state(1)
    with torch.inference_mode():
        for start in range(0, length + lookahead + model.trunk.stride, _FRAMES_AT_ONCE):
            stop = min(start + _FRAMES_AT_ONCE, length + lookahead + model.trunk.stride)
            frames = torch.from_numpy(one.frames.read(start, stop))[None].to(device)
            scores, state = model.forward_frames(frames, state)
            probs = scores.log_probs[0].exp().cpu().numpy()
            first = answered
            answered += len(probs)
            part = probs[max(0, -first) : max(0, length - first)]
            if len(part):
                yield part


def all_posteriors(model: Model, one: Annotated) -> Float32[np.ndarray, "hops outputs"]:
    """The posteriors of all hops, in memory."""
    return np.concatenate(list(posteriors(model, one)))


def decode(
    probs: Iterator[Float32[np.ndarray, "hops outputs"]],
    classes: tuple[str, ...],
    config: DetectionConfig,
    *,
    single: bool,
    hop_s: float,
) -> list[Detection]:
    """The events of one recording, by onset."""
    decoder = DetectionDecoder(classes, config, single=single, hop_s=hop_s)
    state, events = decoder.initial_state(), []
    for part in probs:
        more, state = decoder.forward(part, state)
        events += more
    events += decoder.finish(state)
    return sorted(events, key=lambda event: (event.onset_s, event.label))


def validation_loss(model: Model, recordings: list[Annotated]) -> tuple[float, float]:
    """Mean log-loss and share of wrong hops; NaN where there is no recording.

    Where classes overlap, a hop counts as the share of classes that are wrong in it, at 0.5.
    """
    head = model.config.head
    assert isinstance(head, DetectConfig)
    loss = wrong = hops = 0.0
    for one in recordings:
        at = 0
        for probs in posteriors(model, one):
            stop = at + len(probs)
            if head.labels == "single":
                targets = one.events.single(at, stop)
                right = probs[np.arange(len(probs)), targets]
                loss -= float(np.log(np.maximum(right, _LEAST_PROB)).sum())
                wrong += float((probs.argmax(axis=1) != targets).sum())
            else:
                sounds = one.events.multi(at, stop) > 0
                right = np.maximum(np.where(sounds, probs, 1 - probs), _LEAST_PROB)
                loss -= float(np.log(right).sum())
                wrong += float(((probs >= 0.5) != sounds).mean(axis=1).sum())
            hops, at = hops + len(probs), stop
    return (loss / hops, wrong / hops) if hops else (float("nan"), float("nan"))
