"""The main job for annotated recordings: an honest result and one file out."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import auricle
from auricle.data import FeatureCache
from auricle.data.annotations import Annotations
from auricle.data.clip import file_fingerprint
from auricle.evaluation.detection import DetectionResults, RecordingScore, score_detector
from auricle.io import read_blocks
from auricle.models.model_file import Json
from auricle.streaming import Detector, Identity, measure_detection_identity
from auricle.training.checkpoint import config_document
from auricle.training.config import TrainConfig
from auricle.training.detection.dividing import RecordingSplit
from auricle.training.detection.run import FittedDetector, fit_detector
from auricle.training.detection.settings import DetectSettings
from auricle.training.reporter import Reporter, Silent

_IDENTITY_S = 20.0
_IDENTITY_PUSHES = (7, 160, 1000, 65536, 0)
_MAX_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorOutcome:
    """A trained detector and what is known about it.

    Attributes:
        detector: with its card filled in.
        results: on recordings that were held out.
        scores: of each of them, the answers beside the truth.
        split: what the detector was trained on.
        fitted: how it got there.
        verdict: the result in one sentence.
    """

    detector: Detector
    results: DetectionResults
    scores: Sequence[RecordingScore]
    split: RecordingSplit
    fitted: FittedDetector
    verdict: str


def train_detector(
    annotations: Annotations,
    split: RecordingSplit,
    config: TrainConfig,
    settings: DetectSettings | None = None,
    *,
    cache: FeatureCache | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    reporter: Reporter | None = None,
) -> DetectorOutcome:
    """Train a detector of the annotated labels, tune its decoding, test it once.

    Args:
        annotations: all recordings; their labels are the classes.
        split: from `divide_recordings`.
        checkpoint: where to keep the run after every epoch.
        resume: go on from the checkpoint.
    Raises:
        AudioError, ConfigError, DeviceError, ManifestError, TrainingError: as `fit_detector`.
    """
    reporter, settings = reporter or Silent(), settings or DetectSettings()
    reporter.note(split.description)
    fitted = fit_detector(
        split,
        annotations.labels,
        config,
        settings,
        cache=cache,
        checkpoint=checkpoint,
        resume=resume,
        reporter=reporter,
    )
    detector = fitted.detector
    results, scores = score_detector(
        detector, split.test, progress=lambda done, total: reporter.advance("test", done, total)
    )
    sentence = detection_verdict(results)
    detector.card = _card(annotations, split, config, settings, fitted, results, sentence)
    return DetectorOutcome(
        detector=detector,
        results=results,
        scores=scores,
        split=split,
        fitted=fitted,
        verdict=sentence,
    )


def detection_verdict(results: DetectionResults) -> str:
    """The result in one sentence."""
    low, high = (100 * end for end in results.event_f1_interval)
    start = (
        f"Of {results.events} events in {results.recordings} recordings "
        f"({results.seconds / 60:.1f} min) that were held out: event F1 "
        f"{100 * results.event_f1:.1f} % ({low:.1f} to {high:.1f})"
    )
    if results.frame_error is None or results.segment_error_rate is None:
        return f"{start}."
    return (
        f"{start}, {100 * results.frame_error:.2f} % of the time labelled wrongly, "
        f"{100 * results.segment_error_rate:.2f} edits for 100 labels."
    )


def detector_identity(detector: Detector, split: RecordingSplit) -> Identity:
    """One call against many pushes, on up to 20 s of the recordings."""
    sounds, total, rate = [], 0, detector.sample_rate
    channel = detector.model.config.channel
    for recording in (*split.test, *split.train):
        blocks = read_blocks(recording.path, sample_rate=rate, channel=channel, block_s=_IDENTITY_S)
        sounds.append(next(blocks))
        total += len(sounds[-1])
        if total >= _IDENTITY_S * rate:
            break
    joined = np.concatenate(sounds)[: round(_IDENTITY_S * rate)]
    return measure_detection_identity(detector.model, joined, pushes=_IDENTITY_PUSHES)


def _card(
    annotations: Annotations,
    split: RecordingSplit,
    config: TrainConfig,
    settings: DetectSettings,
    fitted: FittedDetector,
    results: DetectionResults,
    sentence: str,
) -> dict[str, Json]:
    """What the model file says about its model."""
    heard = (*split.train, *split.validation)
    remembered = [file_fingerprint(one.path)[:12] for one in heard[:_MAX_REMEMBERED]]
    identity = detector_identity(fitted.detector, split)
    document = {
        "auricle": auricle.__version__,
        "trained": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdict": sentence,
        "data": {
            "source": annotations.source,
            "split": split.kind,
            "split_description": split.description,
            "seed": config.seed,
            "recordings": {
                "train": len(split.train),
                "validation": len(split.validation),
                "test": len(split.test),
            },
            "events": {
                "train": sum(len(one.events) for one in split.train),
                "validation": sum(len(one.events) for one in split.validation),
                "test": sum(len(one.events) for one in split.test),
            },
            "heard": remembered,
        },
        "training": config_document(config),
        "detection": asdict(settings),
        "steps": fitted.steps,
        "history": [record.to_dict() for record in fitted.history],
        "seconds": fitted.seconds,
        "parameters": sum(p.numel() for p in fitted.detector.model.parameters()),
        "results": results.to_dict(),
        "delay_s": fitted.detector.stream().delay_s,
        "identity": identity.to_dict(),
    }
    return dict(json.loads(json.dumps(document)))  # as the file will hold it
