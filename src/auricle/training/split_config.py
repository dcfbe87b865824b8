"""How recordings are kept apart, as a value."""

from dataclasses import dataclass
from typing import Literal

SplitChoice = Literal["auto", "group", "random", "column"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitConfig:
    """How recordings are kept apart.

    Attributes:
        split: group keeps whole groups on one side; random draws clips and flatters the result;
            column takes the data set's own; auto takes the column where there is one, else group.
        folds: cross-validate over so many folds; 0 uses the data set's fold column.
        leave_one_group_out: cross-validate, testing on each group in turn.
        validation_fraction: share of clips to stop early and calibrate on.
        test_fraction: share of clips that are held out until the end.
    """

    split: SplitChoice = "auto"
    folds: int | None = None
    leave_one_group_out: bool = False
    validation_fraction: float = 0.15
    test_fraction: float = 0.2
