"""The report page."""

from auricle.evaluation.report.content import Mistake, Report
from auricle.evaluation.report.detection_content import DetectionReport, SoundMoment
from auricle.evaluation.report.detection_page import (
    render_detection_report,
    write_detection_report,
)
from auricle.evaluation.report.page import render_report, write_report

__all__ = [
    "DetectionReport",
    "Mistake",
    "render_detection_report",
    "render_report",
    "Report",
    "SoundMoment",
    "write_detection_report",
    "write_report",
]
