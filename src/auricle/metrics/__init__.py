"""Scores: numpy in, float out, every input checked, empty input defined."""

from auricle.metrics._check import BACKGROUND
from auricle.metrics.calibration import (
    ReliabilityBin,
    expected_calibration_error,
    fit_temperature,
    reliability_bins,
)
from auricle.metrics.classification import (
    accuracy,
    confusion_matrix,
    f1_scores,
    log_loss,
    macro_f1,
    precision_recall,
)
from auricle.metrics.detection_counts import DetectionCounts, DetectionScore
from auricle.metrics.event_matching import MIR_EVAL, SED_EVAL, EventCollars, count_events
from auricle.metrics.frames import (
    edit_distance,
    frame_error,
    frame_errors,
    segment_error_rate,
    segment_error_rates,
)
from auricle.metrics.intervals import accuracy_interval, bootstrap_interval
from auricle.metrics.polyphonic import psds, psds_interval, psds_of_events
from auricle.metrics.polyphonic_settings import (
    DCASE_PSDS1,
    DCASE_PSDS2,
    PsdsResult,
    PsdsSettings,
    ScoreCurves,
)
from auricle.metrics.rejection import (
    choose_threshold,
    count_alarms,
    false_alarms_per_hour,
    highest_count,
)
from auricle.metrics.segments import count_segments
from auricle.metrics.tagging import average_precision, lwlrap, mean_average_precision
from auricle.metrics.timed_events import TimedEvents

__all__ = [
    "accuracy",
    "accuracy_interval",
    "average_precision",
    "BACKGROUND",
    "bootstrap_interval",
    "choose_threshold",
    "confusion_matrix",
    "count_alarms",
    "count_events",
    "count_segments",
    "DCASE_PSDS1",
    "DCASE_PSDS2",
    "DetectionCounts",
    "DetectionScore",
    "edit_distance",
    "EventCollars",
    "expected_calibration_error",
    "f1_scores",
    "false_alarms_per_hour",
    "fit_temperature",
    "frame_error",
    "frame_errors",
    "highest_count",
    "log_loss",
    "lwlrap",
    "macro_f1",
    "mean_average_precision",
    "MIR_EVAL",
    "precision_recall",
    "psds",
    "psds_interval",
    "psds_of_events",
    "PsdsResult",
    "PsdsSettings",
    "reliability_bins",
    "ReliabilityBin",
    "ScoreCurves",
    "SED_EVAL",
    "segment_error_rate",
    "segment_error_rates",
    "TimedEvents",
]
