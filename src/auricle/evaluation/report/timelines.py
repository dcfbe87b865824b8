"""Truth over prediction along the time of each recording."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

from auricle.evaluation.detection import RecordingScore
from auricle.evaluation.detection_measures import DetectionMeasures
from auricle.evaluation.report.detection_scores import worst_first
from auricle.evaluation.report.markup import section, text
from auricle.evaluation.report.plot import Axes, drawing, round_ticks
from auricle.evaluation.worst_moments import (
    GRID_S,
    Span,
    found_spans,
    true_spans,
    wrong_by_class,
    wrong_in_all,
)

_WIDTH, _LEFT, _RIGHT = 920, 44, 8
_ROW, _GAP, _WRONG = 17, 3, 4
_LETTER = 6.5  # width of a character, units of the drawing
_MOST_RECORDINGS, _MOST_LINES = 20, 6
_LINES_S = (5.0, 10.0, 20.0, 30.0, 60.0)
_EVENTS_A_LINE = 25
_HUES = 12


def timelines_section(measures: DetectionMeasures, classes: Sequence[str]) -> str:
    """Lines of each recording, the worst recordings first."""
    if not measures.scores:
        return ""
    shown = worst_first(measures.scores)[:_MOST_RECORDINGS]
    length_s = line_length_s(measures)
    body = "".join(_recording(score, classes, length_s=length_s) for score in shown)
    hidden = len(measures.scores) - len(shown)
    left_out = f" {hidden} recordings with fewer errors are left out." if hidden else ""
    return section(
        "Truth over prediction",
        f"{_legend(classes)}{body}",
        note="Above, what the annotation says; below, what the detector heard; the line of orange "
        f"marks where they differ. The worst recordings stand first.{left_out}",
        name="timelines",
    )


def line_length_s(measures: DetectionMeasures) -> float:
    """Seconds a line, so that a line holds a few dozen events."""
    events = max(1, measures.events)
    wanted = _EVENTS_A_LINE * measures.seconds / events
    return min(_LINES_S, key=lambda length: abs(np.log(length / max(wanted, 1e-3))))


def _recording(score: RecordingScore, classes: Sequence[str], *, length_s: float) -> str:
    duration_s = max(score.found.duration_s, 1e-3)
    starts = np.arange(0, duration_s, length_s)
    wrong = wrong_in_all(wrong_by_class(score))
    chosen = _worst_lines(wrong, starts, length_s)
    part = (
        ""
        if len(chosen) == len(starts)
        else (
            f" <small>the {len(chosen)} worst of {len(starts)} stretches of {length_s:g} s</small>"
        )
    )
    lines = "".join(
        _line(score, classes, wrong, start_s=start, length_s=length_s) for start in chosen
    )
    return f'<div class="timeline"><h3>{text(score.recording.path.name)}{part}</h3>{lines}</div>'


def _worst_lines(
    wrong: Float64[np.ndarray, " bins"], starts: Float64[np.ndarray, " lines"], length_s: float
) -> list[float]:
    """Where the lines begin that have most time wrong, in the order of time."""
    if len(starts) <= _MOST_LINES:
        return [float(start) for start in starts]
    sums = [wrong[round(s / GRID_S) : round((s + length_s) / GRID_S)].sum() for s in starts]
    order = np.argsort(-np.array(sums), kind="stable")[:_MOST_LINES]
    return [float(starts[at]) for at in sorted(order)]


def _line(
    score: RecordingScore,
    classes: Sequence[str],
    wrong: Float64[np.ndarray, " bins"],
    *,
    start_s: float,
    length_s: float,
) -> str:
    axes = Axes(
        left=_LEFT,
        top=2,
        width=_WIDTH - _LEFT - _RIGHT,
        height=2 * _ROW + _WRONG + 2 * _GAP,
        x_range=(start_s, start_s + length_s),
        y_range=(0, 1),
    )
    body = event_rows(axes, (true_spans(score), found_spans(score)), classes)
    body += _wrong_marks(axes, wrong) + axes.x_axis(
        round_ticks(start_s, start_s + length_s, most=11), label=""
    )
    name = f"{score.recording.path.name} from {start_s:g} to {start_s + length_s:g} seconds"
    return drawing(body, width=_WIDTH, height=2 * _ROW + _WRONG + 2 * _GAP + 24, label=name)


def event_rows(
    axes: Axes, rows: tuple[Sequence[Span], Sequence[Span]], classes: Sequence[str]
) -> str:
    """Truth and answers as bars in the axes' range, one row below the other."""
    body = ""
    for at, (spans, name) in enumerate(zip(rows, ("true", "found"), strict=True)):
        top = float(axes.top + at * (_ROW + _GAP))
        body += (
            f'<text class="name" x="{axes.left - 6:.1f}" y="{top + 12:.1f}" '
            f'text-anchor="end">{name}</text>'
            f'<path class="grid" d="M{axes.left:.1f} {top + _ROW:.1f}h{axes.width:.1f}"/>'
        )
        body += "".join(_bars(axes, spans, classes, top=top))
    return body


