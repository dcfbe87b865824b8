"""Results as lines and as the report page."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from auricle.evaluation import (
    AmbientTable,
    BaselineName,
    BaselineResult,
    Report,
    Results,
    collect_mistakes,
    interval_text,
    percent,
    verdict,
    write_report,
)
from auricle.models.model_file import Json
from auricle.training.pipeline import Outcome

_MOST_CLASSES = 30


def result_lines(
    results: Results,
    baselines: Mapping[BaselineName, BaselineResult],
    card: Mapping[str, Json],
) -> Iterator[str]:
    """The result as a person reads it: the verdict first, then what stands behind it."""
    yield verdict(results, baselines)
    yield f"How clips were kept apart: {results.split_description}"
    if results.split_kind == "random":
        yield "WARNING: a random split; expect less on new recordings."
    yield ""
    yield from _table(results, baselines)
    yield ""
    yield from _class_lines(results)
    yield ""
    yield from _confidence_lines(results)
    identity = card.get("identity")
    if isinstance(identity, dict):
        yield (
            f"Stream and file: posteriors differ by at most {identity['max_abs_diff']:.1e}, "
            f"events {'are equal' if identity['events_equal'] else 'DIFFER'}."
        )


def ambient_lines(table: AmbientTable) -> Iterator[str]:
    """False alarms an hour by threshold."""
    yield f"{table.duration_s / 3600:.3f} h of {table.source}, in which nothing should be heard:"
    yield f"{'threshold':>10} {'alarms':>8} {'an hour':>10} {'95 % sure below':>16}"
    for row in table.rows:
        mark = "  <- the model's" if row.threshold == table.chosen else ""
        yield (
            f"{row.threshold:10.3f} {row.num_alarms:8d} {row.per_hour:10.2f} "
            f"{row.per_hour_at_most:16.2f}{mark}"
        )


def report_page(outcome: Outcome, path: Path, *, title: str) -> None:
    """Write the page of a training run.

    Raises:
        OutputError: it cannot be written.
    """
    history = outcome.listener.card["history"]
    report = Report(
        title=title,
        results=outcome.results,
        baselines=outcome.baselines,
        history=history if isinstance(history, list) else (),  # type: ignore[arg-type]
        mistakes=collect_mistakes(outcome.listener, outcome.split.to_manifest(), outcome.scores),
        card=short_card(outcome.listener.card),
    )
    write_report(report, path)


def short_card(card: Mapping[str, Json]) -> dict[str, Json]:
    """The card without what the page shows elsewhere or nobody reads."""
    hidden = ("history", "results", "baselines", "verdict")
    short = {key: value for key, value in card.items() if key not in hidden}
    data = short.get("data")
    if isinstance(data, dict):
        short["data"] = {key: value for key, value in data.items() if key != "heard"}
    return short


def _table(results: Results, baselines: Mapping[BaselineName, BaselineResult]) -> Iterator[str]:
    yield f"{'':<18}{'accuracy':>10}  {'95 % interval':<20}{'macro F1':>9}"
    rows = [("network", results.accuracy, results.accuracy_interval, results.macro_f1)]
    rows += [
        (one.title, one.accuracy, one.accuracy_interval, one.macro_f1) for one in baselines.values()
    ]
    for title, accuracy, interval, macro_f1 in rows:
        yield f"{title:<18}{percent(accuracy):>10}  {interval_text(interval):<20}{macro_f1:9.3f}"


def _class_lines(results: Results) -> Iterator[str]:
    names = [one.name for one in results.per_class]
    width = max([5, *(len(name) for name in names)])
    show = len(names) <= _MOST_CLASSES
    head = "   " + " ".join(f"{name[:6]:>6}" for name in names) if show and len(names) <= 12 else ""
    yield f"{'class':<{width}} {'precision':>9} {'recall':>7} {'clips':>6}{head}"
    for index, one in enumerate(results.per_class if show else ()):
        row = " ".join(f"{count:6d}" for count in results.confusion[index]) if head else ""
        precision = f"{one.precision:.3f}" if results.num_answers[index] else "-"
        recall = f"{one.recall:.3f}" if one.support else "-"
        yield (
            f"{one.name:<{width}} {precision:>9} {recall:>7} {one.support:6d}"
            + (f"   {row}" if row else "")
        )
    if not show:
        yield f"{len(names)} classes; --report shows them all."
    elif head:
        yield "Columns on the right: what clips of the row's class were taken for."


def _confidence_lines(results: Results) -> Iterator[str]:
    before = "" if results.ece_before is None else f"{results.ece_before:.3f} before and "
    yield (
        f"Calibration error {before}{results.ece_after:.3f} after calibration "
        f"(temperature {results.temperature:.2f})."
    )
    known = results.accuracy_known
    right = "" if known is None else f", of which {percent(known)} are right"
    yield (
        f"Threshold {results.threshold:.2f}: {percent(results.coverage)} of the clips get an "
        f'answer{right}; the others are "unknown".'
    )
    if results.background_accepted is not None:
        yield (
            f"Of {results.num_background} background clips, "
            f"{percent(results.background_accepted)} were taken for a class."
        )
