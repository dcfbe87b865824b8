"""Scores on a manifest, baselines beside them, and the report page."""

from auricle.evaluation.ambient import (
    AmbientRow,
    AmbientTable,
    alarms_by_threshold,
    ambient_table,
)
from auricle.evaluation.results import (
    ClassScore,
    ClipScores,
    GroupScore,
    Json,
    Results,
    SplitKind,
)
from auricle.evaluation.summary import summarise

__all__ = [
    "listen_to_ambient",
    "score_manifest",
    "without_temperature",
    "worst_mistakes",
    "AmbientRow",
    "AmbientTable",
    "alarms_by_threshold",
    "ambient_table",
    "ClassScore",
    "ClipScores",
    "GroupScore",
    "Json",
    "Results",
    "SplitKind",
    "summarise",
]
