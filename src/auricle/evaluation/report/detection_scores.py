"""A detector's headline, its measures with what they mean, its classes and its recordings."""

from auricle.evaluation.detection import RecordingScore
from auricle.evaluation.detection_measures import DetectionMeasures, EventClassScore, Measure
from auricle.evaluation.report.detection_content import DetectionReport
from auricle.evaluation.report.markup import bar, number, section, table, text
from auricle.evaluation.verdict import interval_text, percent

_MOST_RECORDINGS = 30
_NOTHING = "–"


def detection_headline(report: DetectionReport) -> str:
    """The page's first screen: the finding, what it was tested on, what to beware of."""
    measures = report.measures
    if measures.recordings == 0:
        return (
            f'<header><p class="eyebrow">{text(report.title)}</p>'
            "<h1>No recording to test on: nothing is known about this detector.</h1></header>"
        )
    figures = {one.key: one for one in measures.measures}
    main = figures["event_f1"]
    return (
        f'<header><p class="eyebrow">{text(report.title)}</p>'
        f"<h1>Event F1 <strong>{percent(main.value)}</strong> "
        f"<small>95 % interval {interval_text(main.interval or (0.0, 1.0))}: label right, "
        f"onset and offset within {1000 * measures.collar_s:.0f} ms</small></h1>"
        f'<p class="lead">{measures.events} events in {measures.recordings} held-out '
        f"{'recording' if measures.recordings == 1 else 'recordings'}, "
        f"{measures.seconds / 60:.1f} minutes. {text(report.delay)}</p>"
        f'<p class="split"><b>How they were kept apart.</b> {text(report.note)} '
        f"{_caveat(measures.recordings)}</p>{_facts(figures)}</header>"
    )


def _caveat(recordings: int) -> str:
    if recordings == 1:
        return "With one recording there is no telling how another would do: intervals are empty."
    few = " So few recordings make them rough." if recordings < 10 else ""
    return f"Intervals are drawn over the {recordings} recordings.{few}"


def _facts(figures: dict[str, Measure]) -> str:
    keys = ("frame_error", "segment_error_rate", "event_precision", "event_recall", "onset_f1")
    shown = [figures[key] for key in keys if key in figures][:4]
    items = "".join(
        f"<div><dt>{text(one.title)}</dt><dd>{_value(one)}<small>"
        f"{_NOTHING if one.interval is None else _interval(one)}</small></dd></div>"
        for one in shown
    )
    return f'<dl class="facts">{items}</dl>'


def measures_section(measures: DetectionMeasures) -> str:
    """Every figure and what it means."""
    rows = [
        f'<tr><th scope="row">{text(one.title)}<small>{text(one.meaning)}</small></th>'
        f"<td>{_value(one)}</td>"
        f"<td>{_NOTHING if one.interval is None else _interval(one)}</td>"
        f"<td>{_best(one)}</td></tr>"
        for one in measures.measures
    ]
    head = ["Measure", "Value", "95 % interval", "Best"]
    return section("All measures", table(head, rows, name="measures"), name="measures")


def _best(one: Measure) -> str:
    return "0 %" if one.is_error else "1" if one.key.startswith("psds") else "100 %"


def _value(one: Measure) -> str:
    return number(one.value) if one.key.startswith("psds") else percent(one.value)


def _interval(one: Measure) -> str:
    return interval_text(one.interval) if one.interval is not None else _NOTHING


def event_classes_section(measures: DetectionMeasures) -> str:
    """Precision and recall of each class."""
    head = ["Class", "Precision", "Recall", "F1", "95 % interval", "True", "Found"]
    rows = [_class_row(one) for one in measures.per_class]
    return section(
        "Class by class",
        table(head, rows, name="classes"),
        note="Precision: share of the events found under this label that are right. Recall: share "
        "of its true events that are found. Label, onset and offset must all be right.",
        name="classes",
    )


def _class_row(one: EventClassScore) -> str:
    precision = bar(one.precision) + percent(one.precision) if one.num_found else _NOTHING
    recall = bar(one.recall) + percent(one.recall) if one.num_true else _NOTHING
    any_there = one.num_true + one.num_found > 0
    return (
        f'<tr><th scope="row">{text(one.name)}</th><td>{precision}</td><td>{recall}</td>'
        f"<td>{number(one.f1) if any_there else _NOTHING}</td>"
        f"<td>{_NOTHING if one.f1_interval is None else interval_text(one.f1_interval)}</td>"
        f"<td>{one.num_true}</td><td>{one.num_found}</td></tr>"
    )


def worst_first(scores: tuple[RecordingScore, ...]) -> list[RecordingScore]:
    """Recordings by their error, the worst first."""
    return sorted(scores, key=lambda score: -(score.frame_error or score.frame_error_raw))


def recordings_section(measures: DetectionMeasures) -> str:
    """The worst recordings; nothing where there is one."""
    if len(measures.scores) < 2:
        return ""
    shown = worst_first(measures.scores)[:_MOST_RECORDINGS]
    rows = [_recording_row(score) for score in shown]
    hidden = len(measures.scores) - len(shown)
    single = shown[0].segment_error_rate is not None
    head = ["Recording", "Frame error", *(["Segment error rate"] if single else []), "True events"]
    return section(
        "Recording by recording",
        table([*head, "Found", "Minutes"], rows, name="groups"),
        note=f"The worst stand first{f'; {hidden} better ones are left out' if hidden else ''}.",
        name="recordings",
    )


def _recording_row(score: RecordingScore) -> str:
    rate = score.segment_error_rate
    error = score.frame_error_raw if score.frame_error is None else score.frame_error
    return (
        f'<tr><th scope="row">{text(score.recording.path.name)}</th>'
        f"<td>{bar(min(1.0, error))}{percent(error)}</td>"
        f"{'' if rate is None else f'<td>{percent(rate)}</td>'}"
        f"<td>{len(score.recording.events)}</td><td>{len(score.found.events)}</td>"
        f"<td>{score.found.duration_s / 60:.2f}</td></tr>"
    )
