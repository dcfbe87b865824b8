"""The report page."""

from auricle.evaluation.report.content import Mistake, Report
from auricle.evaluation.report.page import render_report, write_report

__all__ = ["Mistake", "render_report", "Report", "write_report"]
