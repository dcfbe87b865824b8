import json
import warnings
from dataclasses import replace

import numpy as np
import pytest

from auricle.errors import ModelFileError, ShapeError
from auricle.evaluation import ClipScores, Results, summarise, worst_mistakes

CLASSES = ("frog", "owl", "rain")


def clip_scores(num_clips=60, num_groups=6, seed=0):
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, 3, num_clips)
    logits = rng.standard_normal((num_clips, 3)) + 2 * np.eye(3)[targets]
    weights = np.exp(logits)
    return ClipScores(
        classes=CLASSES,
        names=tuple(f"clip{index}" for index in range(num_clips)),
        groups=tuple(f"site{index % num_groups}" for index in range(num_clips)),
        targets=targets,
        probs=weights / weights.sum(axis=1, keepdims=True),
    )


def only(scores, chosen):
    return ClipScores(
        classes=scores.classes,
        names=tuple(np.array(scores.names)[chosen].tolist()),
        groups=tuple(np.array(scores.groups)[chosen].tolist()),
        targets=scores.targets[chosen],
        probs=scores.probs[chosen],
    )


def results_of(scores, *, uncalibrated=None, threshold=0.6):
    return summarise(
        scores,
        uncalibrated=uncalibrated,
        threshold=threshold,
        temperature=1.5,
        split_kind="group",
        split_description="whole sites held out",
    )


def test_results_agree_with_the_clips():
    scores = clip_scores()
    results = results_of(scores)
    right = scores.probs.argmax(axis=1) == scores.targets
    sure = scores.probs.max(axis=1) >= 0.6
    assert results.accuracy == right.mean()
    assert results.accuracy_interval[0] < results.accuracy < results.accuracy_interval[1]
    assert (results.num_clips, results.num_groups, results.interval_unit) == (60, 6, "group")
    assert results.coverage == sure.mean()
    assert results.accuracy_known == right[sure].mean()
    assert np.trace(results.confusion) == right.sum()
    assert [score.support for score in results.per_class] == np.bincount(scores.targets).tolist()
    assert results.ece_before is None and results.reliability_before == ()


def test_groups_stand_worst_first():
    shares = [group.accuracy for group in results_of(clip_scores()).per_group]
    assert shares == sorted(shares) and len(shares) == 6


def test_results_survive_json():
    scores = clip_scores()
    results = results_of(scores, uncalibrated=scores)
    assert Results.from_dict(json.loads(json.dumps(results.to_dict()))) == results


def test_results_of_another_version_are_refused():
    document = results_of(clip_scores()).to_dict()
    del document["accuracy"]
    with pytest.raises(ModelFileError, match="field required at 'accuracy'"):
        Results.from_dict(document)


def test_background_clips_are_counted_apart():
    scores = clip_scores()
    quiet = np.full((4, 3), 1 / 3)
    loud = np.array([[0.9, 0.05, 0.05]])
    more = ClipScores(
        classes=CLASSES,
        names=scores.names + tuple("abcde"),
        groups=scores.groups + tuple("abcde"),
        targets=np.append(scores.targets, [-1] * 5),
        probs=np.concatenate([scores.probs, quiet, loud]),
    )
    results = results_of(more)
    assert (results.num_background, results.background_accepted) == (5, 0.2)
    assert replace(results, num_background=0, background_accepted=None) == results_of(scores)


def test_one_group_is_said_to_be_drawn_by_clips():
    scores = clip_scores(num_groups=1)
    assert results_of(scores).interval_unit == "clip"


def test_no_clip_has_defined_results():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = results_of(only(clip_scores(), np.zeros(60, dtype=bool)))
    assert (results.num_clips, results.accuracy, results.accuracy_known) == (0, 0.0, None)
    assert results.accuracy_interval == (0.0, 1.0)


def test_nothing_above_the_threshold_leaves_no_accuracy_of_the_known():
    results = results_of(clip_scores(), threshold=1.0)
    assert (results.coverage, results.accuracy_known) == (0.0, None)


def test_scores_of_other_clips_are_refused_as_uncalibrated():
    with pytest.raises(ShapeError, match="uncalibrated: expected the same clips"):
        results_of(clip_scores(), uncalibrated=clip_scores(seed=1))


def test_arrays_of_other_lengths_are_refused():
    scores = clip_scores()
    with pytest.raises(ShapeError, match="of one length"):
        replace(scores, names=scores.names[1:])


def test_worst_mistakes_are_wrong_and_surest_first():
    scores = clip_scores()
    places = worst_mistakes(scores)
    sureness = scores.probs.max(axis=1)[places]
    assert (scores.probs.argmax(axis=1) != scores.targets)[places].all()
    assert sureness.tolist() == sorted(sureness, reverse=True)
    assert worst_mistakes(scores, most=2) == places[:2]


def with_unknown(targets, answers, score=0.9):
    """Clips of a model that has a class for background; answers are indices of classes."""
    probs = np.full((len(targets), 3), (1 - score) / 2)
    probs[np.arange(len(targets)), answers] = score
    return ClipScores(
        classes=("frog", "owl", "unknown"),
        names=tuple(f"clip{at}" for at in range(len(targets))),
        groups=tuple(f"site{at}" for at in range(len(targets))),
        targets=np.array(targets),
        probs=probs,
    )


def test_an_answer_of_the_class_unknown_accepts_nothing():
    results = results_of(with_unknown([-1, -1, 2, 2, 0, 0, 1], [2, 0, 2, 2, 0, 2, 1]))
    assert (results.num_clips, results.num_background) == (5, 4)
    assert results.background_accepted == 0.25  # a frog where there was none
    assert results.coverage == 2 / 5 and results.accuracy_known == 1.0


def test_background_that_is_called_unknown_is_no_mistake():
    assert worst_mistakes(with_unknown([-1, -1, 2, 0], [2, 0, 2, 0])) == [1]


def test_answers_are_counted_by_class():
    assert results_of(with_unknown([0, 0, 1], [0, 2, 0])).num_answers == (2, 0, 1)
