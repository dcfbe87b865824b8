"""A picture as PNG or SVG, through matplotlib."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import numpy as np

from auricle.explain.picture.panels import BandPanel, DotsPanel, ImagePanel, Panel
from auricle.explain.picture.survey import Drawn
from auricle.io import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH_IN = 11.0
_HEIGHT_IN = {BandPanel: 0.9, ImagePanel: 1.45, DotsPanel: 1.45}
_TITLE_IN, _FOOT_IN, _GAP_IN = 0.36, 0.6, 0.3
_LEFT_IN, _RIGHT_IN, _BAR_IN = 0.75, 1.05, 0.12
_DPI = 120
_INK, _QUIET, _LINE = "#1e2529", "#5a656c", "#1b5e9b"
_STYLE = {
    "font.size": 8.0,
    "axes.edgecolor": _QUIET,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "auricle",
}


def write_figure(tracks: Sequence[Drawn], path: Path) -> None:
    """Draw all tracks, one below the other, on one time axis.

    Raises:
        OutputError: the file cannot be written.
    """
    import matplotlib

    with matplotlib.rc_context(_STYLE):  # type: ignore[arg-type]
        figure = _draw(tracks)
        kind = path.suffix.lower().removeprefix(".")
        with write_atomically(path) as temporary:
            metadata = {"Date": None} if kind == "svg" else {}
            figure.savefig(temporary, format=kind, dpi=_DPI, metadata=metadata)


def _draw(tracks: Sequence[Drawn]) -> "Figure":
    from matplotlib.figure import Figure

    height = sum(map(_track_height, tracks))
    figure = Figure(figsize=(_WIDTH_IN, height), facecolor="white")
    span = _span(tracks)
    top = height
    for drawn in tracks:
        _draw_track(figure, drawn, top=top, height=height, span=span)
        top -= _track_height(drawn)
    return figure


def _track_height(drawn: Drawn) -> float:
    panels = sum(_HEIGHT_IN[type(panel)] + _GAP_IN for panel in drawn.panels.values())
    return _TITLE_IN + 0.16 * len(drawn.notes) + panels + _FOOT_IN


def _span(tracks: Sequence[Drawn]) -> tuple[float, float]:
    ends = [drawn.track.start_s + drawn.track.duration_s for drawn in tracks]
    return min(drawn.track.start_s for drawn in tracks), max(ends)


def _draw_track(
    figure: "Figure", drawn: Drawn, *, top: float, height: float, span: tuple[float, float]
) -> None:
    at = top - _TITLE_IN - 0.16 * len(drawn.notes)
    title, facts = heading(drawn)
    x = _LEFT_IN / _WIDTH_IN
    figure.text(x, (top - 0.3) / height, title, fontsize=11, color=_INK, weight="bold", va="center")
    figure.text(
        1 - _RIGHT_IN / _WIDTH_IN,
        (top - 0.3) / height,
        facts,
        color=_QUIET,
        ha="right",
        va="center",
    )
    for index, note in enumerate(drawn.notes):
        figure.text(x, (top - 0.5 - 0.16 * index) / height, note, color=_QUIET, va="center")
    last = len(drawn.panels) - 1
    for index, panel in enumerate(drawn.panels.values()):
        tall = _HEIGHT_IN[type(panel)]
        at -= _GAP_IN
        wide = (_WIDTH_IN - _LEFT_IN - _RIGHT_IN) / _WIDTH_IN
        axes = figure.add_axes((x, (at - tall) / height, wide, tall / height))
        at -= tall
        _draw_panel(axes, panel, drawn, span=span)
        axes.set_xlim(*span)
        axes.tick_params(length=3, labelbottom=index == last)
        if index == last:
            axes.set_xlabel("time, s")


def heading(drawn: Drawn) -> tuple[str, str]:
    """A track's name, and what it is."""
    track = drawn.track
    part = "" if not track.start_s and track.end_s is None else f" from {track.start_s:g} s on"
    return track.title, f"{track.duration_s:.6g} s{part}, {track.sample_rate} Hz"


def _draw_panel(axes: "Axes", panel: Panel, drawn: Drawn, *, span: tuple[float, float]) -> None:
    axes.set_title(panel.title, loc="left", fontsize=8, color=_INK, pad=3)
    start = drawn.track.start_s
    columns = drawn.clock.columns
    end = start + columns * drawn.clock.column_s
    middles = start + (np.arange(columns) + 0.5) * drawn.clock.column_s
    match panel:
        case ImagePanel():
            axes.imshow(
                panel.levels,
                cmap=panel.colours,
                vmin=0,
                vmax=1,
                origin="lower",
                aspect="auto",
                extent=(start, end, 0, 1),
                interpolation="nearest" if panel.colours != "magma" else "antialiased",
            )
            _draw_bar(axes, panel)
        case BandPanel():
            axes.axhline(0.5, color="#dedad0", linewidth=0.8, zorder=0)
            axes.fill_between(middles, panel.low, panel.high, color=_LINE, linewidth=0.5, step=None)
        case DotsPanel():
            axes.plot(middles, panel.places, ".", color=_LINE, markersize=2.5)
            axes.grid(axis="y", color="#dedad0", linewidth=0.6)
        case _:
            assert_never(panel)
    axes.set_ylim(0, 1)
    places = [place for place, _ in panel.axis.ticks]
    axes.set_yticks(places, [words for _, words in panel.axis.ticks])
    axes.set_ylabel(panel.axis.label)


def _draw_bar(axes: "Axes", panel: ImagePanel) -> None:
    """What the colours mean, at the right."""
    box = axes.get_position()
    left = box.x1 + 0.12 / _WIDTH_IN
    figure = axes.figure
    bar = figure.add_axes((left, box.y0, _BAR_IN / _WIDTH_IN, box.height))
    bar.imshow(
        np.linspace(0, 1, 256)[:, None],
        cmap=panel.colours,
        origin="lower",
        aspect="auto",
        extent=(0, 1, 0, 1),
    )
    bar.set_xticks([])
    bar.yaxis.tick_right()
    low, high = panel.legend
    bar.set_yticks([0, 1], [low, high.replace(" ", "\n")])
    bar.tick_params(length=2, labelsize=7)
