"""Recordings as frames of features in memory or on disk, and batches of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor

from auricle.errors import AudioError, AuricleError
from auricle.features.augment import Batch
from auricle.models import Model

Frames = Float32[np.ndarray, "_ mels"]  # clips differ in length
_BUCKET_BATCHES = 8


@dataclass(slots=True)
class Examples:
    """Clips as frames with the index of their class."""

    frames: list[Frames]
    targets: Int64[np.ndarray, " clips"]

    def __len__(self) -> int:
        return len(self.frames)

    def __add__(self, other: "Examples") -> "Examples":
        return Examples(
            [*self.frames, *other.frames], np.concatenate([self.targets, other.targets])
        )

    def num_frames(self, most: int) -> int:
        """Frames in all, counting at most ``most`` of each clip."""
        return sum(min(len(frames), most) for frames in self.frames)


def training_order(
    lengths: Sequence[int], batch_size: int, *, generator: torch.Generator
) -> list[Int64[np.ndarray, " batch"]]:
    """Shuffled batches whose clips are of like length, so that little is padding."""
    order = torch.randperm(len(lengths), generator=generator).numpy()
    batches = []
    for start in range(0, len(order), batch_size * _BUCKET_BATCHES):
        bucket = order[start : start + batch_size * _BUCKET_BATCHES]
        bucket = bucket[np.argsort([lengths[i] for i in bucket], kind="stable")]
        batches += [bucket[at : at + batch_size] for at in range(0, len(bucket), batch_size)]
    if len(batches) > 1 and len(batches[-1]) < 2:
        lone = batches.pop()
        batches[-1] = np.concatenate([batches[-1], lone])
    shuffled = torch.randperm(len(batches), generator=generator).tolist()
    return [batches[i] for i in shuffled]


def collate(
    examples: Examples,
    chosen: Int64[np.ndarray, " batch"],
    *,
    num_classes: int,
    floor: float | Float[Tensor, " mels"],
    most: int,
    generator: torch.Generator | None = None,
) -> Batch:
    """Pad clips to one length; longer ones than ``most`` are cut.

    Args:
        floor: value of silence, which pads: one for all columns, or one for each.
        most: longest clip, frames.
        generator: where to cut at random; the middle is taken if None.
    """
    cuts = [_cut(examples.frames[i], most, generator) for i in chosen]
    lengths = torch.tensor([len(cut) for cut in cuts])
    frames = torch.empty(len(cuts), int(lengths.max()), cuts[0].shape[1])
    frames[:] = floor
    for row, cut in zip(frames, cuts, strict=True):
        row[: len(cut)] = torch.from_numpy(cut)
    targets = torch.from_numpy(examples.targets[chosen])
    one_hot = torch.nn.functional.one_hot(targets, num_classes).float()
    return Batch(frames, lengths, one_hot)


def evaluation_batches(
    examples: Examples,
    *,
    num_classes: int,
    floor: float | Float[Tensor, " mels"],
    most: int,
    budget: int = 60_000,
    alike: float = 0.0,
) -> Iterator[tuple[Int64[np.ndarray, " batch"], Batch]]:
    """All clips, by length, in batches of at most ``budget`` frames (or of one clip).

    Args:
        alike: the shortest clip of a batch is at least this share of its longest, in [0, 1].
    """
    lengths = np.array([min(len(frames), most) for frames in examples.frames])
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        stop = start + 1
        shortest = lengths[order[start]]
        while stop < len(order):
            longest = lengths[order[stop]]
            if longest * (stop + 1 - start) > budget or shortest < alike * longest:
                break
            stop += 1
        chosen = order[start:stop]
        yield chosen, collate(examples, chosen, num_classes=num_classes, floor=floor, most=most)
        start = stop


def statistics(model: Model, examples: Examples, *, most: int) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each compressed filter over the training set, each frame alike."""
    count = 0
    total = torch.zeros(model.config.front_end.n_features, dtype=torch.float64)
    squares = torch.zeros_like(total)
    for frames in examples.frames:
        x = torch.from_numpy(np.array(frames[:most]))[None]
        with torch.inference_mode():
            y, _ = model.compression.compress(x, model.compression.initial_state(1))
        count += y.shape[1]
        total += y[0].double().sum(dim=0)
        squares += y[0].double().square().sum(dim=0)
    mean = total / count
    deviation = (squares / count - mean.square()).clamp(min=0).sqrt()
    return mean.float(), deviation.float()


def _cut(frames: Frames, most: int, generator: torch.Generator | None) -> Frames:
    spare = len(frames) - most
    if spare <= 0:
        return np.array(frames)
    start = spare // 2
    if generator is not None:
        start = int(torch.randint(spare + 1, (1,), generator=generator))
    return np.array(frames[start : start + most])


def raise_unreadable(
    problems: Sequence[AuricleError],
    total: int,
    *,
    name: str = "recordings",
    remedy: str = "Mend or remove them, or pass --skip-bad to leave them out",
) -> None:
    """One error for all recordings that cannot be used.

    Args:
        total: how many there are.
        name: what they are.
        remedy: without a full stop; the recordings are listed after it.
    Raises:
        AudioError: there is at least one problem.
    """
    if problems:
        shown = "\n  ".join(str(problem) for problem in problems[:10])
        more = f"\n  and {len(problems) - 10} more" if len(problems) > 10 else ""
        raise AudioError(
            f"{name}: expected {total} that can be read, got {len(problems)} that cannot. "
            f"{remedy}:\n  {shown}{more}"
        )
