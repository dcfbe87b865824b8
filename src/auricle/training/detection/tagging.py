"""Tags of whole clips: learnt without times, answered for clips and for every hop."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from auricle.data import Manifest
from auricle.data.annotations import AnnotatedEvent, AnnotatedRecording, Annotations
from auricle.errors import ManifestError, message
from auricle.heads import DetectConfig, pool_tags
from auricle.metrics import average_precision, lwlrap, mean_average_precision
from auricle.models import Model
from auricle.streaming import Detector
from auricle.training.detection.store import FrameStore

SEPARATOR = ";"
_LEAST_DOUBT = 1e-6
_NEPERS_PER_DB = np.log(10) / 10


def tags_of(label: str) -> tuple[str, ...]:
    """The tags of a label cell, sorted, each once.

    >>> tags_of("rain; dog;rain")
    ('dog', 'rain')
    """
    return tuple(sorted({part.strip() for part in label.split(SEPARATOR) if part.strip()}))


def tagged_recordings(manifest: Manifest) -> Annotations:
    """Clips as recordings whose events have the clip's whole length, since no times are known.

    Raises:
        ManifestError: clips that are parts of files or samples in memory.
    """
    parts = [clip for clip in manifest.clips if clip.is_segment or clip.samples is not None]
    if parts:
        raise ManifestError(
            message(
                parts[0].name,
                expected="whole files, to learn tags from",
                got="a part of a file or samples in memory",
                remedy="Cut the parts into files of their own, or annotate events with times.",
            )
        )
    recordings = tuple(
        AnnotatedRecording(
            path=clip.path,
            events=tuple(
                AnnotatedEvent(path=clip.path, onset_s=0.0, offset_s=0.0, label=tag)
                for tag in tags_of(clip.label)
            ),
            split=clip.split,
            group=clip.group,
            fold=clip.fold,
        )
        for clip in manifest.clips
    )
    return Annotations(recordings=recordings, source=manifest.source, root=manifest.root)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedClip:
    """A clip's frames and which classes sound in it."""

    frames: FrameStore
    tags: Bool[np.ndarray, " classes"]


class TagBatch(NamedTuple):
    """Clips to learn from.

    Attributes:
        frames: front-end frames, padded with silence.
        mask: 1 where an answer belongs to its clip, else 0.
        targets: 1 for each tag of the clip.
    """

    frames: Float[Tensor, "batch frames mels"]
    mask: Float[Tensor, "batch answers"]
    targets: Float[Tensor, "batch classes"]


class TagTask:
    """Clips with tags: cross-entropy of each tag, its answer pooled over the clip's hops."""

    def __init__(
        self,
        clips: Sequence[TaggedClip],
        validation: Sequence[TaggedClip],
        *,
        most: int,
        stride: int,
        lookahead: int,
        gain_db: float,
    ) -> None:
        """Learn from these.

        Args:
            most: frames of a clip at the most; longer ones are cut at random places.
            stride: frames to one step of the trunk.
            lookahead: frames by which answers are late.
            gain_db: standard deviation of the level by which clips are varied, dB.
        """
        self.clips, self.validation = clips, validation
        self.most, self.stride, self.lookahead, self.gain_db = most, stride, lookahead, gain_db

    def draw(self, batch: int, rng: np.random.Generator) -> TagBatch:
        """So many clips at random levels; of those that are too long, a random part."""
        chosen = [self.clips[int(at)] for at in rng.integers(len(self.clips), size=batch)]
        starts = [int(rng.integers(max(1, len(c.frames) - self.most + 1))) for c in chosen]
        gains = rng.normal(0, self.gain_db, batch) * _NEPERS_PER_DB
        return self._batch(chosen, starts, gains)

    def loss(self, model: Model, batch: TagBatch) -> Tensor:
        """Mean over clips and tags of -(t log p + (1 - t) log(1 - p))."""
        device = next(model.parameters()).device
        probs = clip_probs(model, TagBatch(*(part.to(device) for part in batch)))
        targets, probs = batch.targets.to(device), probs.clamp(_LEAST_DOUBT, 1 - _LEAST_DOUBT)
        return torch.nn.functional.binary_cross_entropy(probs, targets)

    def look(self, model: Model) -> tuple[float, float]:
        """Mean loss of the validation clips, and 1 less their mean average precision."""
        losses, scores = [], []
        with torch.inference_mode():
            for clip in self.validation:
                start = max(0, (len(clip.frames) - self.most) // 2)
                batch = self._batch([clip], [start], np.zeros(1))
                losses.append(float(self.loss(model, batch)))
                scores.append(clip_probs(model, batch)[0].cpu().numpy())
        targets = np.stack([clip.tags for clip in self.validation])
        return float(np.mean(losses)), 1 - mean_average_precision(targets, np.stack(scores))

    def _batch(
        self, clips: Sequence[TaggedClip], starts: Sequence[int], gains: np.ndarray
    ) -> TagBatch:
        lengths = np.array([min(len(clip.frames), self.most) for clip in clips])
        size = -(-(int(lengths.max()) + self.lookahead) // self.stride) * self.stride
        frames = np.stack(
            [
                _cut(clip.frames, start, int(length), size) + np.float32(gain)
                for clip, start, length, gain in zip(clips, starts, lengths, gains, strict=True)
            ]
        )
        at = np.arange(size) - self.lookahead
        mask = (at >= 0) & (at < lengths[:, None])
        targets = np.stack([clip.tags for clip in clips])
        return TagBatch(
            torch.from_numpy(frames),
            torch.from_numpy(mask.astype(np.float32)),
            torch.from_numpy(targets.astype(np.float32)),
        )


def _cut(store: FrameStore, start: int, length: int, size: int) -> np.ndarray:
    """``length`` frames from ``start``, then silence up to ``size``."""
    frames = np.tile(store.silence, (size, 1))
    frames[:length] = store.read(start, start + length)
    return frames


def clip_probs(model: Model, batch: TagBatch) -> Float[Tensor, "batch classes"]:
    """The posterior of each tag of each clip."""
    head = model.config.head
    assert isinstance(head, DetectConfig)
    state = model.initial_network_state(len(batch.frames))
    scores, _ = model.forward_frames(batch.frames, state)
    return pool_tags(scores, batch.mask, pooling=head.pooling)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagResults:
    """Scores on clips that were held out.

    Attributes:
        clips, tags: how much was tested on.
        mean_average_precision: mean over classes of the area under precision over recall.
        lwlrap: label-weighted label-ranking average precision.
        class_precision: the average precision of each class that a clip has.
    """

    clips: int
    tags: int
    mean_average_precision: float
    lwlrap: float
    class_precision: dict[str, float]

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return asdict(self)


def score_tagger(detector: Detector, clips: Sequence[AnnotatedRecording]) -> TagResults:
    """Tag every clip, as `Detector.tag_file` does, and compare with its tags.

    Raises:
        AudioError: a clip cannot be read.
    """
    classes = detector.classes
    targets = np.array([[name in clip.labels for name in classes] for clip in clips])
    rows = [detector.tag_file(clip.path) for clip in clips]
    scores = np.array([[row[name] for name in classes] for row in rows])
    present = np.flatnonzero(targets.any(axis=0)).tolist()
    return TagResults(
        clips=len(clips),
        tags=int(targets.sum()),
        mean_average_precision=mean_average_precision(targets, scores),
        lwlrap=lwlrap(targets, scores),
        class_precision={
            classes[at]: average_precision(targets[:, at], scores[:, at]) for at in present
        },
    )
