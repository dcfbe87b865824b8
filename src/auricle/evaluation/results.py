"""What a model scored on held-out clips, as a value that JSON can carry."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from auricle.errors import ModelFileError, ShapeError, message
from auricle.metrics import ReliabilityBin

SplitKind = Literal["group", "random", "column", "fold", "external"]
"""How the scored clips were kept apart; "external": a manifest that training never saw."""

BaselineName = Literal["majority", "svm", "random_forest"]

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClipScores:
    """One row of probabilities per clip, beside the truth.

    Attributes:
        classes: names of the columns of probs.
        names: what each clip is called in messages and reports.
        groups: recording, speaker or day of each clip.
        targets: class index; -1 for a background clip, which holds none of the classes.
        probs: in [0, 1], each row sums to 1.
    Raises:
        ShapeError: the lengths do not agree.
    """

    classes: tuple[str, ...]
    names: tuple[str, ...]
    groups: tuple[str, ...]
    targets: Int[np.ndarray, " clips"]
    probs: Float[np.ndarray, "clips classes"]

    def __post_init__(self) -> None:
        lengths = {len(self.names), len(self.groups), len(self.targets), len(self.probs)}
        if len(lengths) > 1 or self.probs.shape[1:] != (len(self.classes),):
            raise ShapeError(
                message(
                    "ClipScores",
                    expected="names, groups, targets and rows of probs of one length, and a "
                    f"column of probs per class ({len(self.classes)})",
                    got=f"{len(self.names)}, {len(self.groups)}, {len(self.targets)}, "
                    f"probs of shape {self.probs.shape}",
                    remedy="Build all five from the same list of clips.",
                )
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScore:
    """How one class did; shares in [0, 1], 0.0 where there was nothing to divide by."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupScore:
    """How one recording, speaker or day did."""

    name: str
    num_clips: int
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineResult:
    """How one baseline did on the test clips.

    Attributes:
        title: what a reader calls it.
        detail: how it was trained, as half a sentence.
        accuracy: share of right answers, in [0, 1].
        accuracy_interval: 95 %, drawn as for the network.
        macro_f1: in [0, 1].
        num_train: clips that it learnt from.
    """

    title: str
    detail: str
    accuracy: float
    accuracy_interval: tuple[float, float]
    macro_f1: float
    num_train: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Scores of one model on one held-out set. All shares are in [0, 1].

    Attributes:
        num_clips: clips with a truth, with background where the model has a class for it.
        num_groups: groups among them.
        accuracy: share of right answers, "unknown" left aside: the most probable class counts.
        accuracy_interval: 95 %; drawn over interval_unit, see `metrics.accuracy_interval`.
        interval_unit: "clip" where there is one group only, or where all clips (or none) are
            right, else "group".
        confusion: row truth, column answer, clips.
        ece_before, ece_after: expected calibration error before and after the temperature;
            ece_before is None where no uncalibrated scores were given.
        reliability_before, reliability: the bins behind these two figures.
        temperature: what log-probabilities are divided by.
        threshold: score below which the answer is "unknown".
        coverage: share of clips with a score at or above the threshold, and not taken for the
            class unknown.
        accuracy_known: accuracy on these; None where there is none.
        log_loss: nats per clip.
        num_background: clips that hold none of the classes; where the model has the class
            unknown and they are labelled so, they are among num_clips, too.
        background_accepted: share of them that was not called unknown; None without any.
        per_group: worst first.
        split_kind, split_description: how the clips were kept apart from training.
    """

    classes: tuple[str, ...]
    num_clips: int
    num_groups: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    interval_unit: Literal["group", "clip"]
    macro_f1: float
    per_class: tuple[ClassScore, ...]
    per_group: tuple[GroupScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    ece_before: float | None
    ece_after: float
    reliability_before: tuple[ReliabilityBin, ...]
    reliability: tuple[ReliabilityBin, ...]
    temperature: float
    threshold: float
    coverage: float
    accuracy_known: float | None
    log_loss: float
    num_background: int
    background_accepted: float | None
    split_kind: SplitKind
    split_description: str

    @property
    def num_answers(self) -> tuple[int, ...]:
        """How often each class was answered, right or wrong, in clips."""
        return tuple(sum(column) for column in zip(*self.confusion, strict=True))

    def to_dict(self) -> dict[str, Json]:
        """Plain lists, numbers and words, as JSON has them."""
        return {key: _plain(value) for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, document: Mapping[str, Json]) -> "Results":
        """The inverse of `to_dict`.

        Raises:
            ModelFileError: an entry is missing or of the wrong type.
        """
        from pydantic import TypeAdapter, ValidationError

        try:
            return TypeAdapter(cls).validate_python(dict(document))
        except ValidationError as error:
            first = error.errors()[0]
            raise ModelFileError(
                message(
                    "results",
                    expected="the entries that Results.to_dict writes",
                    got=f"{first['msg'].lower()} at {'.'.join(map(str, first['loc']))!r}",
                    remedy="Was it written by another version? Evaluate the model again.",
                )
            ) from error


def _plain(value: object) -> Json:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"no JSON for {type(value).__name__}")
