"""From a split of recordings to a calibrated model that has been tested once."""

import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from auricle.data import Clip, FeatureCache, Manifest, Split
from auricle.errors import AuricleError
from auricle.features import (
    CompressionConfig,
    FeaturesConfig,
    LogMelConfig,
    features_for,
    log_mel_for,
)
from auricle.heads import ClassifyConfig, ClassifyHead
from auricle.io import audio_info
from auricle.metrics import choose_threshold, fit_temperature
from auricle.models import (
    UNKNOWN,
    DecisionConfig,
    Model,
    ModelConfig,
    TrunkConfig,
    preset,
    softmax,
    trunk_like,
)
from auricle.streaming import Listener
from auricle.training.background import is_background, with_background
from auricle.training.checkpoint import (
    checkpoint_threads,
    load_checkpoint,
    nothing_to_resume,
    save_checkpoint,
)
from auricle.training.config import TrainConfig
from auricle.training.devices import (
    check_products,
    measured_threads,
    open_device,
    set_threads,
)
from auricle.training.examples import Examples, statistics
from auricle.training.loading import load_examples
from auricle.training.loop import EpochRecord, Fit
from auricle.training.reporter import Reporter, Silent
from auricle.training.warming import begin_to_warm
from auricle.trunks import BidirectionalConfig

