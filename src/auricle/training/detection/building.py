"""The model that annotated recordings and settings call for, before it has learnt anything."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from auricle.data.annotations import AnnotatedRecording
from auricle.errors import AudioError, ConfigError, ManifestError, message
from auricle.features import CompressionConfig, log_mel_for
from auricle.heads import DetectConfig
from auricle.io import audio_info
from auricle.models import Model, ModelConfig, preset
from auricle.training.config import TrainConfig
from auricle.training.detection.dividing import RecordingSplit
from auricle.training.detection.settings import DetectSettings
from auricle.training.detection.store import Frames, FrameStore
from auricle.training.reporter import Reporter
from auricle.trunks import RecurrentConfig

_HIGHEST_RATE = 48_000
_DROPOUT = 0.1
_LAYERS_MORE = 1  # than the preset of a classifier has
_STATISTIC_CHUNKS = 200


def detector_config(
    split: RecordingSplit,
    classes: Sequence[str],
    config: TrainConfig,
    settings: DetectSettings,
    *,
    reporter: Reporter,
    tags: bool = False,
) -> ModelConfig:
    """The model that the settings describe, for these classes at the recordings' rate.

    Args:
        tags: events have no times; clips are learnt from as a whole.
    Raises:
        ConfigError: features other than log_mel.
    """
    if config.features.strip() != "log_mel":
        raise ConfigError(
            message(
                "features",
                expected="log_mel for recordings with annotations or several labels",
                got=config.features,
                remedy="Leave --features out; it is for classifiers of clips.",
            )
        )
    rate = config.sample_rate or common_rate(split, reporter)
    labels = "multi" if tags else choose_labels(split, settings, reporter)
    return ModelConfig(
        classes=tuple(classes),
        front_end=log_mel_for(rate, n_mels=config.n_mels, hop_ms=settings.hop_ms),
        compression=CompressionConfig(kind=config.compression),
        trunk=detector_trunk(config),
        head=DetectConfig(
            labels=labels,
            lookahead_ms=settings.lookahead_ms,
            pooling=settings.tag_pooling if tags else "max",
        ),
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


def common_rate(split: RecordingSplit, reporter: Reporter) -> int:
    """The most common rate of the recordings, at most 48 kHz; others are said to be resampled."""
    recordings = (*split.train, *split.validation)
    known = (one.sample_rate or _rate_of(one) for one in recordings)
    rates = Counter(rate for rate in known if rate is not None)
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


def _rate_of(recording: AnnotatedRecording) -> int | None:
    try:
        return audio_info(recording.path).sample_rate
    except AudioError:
        return None  # named together with all other bad files when features are computed


def take_statistics(model: Model, train: Sequence[FrameStore]) -> None:
    """Mean and deviation of the compressed features, over up to 200 stretches of recordings."""
    chunks = [chunk for one in train for chunk in one.chunks]
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
