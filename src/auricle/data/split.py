"""Training, validation and test clips that do not flatter the result."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Int

from auricle.data.assignment import assign_groups, sample_within
from auricle.data.fairness import (
    check_classes,
    check_fractions,
    check_groups,
    group_sentence,
    impossible,
    listed,
    random_sentence,
)
from auricle.data.manifest import Manifest
from auricle.data.read_csv import split_name
from auricle.errors import SplitError, message

SplitKind = Literal["group", "random", "column", "fold"]
Indices = Int[np.ndarray, " _"]  # positions in a manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Three manifests that share no clip.

    Attributes:
        train: to learn from.
        validation: to stop early and to calibrate; may be empty if it was asked to be.
        test: held out until the end.
        kind: what kept them apart.
        seed: of whatever was drawn.
        description: one or two sentences for reports; a random split says that it is one.
    """

    train: Manifest
    validation: Manifest
    test: Manifest
    kind: SplitKind
    seed: int
    description: str

    def to_manifest(self) -> Manifest:
        """All clips with their part in the split column, to be written and given back."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        clips = tuple(
            replace(clip, split=name) for name, part in parts.items() for clip in part.clips
        )
        return replace(self.train, clips=clips)


def split_manifest(
    manifest: Manifest,
    *,
    kind: Literal["group", "random", "column"] = "group",
    validation_fraction: float = 0.15,
    test_fraction: float = 0.2,
    seed: int = 0,
    min_classes: int = 2,
) -> Split:
    """Split once, with the same share of every class in each part.

    Args:
        manifest: at least ``min_classes`` classes.
        kind: "group": whole groups stand on one side; "random": clips are drawn, which flatters
            where clips have something in common; "column": the data set's own split, where a
            missing validation part is drawn from the training part as `draw_validation` says.
        validation_fraction: of all clips ("column": of the training clips), in [0, 1).
        test_fraction: of all clips, in [0, 1); "column" does not use it.
        seed: of what is drawn.
        min_classes: 1 where a second class, such as background, will be added.
    Raises:
        SplitError: a part would be empty or lack a class, or the column is missing or unclear.
    """
    check_fractions(validation_fraction, test_fraction)
    check_classes(manifest, at_least=min_classes)
    if kind == "column":
        return _column_split(manifest, validation_fraction=validation_fraction, seed=seed)
    fractions = (1 - validation_fraction - test_fraction, validation_fraction, test_fraction)
    if kind == "random":
        return _random_split(manifest, fractions=fractions, seed=seed)
    return _group_split(manifest, fractions=fractions, seed=seed)


def draw_validation(
    manifest: Manifest, *, rest: Indices, test: Indices, fraction: float, seed: int, whole: bool
) -> tuple[Indices, Indices, str]:
    """Take validation clips out of what is not for testing.

    Whole groups are taken, so that validation is as hard as the test; but where the test shares
    groups with training, or too few groups are left for every class to stay in training, clips
    are drawn at random, the same share of every class within each group.

    Args:
        manifest: of which ``rest`` and ``test`` are positions.
        rest: positions of clips that are not for testing.
        test: positions of the test clips.
        fraction: of the clips in ``rest``, in [0, 1).
        seed: of the draw.
        whole: False draws clips within groups in any case.
    Returns:
        Positions for training, positions for validation, and a sentence.
    """
    if fraction == 0:
        return rest, rest[:0], "There is no validation part."
    groups, labels = _columns(manifest, rest)
    names = manifest.groups
    if whole and not set(groups) & {names[i] for i in test}:
        held = assign_groups(groups, labels, shares=(1 - fraction, fraction), seed=seed) == 1
        kept = {label for label, out in zip(labels, held, strict=True) if not out}
        if held.any() and kept == set(labels):
            return rest[~held], rest[held], "Validation holds whole groups of the training part."
    held = sample_within(groups, labels, fraction=fraction, seed=seed)
    sentence = "Validation is drawn at random within the training groups, stratified by class."
    return rest[~held], rest[held], sentence


def make_split(
    manifest: Manifest,
    *,
    train: Indices,
    validation: Indices,
    test: Indices,
    kind: SplitKind,
    seed: int,
    sentence: str,
) -> Split:
    """Put the parts together and count them in the description."""
    sizes = f"{len(train)} training, {len(validation)} validation, {len(test)} test clips"
    return Split(
        train=manifest.select(train),
        validation=manifest.select(validation),
        test=manifest.select(test),
        kind=kind,
        seed=seed,
        description=f"{sentence} {sizes}; seed {seed}.",
    )


def _group_split(manifest: Manifest, *, fractions: tuple[float, float, float], seed: int) -> Split:
    everything = np.arange(len(manifest))
    groups, labels = _columns(manifest, everything)
    used = [part for part in range(3) if fractions[part] > 0]
    check_groups(manifest, num_parts=len(used))
    shares = [fractions[part] for part in used]
    parts = np.array(used)[assign_groups(groups, labels, shares=shares, seed=seed)]
    train, validation, test = (everything[parts == part] for part in range(3))
    for name, indices, part in (("training", train, 0), ("test", test, 2)):
        missing = sorted(set(labels) - {labels[i] for i in indices})
        if fractions[part] > 0 and missing:
            raise impossible(f"no group of {listed(missing)} left for the {name} part")
    if fractions[1] > 0 and not len(validation):
        raise impossible("no group left for the validation part")
    return make_split(
        manifest,
        train=train,
        validation=validation,
        test=test,
        kind="group",
        seed=seed,
        sentence=group_sentence(manifest),
    )


def _random_split(manifest: Manifest, *, fractions: tuple[float, float, float], seed: int) -> Split:
    everything = np.arange(len(manifest))
    labels = [clip.label for clip in manifest.clips]
    in_test = sample_within([""] * len(labels), labels, fraction=fractions[2], seed=seed)
    rest, test = everything[~in_test], everything[in_test]
    rest_labels = [labels[i] for i in rest]
    fraction = fractions[1] / (1 - fractions[2])
    held = sample_within([""] * len(rest), rest_labels, fraction=fraction, seed=seed + 1)
    names = manifest.groups
    across = {names[i] for i in test} & {names[i] for i in rest[~held]}
    return make_split(
        manifest,
        train=rest[~held],
        validation=rest[held],
        test=test,
        kind="random",
        seed=seed,
        sentence=random_sentence(len(across), len(set(names))),
    )


def _column_split(manifest: Manifest, *, validation_fraction: float, seed: int) -> Split:
    parts = _column_parts(manifest)
    train, validation, test = (
        np.flatnonzero(parts == name) for name in ("train", "validation", "test")
    )
    note = "The data set's own split."
    if not len(validation):
        train, validation, drawn = draw_validation(
            manifest, rest=train, test=test, fraction=validation_fraction, seed=seed, whole=True
        )
        note = f"{note} {drawn}"
    untaught = set(manifest.select(test).classes) - set(manifest.select(train).classes)
    if untaught:
        raise _untaught(sorted(untaught))
    names = manifest.groups
    across = {names[i] for i in test} & {names[i] for i in (*train, *validation)}
    if across:
        note += f" {len(across)} of {len(set(names))} groups stand on both sides."
    return make_split(
        manifest,
        train=train,
        validation=validation,
        test=test,
        kind="column",
        seed=seed,
        sentence=note,
    )


def _columns(manifest: Manifest, indices: Indices) -> tuple[list[str], list[str]]:
    names = manifest.groups
    return [names[i] for i in indices], [manifest.clips[i].label for i in indices]


def _column_parts(manifest: Manifest) -> np.ndarray:
    """The part of each clip, by name."""
    parts = np.array([split_name(clip.split or "") for clip in manifest.clips], dtype=str)
    found = set(parts.tolist())
    if not {"train", "test"} <= found or found - {"train", "validation", "test"}:
        counts = Counter(parts.tolist())
        got = ", ".join(f"{name or 'empty'} ({count})" for name, count in sorted(counts.items()))
        raise SplitError(
            message(
                "split column",
                expected="train and test, and perhaps validation, in every row",
                got=got,
                remedy="Fill the column, or use `--split group`.",
            )
        )
    return parts


def _untaught(labels: list[str]) -> SplitError:
    return SplitError(
        message(
            "split column",
            expected="every class of the test part in the training part",
            got=f"no training clip of {listed(labels)}",
            remedy="Mend the column, or use `--split group`.",
        )
    )
