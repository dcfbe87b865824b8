"""The main job: recordings in, an honest result and one file out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from auricle.data import FeatureCache, Manifest, Split
from auricle.evaluation import (
    BaselineName,
    BaselineResult,
    ClipScores,
    Results,
    evaluate_baselines,
    score_manifest,
    summarise,
    verdict,
    without_temperature,
)
from auricle.streaming import Identity, Listener, measure_identity
from auricle.training.background import with_background
from auricle.training.beforehand import check_test_clips
from auricle.training.card import tested_card
from auricle.training.checkpoint import checkpoint_files, nothing_to_resume
from auricle.training.config import TrainConfig
from auricle.training.examples import raise_unreadable
from auricle.training.reporter import Reporter, Silent
from auricle.training.run import Fitted, fit_split

_IDENTITY_S = 20.0
_IDENTITY_PUSHES = (7, 160, 1000, 65536, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A trained model and what is known about it.

    Attributes:
        listener: with its card filled in.
        results: on clips that were held out.
        baselines: majority, SVM and random forest on the same clips; empty if not asked for.
        scores: the held-out posteriors behind the results.
        split: what the model was trained on.
        folds: the splits of a cross-validation, background included; empty without one.
        verdict: the result in one sentence.
    """

    listener: Listener
    results: Results
    baselines: Mapping[BaselineName, BaselineResult]
    scores: ClipScores
    split: Split
    verdict: str
    folds: tuple[Split, ...] = ()


def train_model(
    splits: Sequence[Split],
    config: TrainConfig,
    *,
    cache: FeatureCache | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    baselines: bool = True,
    reporter: Reporter | None = None,
) -> Outcome:
    """Train, test once, and compare with baselines.

    With one split, the model that was tested is the model that is returned. With several, each
    is trained and tested, the results are pooled, and the model returned is trained once more on
    all clips but a validation share; its card says that the scores are those of the folds.

    Args:
        splits: from `make_splits`; background that the settings name is added to all parts.
        checkpoint: where to keep the run after every epoch.
        resume: go on from the checkpoint.
        baselines: train majority class, SVM and random forest beside it.
    Raises:
        SplitError: nothing to test on.
        ManifestError: background of which there is none, too little, or some with a class.
        AudioError, ConfigError, DeviceError, TrainingError: as `fit_split`.
    """
    reporter = reporter or Silent()
    if config.background is not None:
        splits = with_background(splits, config.background, seed=config.seed)
    if len(splits) == 1:
        reporter.note(splits[0].description)
    check_test_clips(splits, config, reporter)
    if len(splits) > 1:
        return _cross_validated(
            splits,
            config,
            cache=cache,
            checkpoint=checkpoint,
            resume=resume,
            baselines=baselines,
            reporter=reporter,
        )
    (split,) = splits
    fitted = fit_split(
        split, config, cache=cache, checkpoint=checkpoint, resume=resume, reporter=reporter
    )
    scores = _test(fitted.listener, split.test, reporter)
    raw = without_temperature(scores, fitted.temperature)
    beside = _baselines([split], fitted.listener, config, cache, reporter) if baselines else {}
    return _outcome(split, config, fitted, scores, raw, beside)


def _cross_validated(
    splits: Sequence[Split],
    config: TrainConfig,
    *,
    cache: FeatureCache | None,
    checkpoint: Path | None,
    resume: bool,
    baselines: bool,
    reporter: Reporter,
) -> Outcome:
    parts, raw_parts = [], []
    resume = resume and _any_checkpoint(checkpoint)
    for number, split in enumerate(splits, start=1):
        place = None if checkpoint is None else fold_checkpoint(checkpoint, number)
        go_on = resume and place is not None and place.exists()
        place_name = f"Fold {number} of {len(splits)}"
        told = split.description.startswith(place_name)
        reporter.note(split.description if told else f"{place_name}: {split.description}")
        fitted = fit_split(
            split, config, cache=cache, checkpoint=place, resume=go_on, reporter=reporter
        )
        scores = _test(fitted.listener, split.test, reporter)
        parts.append(scores)
        raw_parts.append(without_temperature(scores, fitted.temperature))
    whole = final_split(splits, config)
    reporter.note("All folds are done. Training the model that is kept, on all clips.")
    go_on = resume and checkpoint is not None and checkpoint.exists()
    fitted = fit_split(
        whole, config, cache=cache, checkpoint=checkpoint, resume=go_on, reporter=reporter
    )
    beside = _baselines(splits, fitted.listener, config, cache, reporter) if baselines else {}
    outcome = _outcome(whole, config, fitted, pool_scores(parts), pool_scores(raw_parts), beside)
    return replace(outcome, folds=tuple(splits))


