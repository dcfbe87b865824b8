"""Training, validation and test clips that do not flatter the result."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Int

from auricle.data.assignment import assign_groups, sample_within
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
) -> Split:
    """Split once, with the same share of every class in each part.

    Args:
        manifest: at least two classes.
        kind: "group": whole groups stand on one side; "random": clips are drawn, which flatters
            where clips have something in common; "column": the data set's own split, where a
            missing validation part is drawn from the training part as `draw_validation` says.
        validation_fraction: of all clips ("column": of the training clips), in [0, 1).
        test_fraction: of all clips, in [0, 1); "column" does not use it.
        seed: of what is drawn.
    Raises:
        SplitError: a part would be empty or lack a class, or the column is missing or unclear.
    """
    check_fractions(validation_fraction, test_fraction)
    check_classes(manifest)
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


def check_fractions(validation: float, test: float) -> None:
    """Refuse fractions that leave nothing to train on."""
    if not (0 <= validation < 1 and 0 <= test < 1 and validation + test < 1):
        raise SplitError(
            message(
                "fractions",
                expected="0 <= validation, 0 <= test, validation + test < 1",
                got=f"validation={validation}, test={test}",
                remedy="0.15 and 0.2 are usual.",
            )
        )


def check_classes(manifest: Manifest) -> None:
    """Refuse what no split can mend: fewer than two classes, or a class with one clip."""
    counts = Counter(clip.label for clip in manifest.clips)
    if len(counts) < 2:
        raise SplitError(
            message(
                "classes",
                expected="at least two",
                got=f"{len(counts)} ({', '.join(map(repr, counts)) or 'none'}) "
                f"in {len(manifest)} clips",
                remedy="Add another class: a folder beside it, such as `background`. If the "
                "classes are deeper folders, name the folder that holds them.",
            )
        )
    single = sorted(label for label, count in counts.items() if count == 1)
    if single:
        raise SplitError(
            message(
                "clips of a class",
                expected="at least two, to train on one and test on the other",
                got=f"one in {_listed(single)}",
                remedy="Record more of it, or take the class out.",
            )
        )


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
            raise impossible(f"no group of {_listed(missing)} left for the {name} part")
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
    train, validation, test = (
        np.flatnonzero(parts == name) for name in ("train", "validation", "test")
    )
    note = "The data set's own split."
    if not len(validation):
        train, validation, drawn = draw_validation(
            manifest, rest=train, test=test, fraction=validation_fraction, seed=seed, whole=True
        )
        note = f"{note} {drawn}"
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


def check_groups(manifest: Manifest, *, num_parts: int) -> None:
    """Refuse groups that cannot be dealt to so many parts."""
    names = manifest.groups
    if len(set(names)) < num_parts:
        raise impossible(f"{len(set(names))} groups for {num_parts} parts")
    of_class: dict[str, set[str]] = {}
    for clip, group in zip(manifest.clips, names, strict=True):
        of_class.setdefault(clip.label, set()).add(group)
    single = sorted(label for label, found in of_class.items() if len(found) == 1)
    if single and num_parts > 1:
        raise impossible(f"one group only in {_listed(single)}")


def impossible(got: str) -> SplitError:
    """The house's error for groups that do not allow a split."""
    return SplitError(
        message(
            "groups",
            expected="groups enough to have every class in training and in the test",
            got=got,
            remedy="Add recordings of other speakers, places or days, or ask for `--split random`, "
            "whose result will be labelled as such.",
        )
    )


def group_sentence(manifest: Manifest) -> str:
    """How a split by groups describes itself."""
    num_groups = len(set(manifest.groups))
    if num_groups == len(manifest):
        return (
            "Split by clip, since no groups are known: clips that have a recording or a speaker "
            "in common may stand on both sides."
        )
    return f"Split by group ({num_groups} groups; {manifest.group_rule})."


def random_sentence(num_across: int, num_groups: int) -> str:
    """How a random split describes itself."""
    return (
        f"RANDOM split, as asked: {num_across} of {num_groups} groups stand in training and in "
        "the test, so the result may flatter."
    )


def _columns(manifest: Manifest, indices: Indices) -> tuple[list[str], list[str]]:
    names = manifest.groups
    return [names[i] for i in indices], [manifest.clips[i].label for i in indices]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:5]))
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
