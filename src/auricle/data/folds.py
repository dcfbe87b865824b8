"""Several splits that test every clip once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from jaxtyping import Int

from auricle.data.assignment import assign_groups
from auricle.data.fairness import (
    check_classes,
    check_fractions,
    check_groups,
    group_sentence,
    impossible,
    random_sentence,
)
from auricle.data.manifest import Manifest
from auricle.data.split import Split, SplitKind, draw_validation, make_split
from auricle.errors import SplitError, message


def k_folds(
    manifest: Manifest,
    *,
    num_folds: int | None = None,
    kind: Literal["group", "random"] = "group",
    validation_fraction: float = 0.15,
    seed: int = 0,
    min_classes: int = 2,
) -> list[Split]:
    """Split into folds, each of which is the test part once.

    Args:
        manifest: at least ``min_classes`` classes.
        num_folds: how many, >= 2; None takes the data set's ``fold`` column.
        kind: "group": whole groups stand in one fold; "random": clips are drawn. The column
            knows no such choice.
        validation_fraction: of the clips outside the fold, in [0, 1), as `draw_validation` says.
        seed: of what is drawn.
        min_classes: 1 where a second class, such as background, will be added.
    Raises:
        SplitError: folds are missing, or a class or a group does not allow so many.
    """
    check_fractions(validation_fraction, 0.0)
    check_classes(manifest, at_least=min_classes)
    if num_folds is None:
        folds, sentence = _folds_of_column(manifest), "The data set's own folds."
        shared = _groups_across(manifest, folds)
        if shared:
            sentence += f" {shared} groups stand in more than one fold."
        split_kind: SplitKind = "fold"
    else:
        folds = _dealt_folds(manifest, num_folds=num_folds, kind=kind, seed=seed)
        shared, total = _groups_across(manifest, folds), len(set(manifest.groups))
        sentence = random_sentence(shared, total) if kind == "random" else group_sentence(manifest)
        split_kind = kind
    names = sorted(set(folds.tolist()))
    return [
        _split(
            manifest,
            np.flatnonzero(folds == name),
            kind=split_kind,
            sentence=f"Fold {place} of {len(names)}. {sentence}",
            fraction=validation_fraction,
            seed=seed,
            whole=kind == "group",
        )
        for place, name in enumerate(names, start=1)
    ]


def leave_one_group_out(
    manifest: Manifest, *, validation_fraction: float = 0.15, seed: int = 0, min_classes: int = 2
) -> list[Split]:
    """Test on each group in turn, in the order of their names, and train on all others.

    Validation clips are always drawn at random within the training groups, the same share of
    every class, so that no further group is lost to training.

    Args:
        manifest: at least ``min_classes`` classes, and two groups.
        validation_fraction: of the clips of the training groups, in [0, 1).
        seed: of the draw.
        min_classes: 1 where a second class, such as background, will be added.
    Raises:
        SplitError: no groups are known, or a class is in one group only.
    """
    check_fractions(validation_fraction, 0.0)
    check_classes(manifest, at_least=min_classes)
    groups = np.array(manifest.groups, dtype=str)
    names = sorted(set(groups.tolist()))
    if len(names) == len(manifest):
        raise impossible("no groups at all: every clip is its own")
    check_groups(manifest, num_parts=2)
    return [
        _split(
            manifest,
            np.flatnonzero(groups == name),
            kind="group",
            sentence=f"Leave one group out: tested on {name!r}, one of {len(names)} groups "
            f"({manifest.group_rule}).",
            fraction=validation_fraction,
            seed=seed,
            whole=False,
        )
        for name in names
    ]


def fold_manifest(splits: Sequence[Split], *, order: Manifest) -> Manifest:
    """All clips with the number of the fold that tests them, to be written and given back.

    Args:
        splits: of a cross-validation, the first of which is fold 1.
        order: clips in the order that the result keeps; others come after them.
    """
    places = {clip.name: at for at, clip in enumerate(order.clips)}
    clips = [
        replace(clip, fold=number, split=None)
        for number, split in enumerate(splits, start=1)
        for clip in split.test.clips
    ]
    clips.sort(key=lambda clip: places.get(clip.name, len(places)))
    return replace(order, clips=tuple(clips))


def _split(
    manifest: Manifest,
    test: Int[np.ndarray, " clips"],
    *,
    kind: SplitKind,
    sentence: str,
    fraction: float,
    seed: int,
    whole: bool,
) -> Split:
    rest = np.setdiff1d(np.arange(len(manifest)), test)
    labels = {manifest.clips[i].label for i in rest}
    missing = sorted(set(manifest.classes) - labels)
    if missing:
        raise impossible(f"no clip of {missing[0]!r} outside one fold")
    train, validation, drawn = draw_validation(
        manifest, rest=rest, test=test, fraction=fraction, seed=seed, whole=whole
    )
    return make_split(
        manifest,
        train=train,
        validation=validation,
        test=test,
        kind=kind,
        seed=seed,
        sentence=f"{sentence} {drawn}",
    )


def _folds_of_column(manifest: Manifest) -> Int[np.ndarray, " clips"]:
    folds = [clip.fold for clip in manifest.clips]
    known = [fold for fold in folds if fold is not None]
    if len(known) < len(folds) or len(set(known)) < 2:
        raise SplitError(
            message(
                "fold column",
                expected="a number in every row, and two folds at least",
                got=f"{len(folds) - len(known)} rows without one, {len(set(known))} folds",
                remedy="Fill the column, or say how many folds to make: `--folds 5`.",
            )
        )
    return np.array(known, dtype=np.int64)


def _dealt_folds(
    manifest: Manifest, *, num_folds: int, kind: Literal["group", "random"], seed: int
) -> Int[np.ndarray, " clips"]:
    labels = [clip.label for clip in manifest.clips]
    groups = manifest.groups if kind == "group" else [str(i) for i in range(len(manifest))]
    if not 2 <= num_folds <= len(set(groups)):
        raise SplitError(
            message(
                "num_folds",
                expected=f"2 to {len(set(groups))}, the number of "
                + ("groups" if kind == "group" else "clips"),
                got=num_folds,
                remedy="Ask for fewer folds with `--folds`.",
            )
        )
    if kind == "group":
        check_groups(manifest, num_parts=2)
    return assign_groups(groups, labels, shares=[1 / num_folds] * num_folds, seed=seed)


def _groups_across(manifest: Manifest, folds: Int[np.ndarray, " clips"]) -> int:
    """How many groups stand in more than one fold."""
    pairs = set(zip(manifest.groups, folds.tolist(), strict=True))
    counts = Counter(group for group, _ in pairs)
    return sum(count > 1 for count in counts.values())
