"""Scores on a manifest, baselines beside them, and the report page."""

from auricle.evaluation.ambient import (
    AmbientRow,
    AmbientTable,
    alarms_by_threshold,
    ambient_table,
)
from auricle.evaluation.baselines import evaluate_baselines
from auricle.evaluation.report import Mistake, Report, render_report, write_report
from auricle.evaluation.results import (
    BaselineName,
    BaselineResult,
    ClassScore,
    ClipScores,
    GroupScore,
    Json,
    Results,
    SplitKind,
)
from auricle.evaluation.summary import summarise, worst_mistakes
from auricle.evaluation.verdict import verdict

__all__ = [
    "AmbientRow",
    "AmbientTable",
    "alarms_by_threshold",
    "ambient_table",
    "BaselineName",
    "BaselineResult",
    "ClassScore",
    "ClipScores",
    "evaluate_baselines",
    "GroupScore",
    "Json",
    "Mistake",
    "render_report",
    "Report",
    "Results",
    "SplitKind",
    "summarise",
    "verdict",
    "worst_mistakes",
    "write_report",
]
