"""The report on a detector: one self-contained page, as every report."""

from importlib.resources import files
from pathlib import Path

from auricle.evaluation.report.card import card_section
from auricle.evaluation.report.curves import learning_section
from auricle.evaluation.report.detection_content import DetectionReport
from auricle.evaluation.report.detection_scores import (
    detection_headline,
    event_classes_section,
    measures_section,
    recordings_section,
)
from auricle.evaluation.report.moments import moments_section
from auricle.evaluation.report.page import document
from auricle.evaluation.report.timelines import timelines_section
from auricle.io import write_atomically


def render_detection_report(report: DetectionReport) -> str:
    """The report as one HTML document; see `render_report` for what it promises."""
    style = files(__package__).joinpath("detection.css").read_text(encoding="utf-8")
    return document(report.title, _body(report), more_style=style)


def write_detection_report(report: DetectionReport, path: Path) -> None:
    """Write `render_detection_report` to a file, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    page = render_detection_report(report)
    with write_atomically(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _body(report: DetectionReport) -> str:
    top = detection_headline(report)
    if report.measures.recordings == 0:
        return top + card_section(report.card)
    classes = tuple(one.name for one in report.measures.per_class)
    return "".join(
        [
            top,
            measures_section(report.measures),
            event_classes_section(report.measures),
            recordings_section(report.measures),
            timelines_section(report.measures, classes),
            moments_section(report.moments, classes),
            learning_section(report.history),
            card_section(report.card),
        ]
    )
