"""How training went."""

import math
from collections.abc import Mapping, Sequence

from auricle.evaluation.report.markup import figure, section
from auricle.evaluation.report.plot import Axes, Number, Points, drawing, round_ticks, whole_ticks
from auricle.evaluation.results import Json
from auricle.evaluation.verdict import percent

_WIDTH, _HEIGHT = 360, 240
_DOTS_UP_TO = 25  # epochs


def learning_section(history: Sequence[Mapping[str, Json]], *, kept: Json = None) -> str:
    """Loss and held-out accuracy over the epochs; nothing where no history was kept.

    Args:
        history: as in `Report`.
        kept: the epoch whose weights the model has; the best accuracy is marked where it is None.
    """
    train = series(history, "train_loss")
    validation = series(history, "validation_loss")
    accuracy = [(epoch, 100 * share) for epoch, share in series(history, "validation_accuracy")]
    parts = []
    if train or validation:
        parts.append(_losses(train, validation, kept))
    if accuracy:
        parts.append(_accuracies(accuracy, kept))
    if not parts:
        return ""
    body = f'<div class="figures">{"".join(parts)}</div>'
    return section(
        "How it learnt",
        body,
        note="Validation clips are held out too, but steer the training: the accuracy above is "
        "measured on other clips.",
        name="learning",
    )


def series(history: Sequence[Mapping[str, Json]], key: str) -> list[tuple[float, float]]:
    """(epoch, value) wherever both are finite numbers; epochs count from 1 where not given."""
    points = []
    for index, entry in enumerate(history, start=1):
        epoch, value = entry.get("epoch", index), entry.get(key)
        plain = isinstance(epoch, int | float) and isinstance(value, int | float)
        if plain and math.isfinite(float(str(value))):
            points.append((float(str(epoch)), float(str(value))))
    return points


def _axes(points: Points, *, y_range: tuple[Number, Number]) -> Axes:
    epochs = [epoch for epoch, _ in points]
    return Axes(
        left=40,
        top=30,
        width=_WIDTH - 56,
        height=_HEIGHT - 72,
        x_range=(min(epochs), max(max(epochs), min(epochs) + 1)),
        y_range=y_range,
    )


def _frame(axes: Axes, *, label: str) -> str:
    low, high = (round(end) for end in axes.x_range)
    return axes.y_axis(round_ticks(*axes.y_range), label=label) + axes.x_axis(
        whole_ticks(low, high), label="epoch"
    )


def _trace(axes: Axes, points: Points, *, kind: str) -> str:
    dots = "".join(axes.dot(point, kind=kind, radius=2.2) for point in points)
    return axes.line(points, kind=kind) + (dots if len(points) <= _DOTS_UP_TO else "")


def _losses(train: Points, validation: Points, kept: Json) -> str:
    both = [*train, *validation]
    axes = _axes(both, y_range=(0.0, 1.05 * max(loss for _, loss in both) or 1.0))
    body = (
        _frame(axes, label="loss (nats)")
        + _trace(axes, train, kind="second")
        + _trace(axes, validation, kind="first")
        + "".join(axes.dot(one, kind="best", radius=5.0) for one in validation if one[0] == kept)
    )
    plot = drawing(body, width=_WIDTH, height=_HEIGHT, label="Loss over the epochs")
    names = '<span class="key second">training</span> <span class="key first">validation</span>'
    return figure(plot, caption=f"Loss, lower is better: {names}")


def _accuracies(points: Points, kept: Json) -> str:
    lowest = min(share for _, share in points)
    floor = 0.0 if lowest < 50 else 50.0 if lowest < 80 else 80.0
    axes = _axes(points, y_range=(floor, 100.0))
    mine = next((point for point in points if point[0] == kept), None)
    best = mine or max(points, key=lambda point: point[1])
    body = (
        _frame(axes, label="right (%)")
        + _trace(axes, points, kind="first")
        + axes.dot(best, kind="best", radius=5.0)
    )
    plot = drawing(body, width=_WIDTH, height=_HEIGHT, label="Validation accuracy over the epochs")
    found = f"{percent(best[1] / 100)} at epoch {best[0]:g}"
    what = f"{found}, whose weights were kept" if mine else f"best {found}"
    caption = f"Validation accuracy; {what}"
    return figure(plot, caption=caption)
