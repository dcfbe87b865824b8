"""The result in one sentence, whoever wins."""

from collections.abc import Mapping

from auricle.evaluation.results import BaselineName, BaselineResult, Results

_SPOKEN: dict[BaselineName, str] = {
    "majority": "answering the most frequent class every time",
    "svm": "an SVM on clip statistics",
    "random_forest": "a random forest on clip statistics",
}


def percent(share: float) -> str:
    """A share as per cent with one decimal.

    >>> percent(0.974)
    '97.4 %'
    """
    return f"{100 * share:.1f} %"


def interval_text(interval: tuple[float, float]) -> str:
    """An interval of shares.

    >>> interval_text((0.959, 0.986))
    '95.9 to 98.6 %'
    """
    return f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f} %"


def finding(results: Results) -> str:
    """How often the network is right, without a full stop."""
    clips = "clip" if results.num_clips == 1 else "clips"
    return (
        f"The network is right on {percent(results.accuracy)} of {results.num_clips} held-out "
        f"{clips} (95 % interval {interval_text(results.accuracy_interval)})"
    )


def comparison(results: Results, baselines: Mapping[BaselineName, BaselineResult]) -> str:
    """How that stands beside the best baseline: a predicate, without subject or full stop.

    "is clearly ahead" where the intervals do not overlap, "is ahead, but ..." where they do, and
    "does not win" where a baseline is as accurate or more.
    """
    if not baselines:
        return "has no baseline beside it to compare it with"
    name, best = max(baselines.items(), key=lambda item: item[1].accuracy)
    beside = (
        f"{_SPOKEN[name]} ({percent(best.accuracy)}, "
        f"interval {interval_text(best.accuracy_interval)})"
    )
    if best.accuracy_interval[0] > results.accuracy_interval[1]:
        return f"does not win: {beside} is clearly better"
    if results.accuracy <= best.accuracy:
        return f"does not win: {beside} is as good or better"
    if results.accuracy_interval[0] > best.accuracy_interval[1]:
        return f"is clearly ahead of the best baseline, {beside}"
    return (
        f"is ahead of the best baseline, {beside}, "
        "but the intervals overlap: the difference may be chance"
    )


def verdict(results: Results, baselines: Mapping[BaselineName, BaselineResult]) -> str:
    """One sentence: how often the network is right, and whether that beats the baselines."""
    if results.num_clips == 0:
        return "There was no clip to test the network on, so nothing is known about it."
    return f"{finding(results)} and {comparison(results, baselines)}."
