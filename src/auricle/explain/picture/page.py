"""A picture as one self-contained page that plays the sound under a moving cursor."""

import base64
import hashlib
import io
import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import assert_never

import numpy as np
from jaxtyping import Float32

from auricle.explain.picture.figure import heading
from auricle.explain.picture.panels import Axis, BandPanel, DotsPanel, ImagePanel, Panel
from auricle.explain.picture.sound import page_sound
from auricle.explain.picture.survey import Drawn
from auricle.io import write_atomically

_STEPS = 65535  # of a place: 0 stands for none

Json = dict[str, object]


def write_page(tracks: Sequence[Drawn], path: Path) -> None:
    """Write the page: pictures, sound, style and script are inside.

    A policy in the page forbids the browser to load anything from elsewhere, and to run any
    script but its own.

    Raises:
        AudioError: a track cannot be read a second time.
        OutputError: the file cannot be written.
    """
    style, script = _resource("page.css"), _resource("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    policy = (
        "default-src 'none'; img-src data:; media-src data: blob:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'"
    )
    names = ", ".join(drawn.track.title for drawn in tracks)
    with write_atomically(path) as temporary:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(
                '<!doctype html><html lang="en"><head><meta charset="utf-8">'
                f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
                '<meta name="viewport" content="width=device-width, initial-scale=1">'
                '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
                f"<title>{_text(names)}</title><style>{style}</style></head><body><main>"
            )
            for drawn in tracks:
                _write_track(file, drawn)
            file.write(
                "<footer>Made by auricle. Nothing on this page comes from elsewhere.</footer>"
                f"</main><script>{script}</script></body></html>\n"
            )


def _write_track(file: io.TextIOWrapper, drawn: Drawn) -> None:
    title, facts = heading(drawn)
    sound = page_sound(drawn.track, peak=drawn.peak)
    notes = "".join(f"<p>{_text(note)}</p>" for note in (*drawn.notes, sound.words))
    file.write(
        f'<section class="track" aria-label="{_text(title)}">'
        f"<h1>{_text(title)} <small>{_text(facts)}</small></h1>"
        f'<div class="notes">{notes}</div><div class="controls"></div><div class="panels"></div>'
        f'<script type="application/json" class="picture">{_json(_content(drawn))}</script>'
    )
    if sound.kind:
        file.write(f'<script type="{sound.kind}" class="sound">{sound.content}</script>')
    file.write("</section>")


def _content(drawn: Drawn) -> Json:
    return {
        "title": drawn.track.title,
        "start": drawn.track.start_s,
        "end": drawn.track.start_s + drawn.track.duration_s,
        "columnsEnd": drawn.track.start_s + drawn.clock.columns * drawn.clock.column_s,
        "panels": [_panel(panel) for panel in drawn.panels.values()],
    }


def _panel(panel: Panel) -> Json:
    common: Json = {"title": panel.title, "axis": _axis(panel.axis)}
    match panel:
        case ImagePanel():
            low, high = panel.legend
            own: Json = {
                "kind": "image",
                "image": _png(panel),
                "ramp": _ramp(panel.colours),
                "smooth": panel.colours == "magma",
                "low": low,
                "high": high,
            }
        case BandPanel():
            own = {"kind": "band", "low": _places(panel.low), "high": _places(panel.high)}
        case DotsPanel():
            own = {"kind": "dots", "places": _places(panel.places)}
        case _:
            assert_never(panel)
    return common | own


def _axis(axis: Axis) -> Json:
    return {
        "label": axis.label,
        "ticks": [[round(place, 5), words] for place, words in axis.ticks],
        "values": [float(f"{value:.6g}") for value in axis.values],
        "unit": axis.unit,
        "notes": list(axis.bands),
    }


def _png(panel: ImagePanel) -> str:
    from PIL import Image

    levels = np.round(panel.levels[::-1] * 255).astype(np.uint8)
    picture = Image.fromarray(np.ascontiguousarray(levels))
    picture.putpalette(_colours(panel.colours).tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def _colours(name: str) -> np.ndarray:
    import matplotlib

    table: np.ndarray = matplotlib.colormaps[name](np.arange(256), bytes=True)[:, :3]
    return np.ascontiguousarray(table)


def _ramp(name: str) -> list[str]:
    return ["#" + bytes(row).hex() for row in _colours(name)[::51]]


def _places(places: Float32[np.ndarray, " columns"]) -> str:
    """Places from 0 to 1 as 1 to 65535, and none as 0, 16 bits each, in base64."""
    steps = np.round(1 + np.clip(np.nan_to_num(places), 0, 1) * (_STEPS - 1))
    packed = np.where(np.isfinite(places), steps, 0).astype("<u2")
    return base64.b64encode(packed.tobytes()).decode("ascii")


def _json(content: Json) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(content, ensure_ascii=True).replace("<", "\\u003c")


def _text(words: str) -> str:
    return escape(words.encode("utf-8", "replace").decode("utf-8"), quote=True)


def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
