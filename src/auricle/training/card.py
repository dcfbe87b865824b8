"""What a model file says about its model: what it was trained on, how, and how it did."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

import auricle
from auricle.data import Split
from auricle.evaluation import BaselineName, BaselineResult, Results
from auricle.models.model_file import Json
from auricle.streaming import Identity
from auricle.training.checkpoint import config_document
from auricle.training.config import TrainConfig
from auricle.training.run import Fitted

MAX_REMEMBERED_CLIPS = 20_000


def tested_card(
    split: Split,
    config: TrainConfig,
    fitted: Fitted,
    results: Results,
    baselines: Mapping[BaselineName, BaselineResult],
    sentence: str,
    identity: Identity | None,
) -> dict[str, Json]:
    """The card of a model that was tested on held-out clips; ``sentence`` is the verdict."""
    document = _training_document(split, config, fitted, sentence) | {
        "results": results.to_dict(),
        "baselines": {name: asdict(baseline) for name, baseline in baselines.items()},
        "identity": None if identity is None else identity.to_dict(),
    }
    return _as_json(document)


def untested_card(split: Split, config: TrainConfig, fitted: Fitted) -> dict[str, Json]:
    """The card of a model whose test is left to whoever trained it; it says so."""
    sentence = (
        f"Not tested by auricle: fitted from Python on {len(split.train)} clips, with "
        f"{len(split.validation)} to stop and calibrate on."
    )
    return _as_json(_training_document(split, config, fitted, sentence))


def _training_document(
    split: Split, config: TrainConfig, fitted: Fitted, sentence: str
) -> dict[str, object]:
    heard = (*split.train.clips, *split.validation.clips)
    remembered = [clip.fingerprint()[:12] for clip in heard[:MAX_REMEMBERED_CLIPS]]
    return {
        "auricle": auricle.__version__,
        "trained": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdict": sentence,
        "data": {
            "source": split.train.source,
            "group_rule": split.train.group_rule,
            "split": split.kind,
            "split_description": split.description,
            "seed": split.seed,
            "clips": {
                "train": len(split.train),
                "validation": len(split.validation),
                "test": len(split.test),
            },
            "groups": len({*split.train.groups, *split.validation.groups, *split.test.groups}),
            "fingerprint": split.to_manifest().fingerprint(),
            "heard": remembered,
        },
        "training": config_document(config),
        "history": [record.to_dict() for record in fitted.history],
        "best_epoch": fitted.best_epoch,
        "seconds": fitted.seconds,
        "parameters": sum(p.numel() for p in fitted.listener.model.parameters()),
    }


def _as_json(document: dict[str, object]) -> dict[str, Json]:
    return dict(json.loads(json.dumps(document)))  # as the file will hold it
