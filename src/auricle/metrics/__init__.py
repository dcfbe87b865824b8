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
from auricle.metrics.intervals import accuracy_interval, bootstrap_interval
from auricle.metrics.rejection import (
    choose_threshold,
    count_alarms,
    false_alarms_per_hour,
    highest_count,
)

__all__ = [
    "accuracy",
    "accuracy_interval",
    "BACKGROUND",
    "bootstrap_interval",
    "choose_threshold",
    "confusion_matrix",
    "count_alarms",
    "expected_calibration_error",
    "f1_scores",
    "false_alarms_per_hour",
    "fit_temperature",
    "highest_count",
    "log_loss",
    "macro_f1",
    "precision_recall",
    "reliability_bins",
    "ReliabilityBin",
]
