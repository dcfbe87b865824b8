"""Headline, baselines, classes and groups."""

import math
from collections.abc import Mapping

from auricle.evaluation.report.markup import bar, number, section, table, text
from auricle.evaluation.results import (
    BaselineName,
    BaselineResult,
    ClassScore,
    GroupScore,
    Results,
)
from auricle.evaluation.verdict import comparison, interval_text, percent
from auricle.models import UNKNOWN

_FEW_GROUPS = 10
_MOST_GROUPS = 10
_NOTHING = "–"  # where there is nothing to divide by


def headline(title: str, results: Results, baselines: Mapping[BaselineName, BaselineResult]) -> str:
    """The page's first screen: the finding, what it means, what to beware of."""
    if results.num_clips == 0:
        return (
            f'<header><p class="eyebrow">{text(title)}</p>'
            "<h1>No clip to test on: nothing is known about this network.</h1></header>"
        )
    clips = "clip" if results.num_clips == 1 else "clips"
    return (
        f'<header><p class="eyebrow">{text(title)}</p>'
        f"<h1>Right on <strong>{percent(results.accuracy)}</strong> of {results.num_clips} "
        f"held-out {clips} <small>95 % interval {interval_text(results.accuracy_interval)}"
        "</small></h1>"
        f'<p class="lead">The network {text(comparison(results, baselines))}.</p>'
        f"{split_note(results)}{_facts(results)}</header>"
    )


def split_note(results: Results) -> str:
    """How the test clips were kept apart; a warning where they were not."""
    what = text(results.split_description)
    if results.split_kind == "random":
        return (
            '<div class="warning" role="note"><strong>The split was random.</strong> Clips of one '
            "recording, speaker or day may stand on both sides of it, so expect a lower accuracy "
            f"on new recordings. Split by groups for a fair figure.<p>{what}</p></div>"
        )
    return (
        f'<p class="split"><b>How the test clips were kept apart.</b> {what} {_caveat(results)}</p>'
    )


def _caveat(results: Results) -> str:
    if results.num_groups == 1:
        return (
            "All test clips belong to one group: the interval is drawn over clips and says "
            "nothing about another group."
        )
    if results.interval_unit == "clip":
        return "Every answer is alike, so the interval is the exact bound over single clips."
    few = " So few groups make it rough." if results.num_groups < _FEW_GROUPS else ""
    return f"The interval is drawn over the {results.num_groups} groups in the test.{few}"


def _facts(results: Results) -> str:
    known = results.accuracy_known
    taken = ", or taken for background" if UNKNOWN in results.classes else ""
    facts = [
        ("Macro F1", number(results.macro_f1), "mean over classes, however rare; 1 is best"),
        (
            "Calibration error",
            percent(results.ece_after),
            "how far its scores are from how often it is right",
        ),
        (
            "Says “unknown”",
            percent(1 - results.coverage),
            f"score below {results.threshold:.2f}{taken}",
        ),
        (
            "Right when it answers",
            _NOTHING if known is None else percent(known),
            "“unknown” left aside",
        ),
    ]
    items = "".join(
        f"<div><dt>{name}</dt><dd>{value}<small>{note}</small></dd></div>"
        for name, value, note in facts
    )
    return f'<dl class="facts">{items}</dl>'


def baselines_section(results: Results, baselines: Mapping[BaselineName, BaselineResult]) -> str:
    """The network among its baselines, best first, on one scale; nothing without baselines."""
    if not baselines:
        return ""
    ours = ("This network", "", results.accuracy, results.accuracy_interval, results.macro_f1)
    lines = [(*ours, "network")]
    lines += [
        (base.title, base.detail, base.accuracy, base.accuracy_interval, base.macro_f1, "other")
        for base in baselines.values()
    ]
    lines.sort(key=lambda line: (line[2], line[5] == "other"), reverse=True)
    start = min(0.9, math.floor(10 * min(line[3][0] for line in lines)) / 10)
    rows = [
        f'<tr class="{kind}"><th scope="row">{text(title)}'
        f"{f'<small>{text(detail)}</small>' if detail else ''}</th>"
        f"<td>{percent(share)}<small>{interval_text(interval)}</small></td>"
        f'<td class="wide">{_track(share, interval, start=start)}</td><td>{number(f1)}</td></tr>'
        for title, detail, share, interval, f1, kind in lines
    ]
    ends = f'<span class="ends"><i>{100 * start:.0f}</i><i>100 %</i></span>'
    head = ["Method", "Accuracy", ends, "Macro F1"]
    return section(
        "Beside the baselines",
        table(head, rows, name="versus"),
        note="The same clips, the same split. The mark is the accuracy, the band its 95 % "
        "interval; where two bands overlap, the difference may be chance.",
        name="baselines",
    )


def _track(share: float, interval: tuple[float, float], *, start: float) -> str:
    """The interval as a band on a scale from start to 1."""
    low, high, share = ((value - start) / (1 - start) for value in (*interval, share))
    return (
        f'<span class="track"><i style="left:{100 * low:.2f}%;width:{100 * (high - low):.2f}%">'
        f'</i><b style="left:{100 * share:.2f}%"></b></span>'
    )


def classes_section(results: Results) -> str:
    """Precision and recall of each class, in the classes' order."""
    head = ["Class", "Precision", "Recall", "F1", "Clips"]
    answers = results.num_answers
    rows = [_class_row(score, at) for score, at in zip(results.per_class, answers, strict=True)]
    return section(
        "Class by class",
        table(head, rows, name="classes"),
        note="Precision: how often the answer is right when this class is named. "
        "Recall: how many of its clips are found.",
        name="classes",
    )


def _class_row(score: ClassScore, num_answers: int) -> str:
    f1 = number(score.f1) if score.support + num_answers else _NOTHING
    return (
        f'<tr><th scope="row">{text(score.name)}</th>'
        f"<td>{_share(score.precision, of=num_answers)}</td>"
        f"<td>{_share(score.recall, of=score.support)}</td>"
        f"<td>{f1}</td><td>{score.support}</td></tr>"
    )


def _share(share: float, *, of: int) -> str:
    return bar(share) + percent(share) if of else _NOTHING


def groups_section(results: Results) -> str:
    """Accuracy of the worst groups; nothing where groups are single clips or there is one."""
    telling = 1 < results.num_groups < results.num_clips / 2
    if not telling:
        return ""
    shown = results.per_group[:_MOST_GROUPS]
    rows = [_group_row(score) for score in shown]
    hidden = results.num_groups - len(shown)
    note = "A group is one recording, speaker, site or day. The worst stand first"
    return section(
        "Group by group",
        table(["Group", "Right", "Clips"], rows, name="groups"),
        note=f"{note}; {hidden} better ones are left out." if hidden else f"{note}.",
        name="groups",
    )


def _group_row(score: GroupScore) -> str:
    return (
        f'<tr><th scope="row">{text(score.name)}</th>'
        f"<td>{bar(score.accuracy)}{percent(score.accuracy)}</td><td>{score.num_clips}</td></tr>"
    )
