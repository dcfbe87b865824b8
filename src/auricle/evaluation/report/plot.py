"""Axes of a small drawing, as inline SVG: sharp at any size, coloured by the page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from auricle.evaluation.report.markup import text

Number = float | int  # the test's type checker does not take one for the other
Points = Sequence[tuple[Number, Number]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """A rectangle in the drawing and the ranges that it shows."""

    left: Number
    top: Number
    width: Number
    height: Number
    x_range: tuple[Number, Number]
    y_range: tuple[Number, Number]

    def x(self, value: Number) -> float:
        """Place of a value along the drawing."""
        low, high = self.x_range
        return self.left + self.width * (value - low) / ((high - low) or 1.0)

    def y(self, value: Number) -> float:
        """Place of a value down the drawing."""
        low, high = self.y_range
        return self.top + self.height * (1 - (value - low) / ((high - low) or 1.0))

    def x_axis(self, ticks: Sequence[Number], *, label: str) -> str:
        """Numbers below, and what they count."""
        base = self.top + self.height
        marks = "".join(
            f'<path class="tick" d="M{self.x(tick):.1f} {base:.1f}v4"/>'
            f'<text x="{self.x(tick):.1f}" y="{base + 15:.1f}" text-anchor="middle">{tick:g}</text>'
            for tick in ticks
        )
        line = f'<path class="axis" d="M{self.left:.1f} {base:.1f}h{self.width:.1f}"/>'
        middle = self.left + self.width / 2
        name = (
            f'<text class="name" x="{middle:.1f}" y="{base + 30:.1f}" text-anchor="middle">'
            f"{text(label)}</text>"
        )
        return line + marks + name

    def y_axis(self, ticks: Sequence[Number], *, label: str, grid: bool = True) -> str:
        """Numbers at the left with their lines, and what they count above them."""
        marks = "".join(
            (f'<path class="grid" d="M{self.left:.1f} {self.y(tick):.1f}h{self.width:.1f}"/>')
            * grid
            + f'<text x="{self.left - 6:.1f}" y="{self.y(tick) + 4:.1f}" text-anchor="end">'
            f"{tick:g}</text>"
            for tick in ticks
        )
        name = f'<text class="name" x="2" y="{self.top - 8:.1f}">{text(label)}</text>'
        return marks + name

    def line(self, points: Points, *, kind: str) -> str:
        """The points joined."""
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        return f'<polyline class="line {kind}" points="{path}"/>'

    def dot(self, point: tuple[Number, Number], *, kind: str, radius: float = 3.0) -> str:
        """One point."""
        x, y = self.x(point[0]), self.y(point[1])
        return f'<circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'


def drawing(body: str, *, width: int, height: int, label: str) -> str:
    """The whole drawing; label is what a screen reader says."""
    return (
        f'<svg class="plot" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{text(label)}">{body}</svg>'
    )


def round_ticks(low: Number, high: Number, *, most: int = 6) -> list[float]:
    """At most so many round numbers from low to high; most is 3 or more.

    >>> round_ticks(0.0, 0.47)
    [0.0, 0.1, 0.2, 0.3, 0.4]
    """
    span = high - low
    if not span > 0:
        return [low]
    power = 10.0 ** math.floor(math.log10(span / most))
    steps = (power * lead for lead in (1, 2, 5, 10, 20, 50))
    step = next(step for step in steps if span / step <= most - 1 + 1e-9)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def whole_ticks(low: int, high: int, *, most: int = 6) -> list[float]:
    """The same for things that are counted."""
    return [tick for tick in round_ticks(low, high, most=most) if tick == round(tick)] or [low]
