"""A trained detector: what sounds when, in recordings of any length or in endless sound."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float64

from auricle.io import audio_info, read_blocks
from auricle.models import Detection, Model, save_model
from auricle.models.model_file import Json
from auricle.streaming.detecting import DetectionStream, HopProbs, detect_config, join_probs

_BLOCK_S = 30.0
NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectedFile:
    """A recording's events.

    Attributes:
        path: the recording.
        events: by onset.
        duration_s: length of what was heard, seconds.
        source_rate: the recording's sample rate, Hz; another than the model's was resampled.
    """

    path: Path
    events: tuple[Detection, ...]
    duration_s: float
    source_rate: int


class Detector:
    """A detection model with its card: what it was trained on and how it did."""

    def __init__(self, model: Model, *, card: Mapping[str, Json] | None = None) -> None:
        """Take a model whose head detects.

        Raises:
            ConfigError: the model is a classifier.
        """
        self.head = detect_config(model)
        self.model = model.eval()
        self.card: dict[str, Json] = dict(card or {})

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, sorted as they were when the model was trained."""
        return self.model.config.classes

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the columns of every posterior: the classes and, if they exclude each other,
        `NONE` last."""
        return (*self.classes, NONE) if self.head.labels == "single" else self.classes

    @property
    def sample_rate(self) -> int:
        """Rate that the model hears at, Hz."""
        return self.model.config.front_end.sample_rate

    @property
    def hop_s(self) -> float:
        """Seconds from one posterior to the next."""
        return self.model.step_s

    def save(self, path: Path | str) -> Path:
        """Write the model file."""
        return save_model(self.model, path, card=self.card)

    def stream(self, *, sample_rate: int | None = None) -> DetectionStream:
        """Detect in endless sound; see `DetectionStream`."""
        return DetectionStream(self.model, sample_rate=sample_rate)

    def detect_file(
        self,
        path: Path | str,
        *,
        start_s: float = 0.0,
        end_s: float | None = None,
        on_probs: Callable[[HopProbs], None] | None = None,
        on_progress: Callable[[float], None] | None = None,
    ) -> DetectedFile:
        """The events of one recording, of any length at constant memory.

        Args:
            path: the recording.
            start_s: where to begin, seconds; times of events count from there.
            end_s: where to end, seconds; the recording's end if None.
            on_probs: given the posteriors, a block of sound after the other.
            on_progress: given the seconds that were heard so far.
        Raises:
            AudioError: the recording cannot be read, or is not as the model was trained to expect.
        """
        path, channel = Path(path), self.model.config.channel
        rate = audio_info(path).sample_rate
        stream, heard = self.stream(sample_rate=rate), 0
        events: list[Detection] = []
        blocks = read_blocks(path, channel=channel, start_s=start_s, end_s=end_s, block_s=_BLOCK_S)
        for block in blocks:
            heard += len(block)
            found, probs = stream.push_both(block)
            events += found
            if on_probs is not None:
                on_probs(probs)
            if on_progress is not None:
                on_progress(heard / rate)
        found, probs = stream.finish_both()
        if on_probs is not None:
            on_probs(probs)
        ordered = sorted([*events, *found], key=lambda event: (event.onset_s, event.label))
        return DetectedFile(
            path=path, events=tuple(ordered), duration_s=heard / rate, source_rate=rate
        )

    def detect_probs(
        self, path: Path | str, *, start_s: float = 0.0, end_s: float | None = None
    ) -> tuple[DetectedFile, HopProbs]:
        """As `detect_file`, with the posteriors of every hop, all in memory."""
        parts: list[HopProbs] = []
        found = self.detect_file(path, start_s=start_s, end_s=end_s, on_probs=parts.append)
        return found, join_probs(parts)

    def tag_file(
        self, path: Path | str, *, start_s: float = 0.0, end_s: float | None = None
    ) -> dict[str, float]:
        """The posterior of each class sounding anywhere in the recording, at constant memory.

        Hops are pooled as they were in training, or by their greatest posterior.

        Raises:
            AudioError: as `detect_file`.
        """
        tags = TagScores(len(self.classes), pooling=self.head.pooling)
        self.detect_file(path, start_s=start_s, end_s=end_s, on_probs=tags.add)
        return dict(zip(self.classes, tags.probs().tolist(), strict=True))


class TagScores:
    """Hops of one clip to the clip's posterior of each class; see `auricle.heads.pool_tags`."""

    def __init__(self, num_classes: int, *, pooling: Literal["attention", "max"]) -> None:
        self.pooling = pooling
        self._total = np.zeros(num_classes)
        self._weight = 0.0

    def add(self, part: HopProbs) -> None:
        """Take the next hops."""
        named = part.probs[:, : len(self._total)].astype(np.float64)
        if self.pooling == "max":
            self._total = np.maximum(self._total, named.max(axis=0, initial=0.0))
            return
        self._total = self._total + part.weights.astype(np.float64) @ named
        self._weight += float(part.weights.sum(dtype=np.float64))

    def probs(self) -> Float64[np.ndarray, " classes"]:
        """The posterior of each class in what was heard so far; 0 before the first hop."""
        return self._total / self._weight if self._weight else self._total
