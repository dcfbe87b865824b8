"""Majority class, SVM and random forest on clip statistics: what the network has to beat."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int

from auricle.data import FeatureCache, Manifest, group_of
from auricle.errors import SplitError, message
from auricle.evaluation.fitting import fit_forest, fit_majority, fit_svm
from auricle.evaluation.results import BaselineName, BaselineResult
from auricle.evaluation.statistics import Progress, manifest_statistics
from auricle.io import Channel
from auricle.metrics import accuracy, accuracy_interval, macro_f1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledRows:
    """Clip statistics with their truth and group."""

    x: Float32[np.ndarray, "clips statistics"]
    targets: Int[np.ndarray, " clips"]
    groups: tuple[str, ...]


def evaluate_baselines(
    train: Manifest,
    test: Manifest,
    *,
    sample_rate: int,
    channel: Channel = "mono",
    seed: int = 0,
    cache: FeatureCache | None = None,
    progress: Progress | None = None,
) -> dict[BaselineName, BaselineResult]:
    """Train three baselines on one manifest and score them on another.

    Args:
        train: what they learn from; the SVM's cost is chosen inside it, groups kept whole.
        test: what they are scored on; nothing is chosen by it.
        sample_rate: Hz; the model's, so that all hear the same sound.
        channel: which channel of a file with several.
        seed: of folds, forest and bootstrap.
        cache: where clip statistics are kept between runs.
        progress: told after each clip, train and test counted together.
    Raises:
        SplitError: one of the two is empty.
        AudioError: a clip cannot be read.
    """
    _check_not_empty(train, test)
    classes = sorted({clip.label for clip in (*train.clips, *test.clips)})
    total = len(train.clips) + len(test.clips)
    parts = []
    for manifest, before in ((train, 0), (test, len(train.clips))):
        x = manifest_statistics(
            manifest,
            sample_rate=sample_rate,
            channel=channel,
            cache=cache,
            progress=_shifted(progress, before=before, total=total),
        )
        parts.append(
            LabelledRows(
                x=x,
                targets=np.array([classes.index(clip.label) for clip in manifest.clips]),
                groups=tuple(group_of(clip) for clip in manifest.clips),
            )
        )
    return score_baselines(parts[0], parts[1], num_classes=len(classes), seed=seed)


def score_baselines(
    train: LabelledRows, test: LabelledRows, *, num_classes: int, seed: int = 0
) -> dict[BaselineName, BaselineResult]:
    """The same, from statistics at hand.

    Args:
        train: at least one clip.
        test: the same statistics of other clips.
        num_classes: of targets in either.
        seed: of folds, forest and bootstrap.
    """
    majority = fit_majority(train.targets)
    svm = fit_svm(train.x, train.targets, train.groups, seed=seed)
    forest = fit_forest(train.x, train.targets, seed=seed)
    titles: dict[BaselineName, str] = {
        "majority": "Majority class",
        "svm": "SVM",
        "random_forest": "Random forest",
    }
    fitted = {"majority": majority, "svm": svm, "random_forest": forest}
    results: dict[BaselineName, BaselineResult] = {}
    for name, title in titles.items():
        answers = fitted[name].predict(test.x)
        results[name] = BaselineResult(
            title=title,
            detail=fitted[name].detail,
            accuracy=accuracy(test.targets, answers),
            accuracy_interval=accuracy_interval(answers == test.targets, test.groups, seed=seed),
            macro_f1=macro_f1(test.targets, answers, num_classes=num_classes),
            num_train=fitted[name].num_train,
        )
    return results


def _shifted(progress: Progress | None, *, before: int, total: int) -> Progress | None:
    if progress is None:
        return None
    told = progress

    def tell(done: int, _: int) -> None:
        told(before + done, total)

    return tell


def _check_not_empty(train: Manifest, test: Manifest) -> None:
    parts: Sequence[tuple[str, Manifest]] = (("train", train), ("test", test))
    for name, manifest in parts:
        if len(manifest.clips) == 0:
            raise SplitError(
                message(
                    name,
                    expected="at least one clip",
                    got="none",
                    remedy="Choose another split, or add recordings.",
                )
            )
