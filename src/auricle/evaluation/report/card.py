"""The model's card."""

from collections.abc import Mapping

from auricle.evaluation.report.markup import section, text
from auricle.evaluation.results import Json

_TOLD_ABOVE = frozenset({"results", "baselines", "history"})


def card_section(card: Mapping[str, Json]) -> str:
    """Everything the model file says about itself, save what the page says above."""
    entries = {key: value for key, value in card.items() if key not in _TOLD_ABOVE}
    return section("Model card", _entries(entries), name="card") if entries else ""


def _entries(entries: Mapping[str, Json]) -> str:
    items = "".join(
        f"<div><dt>{text(key.replace('_', ' '))}</dt><dd>{_value(value)}</dd></div>"
        for key, value in entries.items()
    )
    return f'<dl class="card-list">{items}</dl>'


def _value(value: Json) -> str:
    if isinstance(value, dict):
        return _entries(value)
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return "".join(f"<div>{_value(item)}</div>" for item in value)
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value) or "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else text(value)
