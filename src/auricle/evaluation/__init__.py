"""Scores on a manifest, baselines beside them, and the report page."""

from auricle.evaluation.ambient import (
    AmbientRow,
    AmbientTable,
    alarms_by_threshold,
    ambient_table,
)
from auricle.evaluation.baselines import evaluate_baselines
from auricle.evaluation.detection import (
    DetectionResults,
    RecordingScore,
    score_detector,
    score_recording,
    summarise_detection,
)
from auricle.evaluation.event_track import EventTrack
from auricle.evaluation.listening import (
    collect_mistakes,
    listen_to_ambient,
    score_manifest,
    without_temperature,
)
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
from auricle.evaluation.verdict import interval_text, percent, verdict

__all__ = [
    "alarms_by_threshold",
    "ambient_table",
    "AmbientRow",
    "AmbientTable",
    "BaselineName",
    "BaselineResult",
    "ClassScore",
    "ClipScores",
    "collect_mistakes",
    "DetectionResults",
    "evaluate_baselines",
    "EventTrack",
    "GroupScore",
    "interval_text",
    "Json",
    "listen_to_ambient",
    "Mistake",
    "percent",
    "RecordingScore",
    "render_report",
    "Report",
    "Results",
    "score_detector",
    "score_manifest",
    "score_recording",
    "SplitKind",
    "summarise",
    "summarise_detection",
    "verdict",
    "without_temperature",
    "worst_mistakes",
    "write_report",
]
