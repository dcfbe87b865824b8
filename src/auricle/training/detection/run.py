"""From a split of annotated recordings to a detector whose decoding is tuned."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from auricle.data import FeatureCache
from auricle.data.clip import file_fingerprint
from auricle.errors import AudioError
from auricle.evaluation.event_track import EventTrack
from auricle.heads import DetectConfig
from auricle.models import Model
from auricle.streaming import Detector
from auricle.training.checkpoint import load_checkpoint, nothing_to_resume, save_checkpoint
from auricle.training.config import TrainConfig
from auricle.training.detection.building import detector_config, take_statistics
from auricle.training.detection.dividing import RecordingSplit
from auricle.training.detection.fit import STEPS_AN_EPOCH, DetectFit, EventTask, choose_plan
from auricle.training.detection.scoring import all_posteriors
from auricle.training.detection.settings import DetectSettings
from auricle.training.detection.store import load_store
from auricle.training.detection.tuning import Held, tune_decoding
from auricle.training.detection.tuning_overlaps import tune_overlaps
from auricle.training.detection.windows import Annotated, Windows, WindowSampler
from auricle.training.devices import check_products, open_device, set_threads
from auricle.training.examples import raise_unreadable
from auricle.training.loop import EpochRecord
from auricle.training.reporter import Reporter, Silent
from auricle.training.run import choose_threads

_MOST_TUNED_S = 1800.0  # of validation recordings whose posteriors are held in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedDetector:
    """A trained detector, and how it got there.

    Attributes:
        detector: ready to answer; its card is still empty.
        history: a record an epoch, that is every fifty steps.
        steps: training steps in all.
        seconds: wall time of features, of training and of tuning.
    """

    detector: Detector
    history: tuple[EpochRecord, ...]
    steps: int
    seconds: dict[str, float]


def fit_detector(
    split: RecordingSplit,
    classes: Sequence[str],
    config: TrainConfig,
    settings: DetectSettings,
    *,
    cache: FeatureCache | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    reporter: Reporter | None = None,
) -> FittedDetector:
    """Train on the training recordings, tune the decoding on the validation recordings.

    Args:
        split: the test part is not looked at.
        classes: in the order of the outputs.
        checkpoint: where to keep the run after every epoch; nowhere if None.
        resume: go on from the checkpoint.
    Raises:
        AudioError: recordings that cannot be read; all of them are named.
        TrainingError: nothing to go on from, or the loss is not finite.
        ConfigError, DeviceError: settings that cannot be.
    """
    reporter = reporter or Silent()
    set_threads(choose_threads(config, checkpoint if resume else None, reporter))
    device = open_device(config.device)
    check_products(config.products, device)
    started = time.perf_counter()
    torch.manual_seed(config.seed)
    model = Model(detector_config(split, classes, config, settings, reporter=reporter))
    train, validation = _annotated(split, model, cache, reporter)
    take_statistics(model, [one.frames for one in train])
    features_s = time.perf_counter() - started
    fit = _prepare(model.to(device), config, settings, train, validation)
    fingerprint = split_fingerprint(split) + json.dumps(asdict(settings), sort_keys=True)
    if resume:
        _resume(fit, checkpoint, fingerprint, reporter)

    def after_epoch(fit: DetectFit[Windows], record: EpochRecord) -> None:
        if checkpoint is not None:
            save_checkpoint(fit, checkpoint, fingerprint=fingerprint)
        reporter.epoch(record)

    fit.run(after_epoch)
    model.to("cpu")
    training_s = time.perf_counter() - started - features_s
    tune(model, validation, settings.tune)
    tuning_s = time.perf_counter() - started - features_s - training_s
    return FittedDetector(
        detector=Detector(model),
        history=tuple(fit.progress.history),
        steps=fit.epochs * STEPS_AN_EPOCH,
        seconds={"features": features_s, "training": training_s, "tuning": tuning_s},
    )


def split_fingerprint(split: RecordingSplit) -> str:
    """64 hexadecimal digits of the sound and events of the training and validation parts."""
    rows = sorted(
        repr((file_fingerprint(one.path), [(e.onset_s, e.offset_s, e.label) for e in one.in_order]))
        for one in (*split.train, *split.validation)
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def tune(model: Model, validation: list[Annotated], measure: str) -> None:
    """Give the model the decoding that does best on the validation recordings."""
    head = model.config.head
    assert isinstance(head, DetectConfig)
    single = head.labels == "single"
    if measure == "none" or not validation:
        return
    held: list[Held] = []
    seconds = 0.0
    for one in validation:
        seconds += len(one.frames) * model.step_s
        if held and seconds > _MOST_TUNED_S:
            break
        held.append(Held(probs=all_posteriors(model, one), events=one.events))
    if not single and any(len(one.events.labels) for one in held):
        best = tune_overlaps(held, model.config.classes, hop_s=model.step_s)
        model.config = replace(model.config, detection=best)
        return
    best = tune_decoding(
        held,
        model.config.classes,
        single=single,
        hop_s=model.step_s,
        measure="events" if measure == "events" or not single else "segments",
    )
    model.config = replace(model.config, detection=best)


def _annotated(
    split: RecordingSplit, model: Model, cache: FeatureCache | None, reporter: Reporter
) -> tuple[list[Annotated], list[Annotated]]:
    """Frames and events of the training and validation recordings."""
    recordings = (*split.train, *split.validation)
    found, problems = [], []
    for done, one in enumerate(recordings, start=1):
        try:
            frames = load_store(model, one.path, cache=cache)
        except AudioError as error:
            problems.append(error)
        else:
            events = EventTrack(one.events, model.config.classes, hop_s=model.step_s)
            found.append(Annotated(frames=frames, events=events))
        reporter.advance("features", done, len(recordings))
    raise_unreadable(problems, len(recordings), remedy="Mend them or take them out")
    train, validation = found[: len(split.train)], found[len(split.train) :]
    if not validation:
        reporter.note("No validation recordings: the decoding is not tuned, and what is shown "
                      "as held out is of training recordings.")  # fmt: skip
    return train, validation


def _prepare(
    model: Model,
    config: TrainConfig,
    settings: DetectSettings,
    train: list[Annotated],
    validation: list[Annotated],
) -> DetectFit[Windows]:
    head, rate = model.config.head, model.config.front_end.frame_rate
    assert isinstance(head, DetectConfig)
    stride = model.trunk.stride
    size = max(1, round(settings.window_s * rate / stride)) * stride
    sampler = WindowSampler(
        train,
        size=size,
        lookahead=head.lookahead_hops(rate),
        single=head.labels == "single",
        balance=settings.balance,
        gain_db=settings.gain_db,
    )
    plan = choose_plan(
        sum(len(one.frames) for one in train),
        size=size,
        steps=settings.steps,
        batch_size=config.batch_size,
    )
    task = EventTask(sampler, validation or train[:3])
    return DetectFit(model, config, plan=plan, task=task)


def _resume(
    fit: DetectFit[Windows], checkpoint: Path | None, fingerprint: str, reporter: Reporter
) -> None:
    if checkpoint is None or not checkpoint.exists():
        raise nothing_to_resume(checkpoint)
    load_checkpoint(fit, checkpoint, fingerprint=fingerprint)
    reporter.note(f"Going on after epoch {fit.progress.epoch} of {fit.epochs}.")