def _bars(axes: Axes, spans: Sequence[Span], classes: Sequence[str], *, top: float) -> list[str]:
    """Bars of one row; events that sound at once share its height."""
    low, high = axes.x_range
    inside = [s for s in spans if s.offset_s >= low and s.onset_s <= high]
    lanes = _lanes(inside)
    count = 1 + max(lanes, default=0)
    height = _ROW / count
    return [
        _bar(axes, span, classes, top=top + lane * height, height=height)
        for span, lane in zip(inside, lanes, strict=True)
    ]


def _lanes(spans: Sequence[Span]) -> list[int]:
    """For each event the first lane that is free when it begins."""
    ends: list[float] = []
    lanes = [0] * len(spans)
    for at in sorted(range(len(spans)), key=lambda at: spans[at].onset_s):
        span = spans[at]
        free = (lane for lane, end in enumerate(ends) if end <= span.onset_s + 1e-9)
        lane = next(free, len(ends))
        ends[lane : lane + 1] = [span.offset_s]
        lanes[at] = lane
    return lanes


def _bar(axes: Axes, span: Span, classes: Sequence[str], *, top: float, height: float) -> str:
    low, high = axes.x_range
    left, right = axes.x(max(span.onset_s, low)), axes.x(min(span.offset_s, high))
    width = max(right - left, 0.7)
    title = f"{span.label}: {span.onset_s:.3f} to {span.offset_s:.3f} s"
    written = ""
    if height >= 8 and width >= _LETTER * len(span.label) + 4:
        written = (
            f'<text class="label" x="{left + width / 2:.1f}" y="{top + height / 2 + 3.5:.1f}" '
            f'text-anchor="middle">{text(span.label)}</text>'
        )
    return (
        f'<g><title>{text(title)}</title><rect class="event {hue(span.label, classes)}" '
        f'x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"/>{written}</g>'
    )


def hue(label: str, classes: Sequence[str]) -> str:
    """The colour's name in the style sheet; labels that are no class are grey."""
    return f"hue{classes.index(label) % _HUES}" if label in classes else "other"


def _wrong_marks(axes: Axes, wrong: Float64[np.ndarray, " bins"]) -> str:
    """A line where answers and truth differ by more than half a bin of 20 ms."""
    low, high = axes.x_range
    first, last = round(low / GRID_S), round(high / GRID_S)
    marked = np.concatenate([[False], wrong[first:last] > 0.5, [False]])
    edges = np.flatnonzero(marked[1:] != marked[:-1]) * GRID_S + low
    top = axes.top + 2 * (_ROW + _GAP)
    return "".join(
        f'<rect class="differs" x="{axes.x(a):.1f}" y="{top:.1f}" '
        f'width="{max(axes.x(b) - axes.x(a), 0.7):.1f}" height="{_WRONG}"/>'
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    )


def _legend(classes: Sequence[str]) -> str:
    keys = "".join(
        f'<span class="swatch {hue(name, classes)}">{text(name)}</span>' for name in classes
    )
    return f'<p class="legend">{keys}</p>'
