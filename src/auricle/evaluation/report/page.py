"""One self-contained page: no script, no network, nothing beside it."""

from importlib.resources import files
from pathlib import Path

from auricle.evaluation.report.calibration import ambient_section, calibration_section
from auricle.evaluation.report.card import card_section
from auricle.evaluation.report.confusion import confusion_section
from auricle.evaluation.report.content import Report
from auricle.evaluation.report.curves import learning_section
from auricle.evaluation.report.markup import text
from auricle.evaluation.report.mistakes import mistakes_section
from auricle.evaluation.report.scores import (
    baselines_section,
    classes_section,
    groups_section,
    headline,
)
from auricle.io import write_atomically

_POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"


def render_report(report: Report) -> str:
    """The report as one HTML document.

    Styles, drawings, pictures and sounds are inside; a policy in the page forbids the browser to
    load anything from elsewhere or to run a script. It reads on a phone, in print, in light and
    in dark.
    """
    return document(report.title, _body(report))


def document(title: str, body: str, *, more_style: str = "") -> str:
    """A page around its body, which is markup; the title is not."""
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8") + more_style
    title = text(title)
    body = body.replace(" %", "\N{NO-BREAK SPACE}%")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{title}</title><style>{style}</style></head><body><main>{body}"
        "<footer>Made by auricle. Nothing on this page comes from elsewhere.</footer>"
        "</main></body></html>\n"
    )


def _body(report: Report) -> str:
    results = report.results
    top = headline(report.title, results, report.baselines)
    if results.num_clips == 0:
        return (
            top
            + learning_section(report.history, kept=report.card.get("best_epoch"))
            + card_section(report.card)
        )
    return "".join(
        [
            top,
            baselines_section(results, report.baselines),
            confusion_section(results),
            classes_section(results),
            groups_section(results),
            learning_section(report.history, kept=report.card.get("best_epoch")),
            calibration_section(results),
            ambient_section(report.ambient),
            mistakes_section(report.mistakes, results.classes),
            card_section(report.card),
        ]
    )


def write_report(report: Report, path: Path) -> None:
    """Write `render_report` to a file, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    page = render_report(report)
    with write_atomically(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
