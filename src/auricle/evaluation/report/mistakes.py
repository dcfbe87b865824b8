"""The worst mistakes, to be looked at and listened to."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from auricle.evaluation.report.content import Mistake
from auricle.evaluation.report.markup import section, text
from auricle.evaluation.report.plot import Axes, drawing, round_ticks
from auricle.evaluation.report.sound import LONGEST_S, first_seconds, spectrogram_uri, wav_uri

_WIDTH = 360
_LEFT, _PICTURE_WIDTH = 40, 312
_PICTURE_TOP, _PICTURE_HEIGHT = 24, 140
_TRACE_HEIGHT = 56


def mistakes_section(mistakes: Sequence[Mistake], classes: Sequence[str]) -> str:
    """A card per mistake, in the given order; nothing where there is none."""
    if not mistakes:
        return ""
    cards = "".join(_card(mistake, classes) for mistake in mistakes)
    over_time = (
        "Below each picture: how sure it was, over time, of the true class (blue) and of its "
        "answer (orange). "
    ) * any(mistake.frame_probs is not None for mistake in mistakes)
    return section(
        "Worst mistakes",
        f'<div class="cards">{cards}</div>',
        note="The errors it was surest of. Listen before you blame the network: some are often "
        f"labels to mend. {over_time}Sounds are raised to one loudness, by the dB given.",
        name="mistakes",
    )


def _card(mistake: Mistake, classes: Sequence[str]) -> str:
    shown = first_seconds(mistake.waveform, mistake.sample_rate)
    uri, gain_db = wav_uri(shown, mistake.sample_rate)
    cut = len(mistake.waveform) > len(shown)
    notes = [f"first {LONGEST_S:g} s"] if cut else []
    notes += [f"{gain_db:+.0f} dB"] if abs(gain_db) >= 1 else []
    label = f"Play {mistake.name}"
    return (
        '<article class="card"><h3>'
        f'<span class="truth">{text(mistake.truth)}</span> called '
        f'<span class="answer">{text(mistake.answer)}</span></h3>'
        f'<p class="file">{text(mistake.name)} <b>score {mistake.score:.2f}</b></p>'
        f"{_picture(mistake, classes, num_shown=len(shown))}"
        f'<audio controls preload="metadata" src="{uri}" aria-label="{text(label)}"></audio>'
        f'<p class="small">{", ".join(notes)}</p></article>'
    )


def _picture(mistake: Mistake, classes: Sequence[str], *, num_shown: int) -> str:
    shown = first_seconds(mistake.waveform, mistake.sample_rate)
    duration_s = num_shown / mistake.sample_rate
    top_hz = mistake.sample_rate / 2
    scale, unit = (1000.0, "kHz") if top_hz >= 2000 else (1.0, "Hz")
    axes = Axes(
        left=_LEFT,
        top=_PICTURE_TOP,
        width=_PICTURE_WIDTH,
        height=_PICTURE_HEIGHT,
        x_range=(0, duration_s),
        y_range=(0, top_hz / scale),
    )
    body = (
        f'<image href="{spectrogram_uri(shown, mistake.sample_rate)}" x="{axes.left}" '
        f'y="{axes.top}" width="{axes.width}" height="{axes.height}" preserveAspectRatio="none"/>'
        + axes.y_axis(round_ticks(0, top_hz / scale, most=5), label=unit, grid=False)
    )
    trace, height = _trace(mistake, classes, duration_s=duration_s)
    last = axes if trace == "" else _trace_axes(duration_s)
    body += trace + last.x_axis(round_ticks(0, duration_s), label="s")
    label = f"Spectrogram of {mistake.name}, {duration_s:.2f} seconds, 0 to {top_hz:g} Hz"
    return drawing(body, width=_WIDTH, height=height, label=label)


def _trace_axes(duration_s: float) -> Axes:
    return Axes(
        left=_LEFT,
        top=_PICTURE_TOP + _PICTURE_HEIGHT + 18,
        width=_PICTURE_WIDTH,
        height=_TRACE_HEIGHT,
        x_range=(0, duration_s),
        y_range=(0, 1),
    )


def _trace(mistake: Mistake, classes: Sequence[str], *, duration_s: float) -> tuple[str, int]:
    """Posterior of truth and answer below the picture, and the height of the whole drawing."""
    bare = _PICTURE_TOP + _PICTURE_HEIGHT + 36
    probs = mistake.frame_probs
    if probs is None or len(probs) == 0:
        return "", bare
    axes = _trace_axes(duration_s)
    total_s = max(len(mistake.waveform), 1) / mistake.sample_rate
    lines = "".join(
        axes.line(_points(probs[:, classes.index(name)], total_s, duration_s), kind=kind)
        for name, kind in ((mistake.truth, "first"), (mistake.answer, "second"))
        if name in classes
    )
    ticks = "".join(
        f'<path class="grid" d="M{axes.left} {axes.y(level):.1f}h{axes.width}"/>'
        f'<text x="{axes.left - 6}" y="{axes.y(level) + 4:.1f}" text-anchor="end">{level}</text>'
        for level in (0, 1)
    )
    return ticks + lines, bare + 18 + _TRACE_HEIGHT


def _points(
    probs: Float[np.ndarray, " frames"], total_s: float, duration_s: float
) -> list[tuple[float, float]]:
    times = (np.arange(len(probs)) + 1) * total_s / len(probs)
    inside = times <= duration_s + 1e-9
    return list(zip(times[inside].tolist(), probs[inside].astype(float).tolist(), strict=True))
