"""The confusion matrix, readable with four classes and with fifty."""

import math

from auricle.evaluation.report.markup import section, table, text
from auricle.evaluation.results import Results
from auricle.evaluation.verdict import percent

_ROOMY = 12  # classes up to which every count is written out
_LONG_NAME = 4  # letters above which a column's name stands upright
_MOST_PAIRS = 10


def confusion_section(results: Results) -> str:
    """The matrix, and its largest errors as a list."""
    body = f"{matrix(results)}<div>{_pairs_table(results)}</div>"
    note = (
        "Each row is what the clip was, each column what the network said. Blue is right, orange "
        "is wrong; the deeper the colour, the larger the share of its row."
    )
    return section(
        "What is taken for what", f'<div class="pairing">{body}</div>', note=note, name="confusion"
    )


def matrix(results: Results) -> str:
    """The matrix as a table whose cells are shaded by their share of the row."""
    dense = len(results.classes) > _ROOMY
    upright = dense or any(len(name) > _LONG_NAME for name in results.classes)
    head = "".join(
        f'<th scope="col"><span class="{"upright" if upright else ""}">{text(name)}</span></th>'
        for name in results.classes
    )
    rows = "".join(_row(results, index, written=not dense) for index in range(len(results.classes)))
    kind = "confusion dense" if dense else "confusion"
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix">'
        f'<table class="{kind}"><thead><tr><th class="corner"><span>was&nbsp;↓ '
        f"said&nbsp;→</span></th>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(results: Results, truth: int, *, written: bool) -> str:
    counts = results.confusion[truth]
    total = sum(counts) or 1
    cells = "".join(
        _cell(results, truth, answer, share=count / total, written=written)
        for answer, count in enumerate(counts)
    )
    return f'<tr><th scope="row">{text(results.classes[truth])}</th>{cells}</tr>'


def _cell(results: Results, truth: int, answer: int, *, share: float, written: bool) -> str:
    count = results.confusion[truth][answer]
    if count == 0:
        return '<td class="right"></td>' if truth == answer else "<td></td>"
    kind = "right" if truth == answer else "wrong"
    said = f"{results.classes[truth]} called {results.classes[answer]}: {count} ({percent(share)})"
    shade = 12 + 88 * (share if truth == answer else math.sqrt(share))  # rare errors show too
    strong = " strong" if shade > 62 else ""
    return (
        f'<td class="{kind}{strong}" style="--p:{shade:.0f}%" title="{text(said)}">'
        f"{count if written else ''}</td>"
    )


def confused_pairs(results: Results) -> list[tuple[str, str, int, int]]:
    """Truth, answer, clips so confused and clips of the truth; most frequent first."""
    pairs = [
        (results.classes[truth], results.classes[answer], count, sum(row))
        for truth, row in enumerate(results.confusion)
        for answer, count in enumerate(row)
        if count and truth != answer
    ]
    return sorted(pairs, key=lambda pair: (-pair[2], -pair[2] / pair[3]))


def _pairs_table(results: Results) -> str:
    pairs = confused_pairs(results)
    if not pairs:
        return "<p>Nothing was taken for anything else.</p>"
    rows = [
        f'<tr><th scope="row">{text(truth)}</th><td class="said">{text(answer)}</td>'
        f"<td>{count} of {total}</td><td>{percent(count / total)}</td></tr>"
        for truth, answer, count, total in pairs[:_MOST_PAIRS]
    ]
    head = ["It was", "It said", "Clips", "Share"]
    title = "Most frequent errors" if len(pairs) > _MOST_PAIRS else "All errors"
    return f"<h3>{title}</h3>" + table(head, rows, name="pairs")
