"""How each baseline is trained."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int

Rows = Float32[np.ndarray, "clips statistics"]
Labels = Int[np.ndarray, " clips"]

SVM_COSTS = (1.0, 10.0, 100.0)
LARGEST_SVM_SET = 8000  # clips; the cost of fitting grows with their square
_USUAL_COST = 10.0
_NUM_FOLDS = 3
_NUM_TREES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A trained baseline.

    Attributes:
        predict: statistics in, class indices out.
        detail: how it was trained, as half a sentence.
        num_train: clips that it learnt from.
    """

    predict: Callable[[Rows], Labels]
    detail: str
    num_train: int


def fit_majority(targets: Labels) -> Fitted:
    """Answer the most frequent class of the training set, whatever is heard."""
    answer = int(np.bincount(targets).argmax())

    def predict(x: Rows) -> Labels:
        return np.full(len(x), answer, dtype=np.int64)

    return Fitted(
        predict=predict,
        detail="always answers the most frequent class of the training clips",
        num_train=len(targets),
    )


def fit_forest(x: Rows, targets: Labels, *, seed: int) -> Fitted:
    """A random forest of 200 trees."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(n_estimators=_NUM_TREES, random_state=seed)
    forest.fit(x, targets)
    return Fitted(
        predict=forest.predict,
        detail=f"{_NUM_TREES} trees on clip statistics of MFCC, chroma and flatness",
        num_train=len(targets),
    )


def fit_svm(x: Rows, targets: Labels, groups: Sequence[str], *, seed: int) -> Fitted:
    """A support vector machine with a Gaussian kernel on standardised statistics.

    Its cost C is the one of 1, 10, 100 with the best accuracy over three folds of the training
    clips, groups kept whole (the smallest of equals; 10 where no folds can be made). Above 8000
    clips, 8000 drawn at random.
    """
    if len(np.unique(targets)) < 2:
        return fit_majority(targets)
    chosen = np.arange(len(targets))
    if len(chosen) > LARGEST_SVM_SET:
        chosen = np.random.default_rng(seed).permutation(len(targets))[:LARGEST_SVM_SET]
    x, targets = x[chosen], targets[chosen]
    groups = [groups[index] for index in chosen.tolist()]
    folds = list(_folds(targets, groups, seed=seed))
    cost = _best_cost(x, targets, folds) if folds else _USUAL_COST
    how = f"chosen by {len(folds)} folds inside the training clips"
    return Fitted(
        predict=_svm(x, targets, cost=cost),
        detail=f"Gaussian kernel, C = {cost:g} ({how if folds else 'not searched for'}), "
        "on clip statistics of MFCC, chroma and flatness",
        num_train=len(targets),
    )


def _svm(x: Rows, targets: Labels, *, cost: float) -> Callable[[Rows], Labels]:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    machine = make_pipeline(StandardScaler(), SVC(C=cost, kernel="rbf", gamma="scale"))
    machine.fit(x, targets)
    predict: Callable[[Rows], Labels] = machine.predict
    return predict


Fold = tuple[Int[np.ndarray, " _"], Int[np.ndarray, " _"]]  # indices to learn from, to test on


def _best_cost(x: Rows, targets: Labels, folds: Sequence[Fold]) -> float:
    right = {
        cost: sum(
            int((_svm(x[train], targets[train], cost=cost)(x[test]) == targets[test]).sum())
            for train, test in folds
        )
        for cost in SVM_COSTS
    }
    return max(SVM_COSTS, key=lambda cost: right[cost])


def _folds(targets: Labels, groups: Sequence[str], *, seed: int) -> Iterator[Fold]:
    """Stratified folds, groups kept whole where there are two; those with one class left out."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    names = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)[1]
    most = int(np.bincount(targets).max())
    whole = len(np.unique(names)) > 1
    number = min(_NUM_FOLDS, most, len(np.unique(names)) if whole else most)
    if number < 2:
        return
    kind = StratifiedGroupKFold if whole else StratifiedKFold
    folds = kind(n_splits=number, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")
        parts = list(folds.split(targets[:, None], targets, names))
    for train, test in parts:
        if len(np.unique(targets[train])) > 1 and len(test):
            yield train, test
