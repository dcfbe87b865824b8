"""Can its scores be believed, and when does it say unknown?"""

import math
from collections.abc import Sequence

from auricle.evaluation.ambient import AmbientTable
from auricle.evaluation.report.markup import figure, section, table, text
from auricle.evaluation.report.plot import Axes, drawing, round_ticks
from auricle.evaluation.results import Results
from auricle.evaluation.verdict import percent
from auricle.metrics import ReliabilityBin
from auricle.models import UNKNOWN

_WIDTH, _HEIGHT = 360, 330
_LARGEST_DOT = 11.0


def calibration_section(results: Results) -> str:
    """The reliability diagram, and what the threshold does."""
    if results.num_clips == 0:
        return ""
    body = (
        f'<div class="figures">{reliability_figure(results)}'
        f'<div class="prose">{_in_words(results)}{_threshold_in_words(results)}</div></div>'
    )
    return section("Can its scores be believed?", body, name="calibration")


def reliability_figure(results: Results) -> str:
    """Score against how often it is right; the diagonal is perfect."""
    axes = Axes(
        left=40, top=30, width=_WIDTH - 56, height=_HEIGHT - 76, x_range=(0, 100), y_range=(0, 100)
    )
    ticks = round_ticks(0, 100)
    body = (
        axes.y_axis(ticks, label="right (%)")
        + axes.x_axis(ticks, label="score (%)")
        + axes.line([(0, 0), (100, 100)], kind="ideal")
        + _threshold_line(axes, results.threshold)
        + _dots(axes, results.reliability_before, kind="before")
        + _dots(axes, results.reliability, kind="first")
    )
    plot = drawing(
        body, width=_WIDTH, height=_HEIGHT, label="Reliability diagram: score against accuracy"
    )
    keys = '<span class="key first dotted">its scores</span>'
    if results.reliability_before:
        keys += ' <span class="key before dotted">before the temperature</span>'
    keys += ' <span class="key ideal">perfect</span> <span class="key limit">threshold</span>'
    return figure(plot, caption=f"The larger a dot, the more clips it stands for. {keys}")


def _dots(axes: Axes, bins: Sequence[ReliabilityBin], *, kind: str) -> str:
    most = max((part.num_clips for part in bins), default=1)
    return "".join(
        axes.dot(
            (100 * part.confidence, 100 * part.accuracy),
            kind=kind,
            radius=2 + (_LARGEST_DOT - 2) * math.sqrt(part.num_clips / most),
        )
        for part in bins
    )


def _threshold_line(axes: Axes, threshold: float) -> str:
    place = axes.x(100 * threshold)
    return f'<path class="limit" d="M{place:.1f} {axes.top:.1f}v{axes.height:.1f}"/>'


def _in_words(results: Results) -> str:
    before = ""
    if results.ece_before is not None:
        before = (
            f" Before the scores were divided by the temperature {results.temperature:.2f}, which "
            f"was fitted on validation clips, it was {percent(results.ece_before)}."
        )
    largest = max(results.reliability, key=lambda part: part.num_clips)
    return (
        f"<p>Expected calibration error: <b>{percent(results.ece_after)}</b>.{before}</p>"
        f"<p>Of the {largest.num_clips} clips on which its score lay between "
        f"{100 * largest.lower:.0f} and {100 * largest.upper:.0f} %, "
        f"{percent(largest.accuracy)} were right.</p>"
    )


def _threshold_in_words(results: Results) -> str:
    if results.accuracy_known is None:
        found = "which is every test clip"
    else:
        found = (
            f"which is {percent(1 - results.coverage)} of the test clips; on the others it is "
            f"right on {percent(results.accuracy_known)}"
        )
    taken = ", or for what sounds like background," if UNKNOWN in results.classes else ""
    background = ""
    if results.background_accepted is not None:
        background = (
            f"<p>Of {results.num_background} background clips, which hold none of the classes, "
            f"{percent(results.background_accepted)} were taken for one of them.</p>"
        )
    return (
        f"<p>Below a score of <b>{results.threshold:.2f}</b>{taken} the answer is “unknown”, "
        f"{found}.</p>{background}"
    )


def ambient_section(ambient: AmbientTable | None) -> str:
    """False alarms per hour over the thresholds; nothing where it was not measured."""
    if ambient is None:
        return ""
    rows = [
        f'<tr class="{"chosen" if row.threshold == ambient.chosen else ""}">'
        f'<th scope="row">{row.threshold:.3g}'
        f"{'<small>this model</small>' if row.threshold == ambient.chosen else ''}</th>"
        f"<td>{row.num_alarms}</td><td>{row.per_hour:.1f}</td>"
        f"<td>{row.per_hour_at_most:.1f}</td></tr>"
        for row in ambient.rows
    ]
    head = ["Threshold", "False alarms", "An hour", "At most (95 % sure)"]
    return section(
        "False alarms",
        table(head, rows, name="ambient"),
        note=f"Heard in {ambient.duration_s / 3600:.2f} hours of <b>{text(ambient.source)}</b>, "
        "which holds nothing to be found.",
        name="ambient",
    )
