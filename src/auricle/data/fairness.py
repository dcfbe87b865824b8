"""What a fair split needs, and how a split says what it is."""

from collections import Counter
from collections.abc import Sequence

from auricle.data.manifest import Manifest
from auricle.errors import SplitError, message


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


def check_classes(manifest: Manifest, *, at_least: int = 2) -> None:
    """Refuse what no split can mend: too few classes, or a class with one clip."""
    counts = Counter(clip.label for clip in manifest.clips)
    if len(counts) < at_least:
        raise SplitError(
            message(
                "classes",
                expected="at least two" if at_least > 1 else "at least one",
                got=f"{len(counts)} ({', '.join(map(repr, counts)) or 'none'}) "
                f"in {len(manifest)} clips",
                remedy="Add another class, a folder beside it; or give sound without it by "
                "`--background FOLDER`, to tell it from everything else. If the classes are "
                "deeper folders, name the folder that holds them.",
            )
        )
    single = sorted(label for label, count in counts.items() if count == 1)
    if single:
        raise SplitError(
            message(
                "clips of a class",
                expected="at least two, to train on one and test on the other",
                got=f"one in {listed(single)}",
                remedy="Record more of it, or take the class out.",
            )
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
        raise impossible(f"one group only in {listed(single)}")


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


def listed(names: Sequence[str]) -> str:
    """The first few names, quoted."""
    shown = ", ".join(map(repr, names[:5]))
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
