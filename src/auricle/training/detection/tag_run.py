"""From clips with tags to a tagger that has been tested once."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

import auricle
from auricle.data import FeatureCache
from auricle.data.annotations import AnnotatedRecording, Annotations
from auricle.data.clip import file_fingerprint
from auricle.errors import AudioError
from auricle.heads import DetectConfig
from auricle.models import Model
from auricle.models.model_file import Json
from auricle.streaming import Detector
from auricle.training.checkpoint import (
    config_document,
    load_checkpoint,
    nothing_to_resume,
    save_checkpoint,
)
from auricle.training.config import TrainConfig
from auricle.training.detection.building import detector_config, take_statistics
from auricle.training.detection.dividing import RecordingSplit
from auricle.training.detection.fit import STEPS_AN_EPOCH, DetectFit, choose_plan
from auricle.training.detection.pipeline import detector_identity
from auricle.training.detection.run import split_fingerprint
from auricle.training.detection.settings import DetectSettings
from auricle.training.detection.store import load_store
from auricle.training.detection.tagging import (
    TagBatch,
    TaggedClip,
    TagResults,
    TagTask,
    score_tagger,
)
from auricle.training.devices import open_device, set_threads
from auricle.training.examples import raise_unreadable
from auricle.training.loop import EpochRecord
from auricle.training.reporter import Reporter, Silent
from auricle.training.run import choose_threads

_MAX_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggerOutcome:
    """A trained tagger and what is known about it.

    Attributes:
        detector: with its card filled in; `Detector.tag_file` gives a clip's tags.
        results: on clips that were held out.
        split: what it was trained on.
        verdict: the result in one sentence.
    """

    detector: Detector
    results: TagResults
    split: RecordingSplit
    verdict: str


def train_tagger(
    annotations: Annotations,
    split: RecordingSplit,
    config: TrainConfig,
    settings: DetectSettings | None = None,
    *,
    cache: FeatureCache | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    reporter: Reporter | None = None,
) -> TaggerOutcome:
    """Train a tagger of whole clips, test it once.

    Args:
        annotations: from `tagged_recordings`.
        split: from `divide_recordings`.
        checkpoint: where to keep the run after every epoch.
        resume: go on from the checkpoint.
    Raises:
        AudioError: clips that cannot be read; all of them are named.
        TrainingError: nothing to go on from, or the loss is not finite.
        ConfigError, DeviceError: settings that cannot be.
    """
    reporter, settings = reporter or Silent(), settings or DetectSettings()
    reporter.note(split.description)
    set_threads(choose_threads(config, checkpoint if resume else None, reporter))
    started = time.perf_counter()
    torch.manual_seed(config.seed)
    classes = annotations.labels
    model = Model(detector_config(split, classes, config, settings, reporter=reporter, tags=True))
    train, validation = _tagged(split, model, cache, reporter)
    take_statistics(model, [clip.frames for clip in train])
    fit = _prepare(model, config, settings, train, validation)
    fingerprint = split_fingerprint(split) + json.dumps(asdict(settings), sort_keys=True) + "tags"
    if resume:
        if checkpoint is None or not checkpoint.exists():
            raise nothing_to_resume(checkpoint)
        load_checkpoint(fit, checkpoint, fingerprint=fingerprint)

    def after_epoch(fit: DetectFit[TagBatch], record: EpochRecord) -> None:
        if checkpoint is not None:
            save_checkpoint(fit, checkpoint, fingerprint=fingerprint)
        reporter.epoch(record)

    fit.run(after_epoch)
    detector = Detector(model.to("cpu"))
    results = score_tagger(detector, split.test)
    sentence = tag_verdict(results)
    seconds = time.perf_counter() - started
    detector.card = _card(annotations, split, config, settings, fit, results, sentence, seconds)
    return TaggerOutcome(detector=detector, results=results, split=split, verdict=sentence)


def tag_verdict(results: TagResults) -> str:
    """The result in one sentence."""
    return (
        f"Of {results.tags} tags of {results.clips} clips that were held out: mean average "
        f"precision {100 * results.mean_average_precision:.1f} %, lwlrap "
        f"{100 * results.lwlrap:.1f} %."
    )


def _tagged(
    split: RecordingSplit, model: Model, cache: FeatureCache | None, reporter: Reporter
) -> tuple[list[TaggedClip], list[TaggedClip]]:
    clips = (*split.train, *split.validation)
    found, problems = [], []
    for done, clip in enumerate(clips, start=1):
        try:
            frames = load_store(model, clip.path, cache=cache)
        except AudioError as error:
            problems.append(error)
        else:
            found.append(TaggedClip(frames=frames, tags=_tags(clip, model.config.classes)))
        reporter.advance("features", done, len(clips))
    raise_unreadable(problems, len(clips), remedy="Mend them or take them out")
    train, validation = found[: len(split.train)], found[len(split.train) :]
    if not validation:
        reporter.note("No validation clips: what is shown as held out is of training clips.")
    return train, validation or train[:16]


def _tags(clip: AnnotatedRecording, classes: Sequence[str]) -> np.ndarray:
    return np.array([name in clip.labels for name in classes], dtype=bool)


def _prepare(
    model: Model,
    config: TrainConfig,
    settings: DetectSettings,
    train: list[TaggedClip],
    validation: list[TaggedClip],
) -> DetectFit[TagBatch]:
    head, rate = model.config.head, model.config.front_end.frame_rate
    assert isinstance(head, DetectConfig)
    most = max(1, round(config.max_clip_s * rate))
    task = TagTask(
        train,
        validation,
        most=most,
        stride=model.trunk.stride,
        lookahead=head.lookahead_hops(rate),
        gain_db=settings.gain_db,
    )
    lengths = [min(most, len(clip.frames)) for clip in train]
    plan = choose_plan(
        sum(lengths),
        size=max(1, sum(lengths) // len(lengths)),
        steps=settings.steps,
        batch_size=config.batch_size,
    )
    return DetectFit(model.to(open_device(config.device)), config, plan=plan, task=task)


def _card(
    annotations: Annotations,
    split: RecordingSplit,
    config: TrainConfig,
    settings: DetectSettings,
    fit: DetectFit[TagBatch],
    results: TagResults,
    sentence: str,
    seconds: float,
) -> dict[str, Json]:
    """What the model file says about its model."""
    heard = (*split.train, *split.validation)
    detector = Detector(fit.model)
    document = {
        "auricle": auricle.__version__,
        "trained": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdict": sentence,
        "data": {
            "source": annotations.source,
            "split": split.kind,
            "split_description": split.description,
            "seed": config.seed,
            "heard": [file_fingerprint(one.path)[:12] for one in heard[:_MAX_REMEMBERED]],
        },
        "training": config_document(config),
        "tagging": asdict(settings),
        "steps": fit.epochs * STEPS_AN_EPOCH,
        "history": [record.to_dict() for record in fit.progress.history],
        "seconds": seconds,
        "results": results.to_dict(),
        "identity": detector_identity(detector, split).to_dict(),
    }
    return dict(json.loads(json.dumps(document)))  # as the file will hold it