def _test(listener: Listener, manifest: Manifest, reporter: Reporter) -> ClipScores:
    """Scores of every test clip; unreadable ones stop, since a test without them is another."""
    scores, errors = score_manifest(
        listener, manifest, progress=lambda done, total: reporter.advance("test", done, total)
    )
    raise_unreadable(list(errors), len(manifest))
    return scores


def final_split(splits: Sequence[Split], config: TrainConfig) -> Split:
    """All clips of the folds for training, but those of one fold's validation part."""
    first = splits[0]
    train = replace(first.train, clips=(*first.train.clips, *first.test.clips))
    kind = "cross-validation over " + (
        f"{len(splits)} random folds" if first.kind == "random" else f"{len(splits)} folds"
    )
    description = (
        f"Scores are of {kind}; the model itself was trained afterwards on all "
        f"clips but {len(first.validation)} for validation. First of the folds: "
        f"{first.description}"
    )
    return replace(first, train=train, test=first.test.select([]), description=description)


def fold_checkpoint(checkpoint: Path, number: int) -> Path:
    """Where fold ``number`` keeps its run."""
    return checkpoint.with_name(f"{checkpoint.name}.fold{number}")


def _any_checkpoint(checkpoint: Path | None) -> bool:
    """True where a run with folds was interrupted.

    Raises:
        TrainingError: there is nothing to go on from.
    """
    if checkpoint is None or not checkpoint_files(checkpoint):
        raise nothing_to_resume(checkpoint)
    return True


def pool_scores(parts: Sequence[ClipScores]) -> ClipScores:
    """Scores of all folds as one."""
    return replace(
        parts[0],
        names=tuple(name for part in parts for name in part.names),
        groups=tuple(group for part in parts for group in part.groups),
        targets=np.concatenate([part.targets for part in parts]),
        probs=np.concatenate([part.probs for part in parts]),
    )


def _baselines(
    splits: Sequence[Split],
    listener: Listener,
    config: TrainConfig,
    cache: FeatureCache | None,
    reporter: Reporter,
) -> Mapping[BaselineName, BaselineResult]:
    """Baselines learn from training and validation clips; with folds, their mean."""
    results = []
    for split in splits:
        heard = replace(split.train, clips=(*split.train.clips, *split.validation.clips))
        results.append(
            evaluate_baselines(
                heard,
                split.test,
                sample_rate=listener.sample_rate,
                channel=config.channel,
                seed=config.seed,
                cache=cache,
                progress=lambda done, total: reporter.advance("baselines", done, total),
            )
        )
    return mean_baselines(results, [len(split.test) for split in splits])


def mean_baselines(
    results: Sequence[Mapping[BaselineName, BaselineResult]], counts: Sequence[int]
) -> Mapping[BaselineName, BaselineResult]:
    """The mean of each baseline over folds, weighted by their clips; intervals likewise."""
    if len(results) == 1:
        return results[0]
    shares = np.array(counts) / sum(counts)
    merged: dict[BaselineName, BaselineResult] = {}
    for name, first in results[0].items():
        rows = [result[name] for result in results]
        bounds = shares @ np.array([row.accuracy_interval for row in rows])
        merged[name] = replace(
            first,
            accuracy=float(shares @ np.array([row.accuracy for row in rows])),
            accuracy_interval=(float(bounds[0]), float(bounds[1])),
            macro_f1=float(shares @ np.array([row.macro_f1 for row in rows])),
            detail=f"{first.detail}; mean of {len(rows)} folds",
        )
    return merged


def _outcome(
    split: Split,
    config: TrainConfig,
    fitted: Fitted,
    scores: ClipScores,
    raw: ClipScores,
    baselines: Mapping[BaselineName, BaselineResult],
) -> Outcome:
    results = summarise(
        scores,
        uncalibrated=raw,
        threshold=fitted.threshold,
        temperature=fitted.temperature,
        split_kind=split.kind,
        split_description=split.description,
        seed=config.seed,
    )
    sentence = verdict(results, baselines)
    identity = check_identity(fitted.listener, split)
    card = tested_card(split, config, fitted, results, baselines, sentence, identity)
    fitted.listener.card = card
    return Outcome(
        listener=fitted.listener,
        results=results,
        baselines=baselines,
        scores=scores,
        split=split,
        verdict=sentence,
    )


def check_identity(listener: Listener, split: Split) -> Identity | None:
    """One call against many pushes, on up to 20 s of the recordings; None if it looks ahead."""
    if not listener.model.causal:
        return None
    sounds, total = [], 0
    for clip in (*split.test.clips, *split.train.clips):
        waveform, _ = clip.load(
            sample_rate=listener.sample_rate, channel=listener.model.config.channel
        )
        sounds.append(waveform)
        total += len(waveform)
        if total >= _IDENTITY_S * listener.sample_rate:
            break
    joined = np.concatenate(sounds)[: round(_IDENTITY_S * listener.sample_rate)]
    return measure_identity(listener.model, joined, pushes=_IDENTITY_PUSHES)