_HIGHEST_RATE = 48_000
_MEMORY_S = (0.2, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A trained and calibrated model, and how it got there.

    Attributes:
        listener: ready to answer; its card is still empty.
        history: a record an epoch.
        best_epoch: the epoch whose weights these are.
        temperature, threshold: fitted on the validation clips.
        seconds: wall time of features and of training.
    """

    listener: Listener
    history: tuple[EpochRecord, ...]
    best_epoch: int
    temperature: float
    threshold: float
    seconds: dict[str, float]


def fit_split(
    split: Split,
    config: TrainConfig,
    *,
    cache: FeatureCache | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    reporter: Reporter | None = None,
) -> Fitted:
    """Train on the training part, stop and calibrate on the validation part.

    Args:
        split: the test part is not looked at; background that the settings name is added where it
            is not in it yet.
        checkpoint: where to keep the run after every epoch; nowhere if None.
        resume: go on from the checkpoint.
    Raises:
        AudioError: recordings that cannot be read; all of them are named.
        TrainingError: nothing to go on from, or the loss is not finite.
        ConfigError, DeviceError: settings that cannot be.
    """
    reporter = reporter or Silent()
    if config.background is not None:
        (split,) = with_background([split], config.background, seed=config.seed)
    threads = set_threads(choose_threads(config, checkpoint if resume else None, reporter))
    device = open_device(config.device)
    check_products(config.products, device)
    started = time.perf_counter()
    torch.manual_seed(config.seed)
    model = Model(model_config(split.train, config, reporter=reporter))
    warming = begin_to_warm(model, config) if device.type == "cpu" else None
    train, validation, noise = _examples(split, config, model, cache, threads, reporter)
    if warming is not None:
        warming.join()
    features_s = time.perf_counter() - started
    fit = _prepare(model.to(device), config, train, validation, noise)
    fingerprint = ""
    if checkpoint is not None:  # it reads every recording once more
        fingerprint = split.train.fingerprint() + split.validation.fingerprint()
    if resume:
        fit = _resume(fit, checkpoint, fingerprint, reporter)

    def after_epoch(fit: Fit, record: EpochRecord) -> None:
        if checkpoint is not None:
            save_checkpoint(fit, checkpoint, fingerprint=fingerprint)
        reporter.epoch(record)

    fit.run(after_epoch)
    model.to("cpu")
    temperature, threshold = _calibrate(fit, validation)
    train_s = time.perf_counter() - started - features_s
    return Fitted(
        listener=_with_decision(model, train, threshold),
        history=tuple(fit.progress.history),
        best_epoch=fit.progress.best_epoch,
        temperature=temperature,
        threshold=threshold,
        seconds={"features": features_s, "training": train_s},
    )


def model_config(manifest: Manifest, config: TrainConfig, *, reporter: Reporter) -> ModelConfig:
    """The model that the settings describe, for these classes at this rate.

    Raises:
        AudioError: no recording can be read to tell the rate.
    """
    rate = config.sample_rate or _common_rate(manifest, reporter)
    size = preset(
        config.preset,
        kind=config.cell,
        hidden_size=config.hidden_size,
        num_layers=config.num_layers,
        dropout=config.dropout,
    )
    known = tuple(name for name in manifest.classes if name != UNKNOWN)
    classes = known if len(known) == len(manifest.classes) else (*known, UNKNOWN)
    front_end = _front_end(config, rate)
    if isinstance(front_end, FeaturesConfig):
        size = replace(size, stem="columns")
    trunk: TrunkConfig = trunk_like(size, config.trunk)
    if config.bidirectional:
        trunk = BidirectionalConfig(kind="bilstm" if config.cell == "lstm" else "bigru", stem=size)
    return ModelConfig(
        classes=classes,
        front_end=front_end,
        compression=CompressionConfig(kind=config.compression),
        trunk=trunk,
        head=ClassifyConfig(pooling=config.pooling),
        channel=config.channel,
    )


def _front_end(config: TrainConfig, rate: int) -> LogMelConfig | FeaturesConfig:
    """Log-mel bands alone, or features side by side."""
    names = [name.strip() for name in config.features.split(",")]
    if names == ["log_mel"]:
        return log_mel_for(rate, n_mels=config.n_mels)
    return features_for(rate, names)


def _common_rate(manifest: Manifest, reporter: Reporter) -> int:
    """The most common rate of the recordings, at most 48 kHz; others are said to be resampled."""
    rates: Counter[int] = Counter()
    for path_rate in (_rate_of(clip) for clip in manifest.clips):
        rates.update([path_rate] if path_rate else [])
    if not rates:
        first = manifest.clips[0]
        first.load()  # raises the error that says why it cannot be read
    common = min(rates.most_common(1)[0][0], _HIGHEST_RATE)
    others = sum(count for rate, count in rates.items() if rate != common)
    if others:
        reporter.note(
            f"{others} of {sum(rates.values())} recordings are not at {common} Hz and will be "
            f"resampled to it (--sample-rate chooses another)."
        )
    return common


def _rate_of(clip: Clip) -> int | None:
    if clip.samples is not None:
        return clip.sample_rate
    try:
        return audio_info(clip.path).sample_rate
    except AuricleError:
        return None  # named together with all other bad files when features are computed


def _examples(
    split: Split,
    config: TrainConfig,
    model: Model,
    cache: FeatureCache | None,
    threads: int,
    reporter: Reporter,
) -> tuple[Examples, Examples, Examples | None]:
    both = replace(split.train, clips=(*split.train.clips, *split.validation.clips))
    examples = load_examples(
        model,
        both,
        cache=cache,
        threads=threads,
        progress=lambda done, total: reporter.advance("features", done, total),
    )
    cut = len(split.train)
    train = Examples(examples.frames[:cut], examples.targets[:cut])
    validation = Examples(examples.frames[cut:], examples.targets[cut:])
    if not len(validation):
        reporter.note("No validation part: early stopping and calibration use training clips.")
        validation = train
    mixable = isinstance(model.config.front_end, LogMelConfig)
    if config.background is not None and not mixable:
        reporter.note(
            "Background is learnt as unknown, but not mixed into the other clips: only log_mel "
            "frames can be added up."
        )
    return train, validation, _noise(split.train, train, config.background, mixable=mixable)


def _noise(
    manifest: Manifest, examples: Examples, folder: Path | None, *, mixable: bool
) -> Examples | None:
    """The training part's background, to be mixed into the others where powers can be added."""
    if folder is None or not mixable:
        return None
    chosen = [at for at, clip in enumerate(manifest.clips) if is_background(clip, folder)]
    return Examples([examples.frames[at] for at in chosen], examples.targets[chosen])


def choose_threads(config: TrainConfig, resumed: Path | None, reporter: Reporter) -> int:
    """As asked for; else as the run that goes on had; else the quicker by measurement."""
    if config.threads is not None:
        return config.threads
    recorded = checkpoint_threads(resumed)
    if recorded is not None:
        return recorded
    threads = measured_threads()
    reporter.note(
        f"{threads} processor thread{'s' if threads > 1 else ''}: the quicker in a measurement of "
        "a second (--threads chooses)."
    )
    return threads


def _prepare(
    model: Model, config: TrainConfig, train: Examples, validation: Examples, noise: Examples | None
) -> Fit:
    fit = Fit(model, config, train=train, validation=validation, noise=noise)
    device = next(model.parameters()).device
    mean, deviation = statistics(model.to("cpu"), train, most=fit.most)
    alike = isinstance(model.config.front_end, LogMelConfig)
    model.compression.set_statistics(mean, deviation, alike=alike)
    model.to(device)
    return fit


def _resume(fit: Fit, checkpoint: Path | None, fingerprint: str, reporter: Reporter) -> Fit:
    if checkpoint is None or not checkpoint.exists():
        raise nothing_to_resume(checkpoint)
    load_checkpoint(fit, checkpoint, fingerprint=fingerprint)
    reporter.note(f"Going on after epoch {fit.progress.epoch} of {fit.epochs}.")
    return fit


def _calibrate(fit: Fit, validation: Examples) -> tuple[float, float]:
    """Temperature and threshold from validation clips.

    The threshold is for answers that name a class: clips that are taken for the class unknown are
    none of its business, and background that is taken for another counts as wrong.
    """
    model = fit.model
    log_probs = fit.clip_log_probs(validation).numpy().astype(np.float64)
    temperature = fit_temperature(log_probs, validation.targets, prior_clips=1.0)
    assert isinstance(model.head, ClassifyHead)  # `model_config` makes classifiers
    model.head.temperature.fill_(temperature)
    probs = softmax(log_probs / temperature)
    classes = model.config.classes
    unknown = classes.index(UNKNOWN) if UNKNOWN in classes else -1
    named = probs.argmax(axis=1) != unknown
    return temperature, choose_threshold(probs[named], validation.targets[named])


def _with_decision(model: Model, train: Examples, threshold: float) -> Listener:
    """The model with a threshold, and a stream's memory of half a typical clip."""
    typical = float(np.median([len(frames) for frames in train.frames]))
    typical_s = typical / model.config.front_end.frame_rate
    low, high = _MEMORY_S
    memory_s = min(max(typical_s / 2, low), high)
    decision = DecisionConfig(threshold=threshold, memory_s=memory_s)
    model.config = replace(model.config, decision=decision)
    return Listener(model)
