"""Random windows of long recordings, with their targets."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from auricle.evaluation.event_track import EventTrack
from auricle.training.detection.store import FrameStore

Balance = Literal["time", "events", "classes"]
_NEPERS_PER_DB = np.log(10) / 10
_EVENT_SHARE = 0.5  # of the windows, where silence is not to rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    """A recording's frames and its events."""

    frames: FrameStore
    events: EventTrack


class Windows(NamedTuple):
    """Windows to learn from.

    Attributes:
        frames: front-end frames; the last ``lookahead`` of them have no target of their own.
        targets: of the frames before those: the class of each (num_classes for none), or 1 for
            each class that sounds.
    """

    frames: Float[Tensor, "batch frames mels"]
    targets: Tensor


class WindowSampler:
    """Draws windows from recordings of any length.

    Attributes:
        size: frames with a target of each window.
        lookahead: further frames, by which answers are delayed.
    """

    def __init__(
        self,
        recordings: list[Annotated],
        *,
        size: int,
        lookahead: int,
        single: bool,
        balance: Balance,
        gain_db: float,
    ) -> None:
        self.recordings, self.size, self.lookahead = recordings, size, lookahead
        self.single, self.balance, self.gain_db = single, balance, gain_db
        lengths = np.array([len(one.frames) for one in recordings], dtype=np.float64)
        self._shares = lengths / lengths.sum()
        self._places = np.array(
            [
                (at, first, stop)
                for at, one in enumerate(recordings)
                for first, stop in zip(one.events.first, one.events.stop, strict=True)
            ],
            dtype=np.int64,
        ).reshape(-1, 3)
        labels = [one.events.labels for one in recordings]
        self._labels = np.concatenate([*labels, np.empty(0, dtype=np.int64)])
        self._classes = np.unique(self._labels)

    def draw(self, batch: int, rng: np.random.Generator) -> Windows:
        """So many windows."""
        cuts = [self._one(rng) for _ in range(batch)]
        frames = torch.from_numpy(np.stack([frames for frames, _ in cuts]))
        return Windows(frames, torch.from_numpy(np.stack([targets for _, targets in cuts])))

    def _one(
        self, rng: np.random.Generator
    ) -> tuple[Float32[np.ndarray, "frames mels"], np.ndarray]:
        at, start = self._place(rng)
        one = self.recordings[at]
        frames = one.frames.read(start, start + self.size + self.lookahead)
        frames += np.float32(rng.normal(0, self.gain_db) * _NEPERS_PER_DB)
        paint = one.events.single if self.single else one.events.multi
        return frames, paint(start, start + self.size)

    def _place(self, rng: np.random.Generator) -> tuple[int, int]:
        """A recording and the first frame of a window."""
        around_event = self.balance != "time" and rng.random() < _EVENT_SHARE
        if around_event and len(self._places):
            at, first, stop = self._places[self._event(rng)]
            low, high = sorted((int(first) - self.size + 1, int(stop) - 1))
            return int(at), self._inside(int(rng.integers(low, high + 1)), int(at))
        at = int(rng.choice(len(self.recordings), p=self._shares))
        length = len(self.recordings[at].frames)
        return at, self._inside(int(rng.integers(-self.size // 4, max(1, length))), at)

    def _event(self, rng: np.random.Generator) -> int:
        if self.balance == "events":
            return int(rng.integers(len(self._places)))
        label = rng.choice(self._classes)
        return int(rng.choice(np.flatnonzero(self._labels == label)))

    def _inside(self, start: int, at: int) -> int:
        """A window may begin a little before the recording and end a little after it."""
        length, margin = len(self.recordings[at].frames), self.size // 4
        return max(-margin, min(start, length - self.size + margin))
