"""Small pieces of HTML; whatever comes from outside is escaped here."""

from collections.abc import Sequence
from html import escape


def text(value: object) -> str:
    """Words from outside, made harmless between tags and inside quoted attributes."""
    return escape(str(value), quote=True)


def number(value: float, *, digits: int = 3) -> str:
    """A figure with so many decimals."""
    return f"{value:.{digits}f}"


def section(title: str, body: str, *, note: str = "", name: str) -> str:
    """A headed part of the page; note and body are markup, title is not."""
    lead = f'<p class="note">{note}</p>' if note else ""
    return f'<section id="{name}"><h2>{text(title)}</h2>{lead}{body}</section>'


def figure(body: str, *, caption: str) -> str:
    """A drawing with its caption; both are markup."""
    return f"<figure>{body}<figcaption>{caption}</figcaption></figure>"


def bar(share: float, *, kind: str = "") -> str:
    """A horizontal bar of that share of its cell, in [0, 1]."""
    return f'<span class="bar {kind}"><i style="width:{100 * share:.1f}%"></i></span>'


def table(head: Sequence[str], rows: Sequence[str], *, name: str) -> str:
    """A table of ready-made rows that scrolls sideways in itself where it is too wide."""
    cells = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    return (
        f'<div class="scroll"><table class="{name}"><thead><tr>{cells}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
