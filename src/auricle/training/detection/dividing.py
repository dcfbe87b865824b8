"""Which recordings teach, which tune and which test: groups never stand on both sides."""

from dataclasses import dataclass

import numpy as np

from auricle.data.annotations import AnnotatedRecording, Annotations
from auricle.data.assignment import assign_groups
from auricle.errors import SplitError, message
from auricle.training.split_config import SplitConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSplit:
    """Annotated recordings by part.

    Attributes:
        train, validation, test: the recordings of each.
        kind: column, group or random.
        description: one sentence for people.
    """

    train: tuple[AnnotatedRecording, ...]
    validation: tuple[AnnotatedRecording, ...]
    test: tuple[AnnotatedRecording, ...]
    kind: str
    description: str


def divide_recordings(
    annotations: Annotations, config: SplitConfig, *, seed: int
) -> RecordingSplit:
    """Divide recordings by their split column, or deal whole groups so that classes are spread.

    A recording without a group is a group of its own.

    Raises:
        SplitError: a part would be empty, or folds were asked for.
    """
    if config.folds is not None or config.leave_one_group_out:
        raise _refuse("one split", "folds", "Cross-validation is not there for annotations yet.")
    recordings = annotations.recordings
    has_column = any(one.split == "test" for one in recordings)
    if config.split == "column" or (config.split == "auto" and has_column):
        return _by_column(recordings, config, seed)
    grouped = config.split != "random"
    shares = (config.validation_fraction, config.test_fraction)
    parts = _deal(recordings, shares, grouped=grouped, seed=seed)
    kind = "group" if grouped else "random"
    return _checked(parts, kind, f"{kind} split, seed {seed}")


def _by_column(
    recordings: tuple[AnnotatedRecording, ...], config: SplitConfig, seed: int
) -> RecordingSplit:
    """The parts that the recordings name; those that name none are left out."""
    parts = {name: [r for r in recordings if r.split == name] for name in _PARTS}
    if not parts["validation"] and len(parts["train"]) > 1:
        train, validation, _ = _deal(
            tuple(parts["train"]), (config.validation_fraction, 0.0), grouped=True, seed=seed
        )
        parts |= {"train": train, "validation": validation}
    left_out = len(recordings) - sum(map(len, parts.values()))
    told = f" ({left_out} recordings without a part are left out)" if left_out else ""
    ordered = (parts["train"], parts["validation"], parts["test"])
    return _checked(ordered, "column", f"the split column{told}")


_PARTS = ("train", "validation", "test")
_Parts = tuple[list[AnnotatedRecording], list[AnnotatedRecording], list[AnnotatedRecording]]


def _deal(
    recordings: tuple[AnnotatedRecording, ...],
    shares: tuple[float, float],
    *,
    grouped: bool,
    seed: int,
) -> _Parts:
    """Whole groups to parts, so that each part holds its share of every class's events."""
    groups = [(one.group if grouped else None) or one.path.as_posix() for one in recordings]
    items = [
        (group, label)
        for group, one in zip(groups, recordings, strict=True)
        for label in ("", *(event.label for event in one.events))
    ]
    wanted = np.array([1 - sum(shares), *shares])
    used = np.flatnonzero(wanted > 0)
    dealt = assign_groups(
        [group for group, _ in items],
        [label for _, label in items],
        shares=wanted[used].tolist(),
        seed=seed,
    )
    part_of = {group: int(used[part]) for (group, _), part in zip(items, dealt, strict=True)}
    parts: _Parts = ([], [], [])
    for group, one in zip(groups, recordings, strict=True):
        parts[part_of[group]].append(one)
    return parts


def _checked(parts: _Parts, kind: str, how: str) -> RecordingSplit:
    train, validation, test = parts
    if not train or not any(one.events for one in train) or not test:
        got = ", ".join(f"{len(p)} to {n}" for p, n in zip(parts, _PARTS, strict=True))
        remedy = "Annotate more recordings, or give them a split column of train and test."
        raise _refuse("recordings with events to train on, and some to test on", got, remedy)
    counts = ", ".join(f"{len(p)} to {n}" for p, n in zip(parts, _PARTS, strict=True))
    return RecordingSplit(
        train=tuple(train),
        validation=tuple(validation),
        test=tuple(test),
        kind=kind,
        description=f"{len(train) + len(validation) + len(test)} recordings by {how}: {counts}.",
    )


def _refuse(expected: str, got: str, remedy: str) -> SplitError:
    return SplitError(message("split", expected=expected, got=got, remedy=remedy))
