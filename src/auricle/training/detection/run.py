"""From a split of annotated recordings to a detector whose decoding is tuned."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from auricle.data import FeatureCache
from auricle.data.annotations import AnnotatedRecording
from auricle.data.clip import file_fingerprint
from auricle.errors import AudioError, ManifestError, message
from auricle.evaluation.event_track import EventTrack
from auricle.features import CompressionConfig, log_mel_for
from auricle.heads import DetectConfig
from auricle.models import Model, ModelConfig, preset
from auricle.streaming import Detector
from auricle.training.checkpoint import load_checkpoint, nothing_to_resume, save_checkpoint
from auricle.training.config import TrainConfig
from auricle.training.detection.dividing import RecordingSplit
from auricle.training.detection.fit import STEPS_AN_EPOCH, DetectFit, EventTask, choose_plan
from auricle.training.detection.scoring import all_posteriors
from auricle.training.detection.settings import DetectSettings
from auricle.training.detection.store import Frames, load_store
from auricle.training.detection.tuning import Held, tune_decoding
from auricle.training.detection.windows import Annotated, Windows, WindowSampler
from auricle.training.devices import check_products, open_device, set_threads
from auricle.training.examples import raise_unreadable
from auricle.training.loop import EpochRecord
from auricle.training.reporter import Reporter, Silent
from auricle.training.run import choose_threads
from auricle.trunks import RecurrentConfig

_HIGHEST_RATE = 48_000
_DROPOUT = 0.1
_LAYERS_MORE = 1  # than the preset of a classifier has
_MOST_TUNED_S = 1800.0  # of validation recordings whose posteriors are held in memory
_STATISTIC_CHUNKS = 200


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
    _take_statistics(model, train)
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


def detector_config(
    split: RecordingSplit,
    classes: Sequence[str],
    config: TrainConfig,
    settings: DetectSettings,
    *,
    reporter: Reporter,
) -> ModelConfig:
    """The model that the settings describe, for these classes at the recordings' rate."""
    rate = config.sample_rate or _common_rate(split, reporter)
    labels = choose_labels(split, settings, reporter)
    return ModelConfig(
        classes=tuple(classes),
        front_end=log_mel_for(rate, n_mels=config.n_mels, hop_ms=settings.hop_ms),
        compression=CompressionConfig(kind=config.compression),
        trunk=detector_trunk(config),
        head=DetectConfig(labels=labels, lookahead_ms=settings.lookahead_ms),
        channel=config.channel,
    )


def detector_trunk(config: TrainConfig) -> RecurrentConfig:
    """The preset with one layer more and a stride of 2: a step gives the answers of two hops."""
    size = preset(
        config.preset,
        kind=config.cell,
        hidden_size=config.hidden_size,
        dropout=_DROPOUT if config.dropout is None else config.dropout,
    )
    layers = config.num_layers or size.num_layers + _LAYERS_MORE
    strides = (2, *(1 for _ in size.stem_strides[1:]))
    return replace(size, num_layers=layers, stem_strides=strides)


def choose_labels(
    split: RecordingSplit, settings: DetectSettings, reporter: Reporter
) -> Literal["single", "multi"]:
    """As asked for; else multi where annotations of a recording overlap, which is said.

    Raises:
        ManifestError: single was asked for and events overlap.
    """
    recordings = (*split.train, *split.validation, *split.test)
    overlaps = [pair for one in recordings for pair in _overlapping(one)]
    if settings.events == "single" and overlaps:
        raise ManifestError(
            message(
                "events",
                expected="events that do not overlap, for single",
                got=f"{len(overlaps)} that do, first at {overlaps[0]}",
                remedy="Use --events multi, or mend the annotation.",
            )
        )
    if settings.events != "auto":
        return settings.events
    if overlaps:
        reporter.note(f"{len(overlaps)} events overlap others: each class is detected by itself.")
        return "multi"
    return "single"


def _overlapping(recording: AnnotatedRecording) -> list[str]:
    places, latest = [], 0.0
    for event in recording.in_order:
        if event.onset_s < latest - 1e-6:
            places.append(f"{recording.path.name} {event.onset_s:.3f} s")
        latest = max(latest, event.offset_s)
    return places


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
    best = tune_decoding(
        held,
        model.config.classes,
        single=single,
        hop_s=model.step_s,
        measure="events" if measure == "events" or not single else "segments",
    )
    model.config = replace(model.config, detection=best)


def _common_rate(split: RecordingSplit, reporter: Reporter) -> int:
    """The most common rate of the recordings, at most 48 kHz; others are said to be resampled."""
    recordings = (*split.train, *split.validation)
    rates = Counter(one.sample_rate for one in recordings if one.sample_rate is not None)
    if not rates:
        paths = ", ".join(str(one.path) for one in recordings[:3])
        raise AudioError(
            message("recordings", expected="at least one that is there", got=f"none of {paths}",
                    remedy="Name their folder with --recordings.")
        )  # fmt: skip
    common = min(rates.most_common(1)[0][0], _HIGHEST_RATE)
    others = sum(count for rate, count in rates.items() if rate != common)
    if others:
        reporter.note(
            f"{others} of {len(recordings)} recordings are not at {common} Hz and will be "
            "resampled to it (--sample-rate chooses another)."
        )
    return common


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


def _take_statistics(model: Model, train: list[Annotated]) -> None:
    """Mean and deviation of the compressed features, over up to 200 stretches of recordings."""
    chunks = [chunk for one in train for chunk in one.frames.chunks]
    chosen = chunks[:: max(1, len(chunks) // _STATISTIC_CHUNKS)]
    count, total, squares = 0, torch.zeros(()), torch.zeros(())
    for chunk in chosen:
        features = _compressed(model, chunk)
        count += len(features)
        total = total + features.sum(dim=0)
        squares = squares + features.square().sum(dim=0)
    mean = total / count
    deviation = (squares / count - mean.square()).clamp(min=0).sqrt()
    model.compression.set_statistics(mean.float(), deviation.float())


def _compressed(model: Model, chunk: Frames) -> Tensor:
    frames = torch.from_numpy(np.array(chunk))[None]
    with torch.inference_mode():
        y, _ = model.compression.compress(frames, model.compression.initial_state(1))
    return y[0].double().clone()


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
