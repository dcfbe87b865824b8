"""The worst moments of a detector, to be looked at and listened to."""

from collections.abc import Sequence

from auricle.evaluation.report.detection_content import SoundMoment
from auricle.evaluation.report.markup import section, text
from auricle.evaluation.report.plot import Axes, drawing, round_ticks
from auricle.evaluation.report.sound import first_seconds, spectrogram_uri, wav_uri
from auricle.evaluation.report.timelines import event_rows
from auricle.evaluation.worst_moments import found_spans, true_spans

_WIDTH, _LEFT, _PICTURE_WIDTH = 360, 40, 312
_TOP, _HEIGHT = 24, 140
_ROWS = 40


def moments_section(moments: Sequence[SoundMoment], classes: Sequence[str]) -> str:
    """A card for each moment, in the given order; nothing where there is none."""
    if not moments:
        return ""
    cards = "".join(_card(one, classes) for one in moments)
    return section(
        "Worst moments",
        f'<div class="cards">{cards}</div>',
        note="Where most of the time is wrong. Listen before you blame the network: some are often "
        "annotations to mend. Below each picture: what the annotation says, then what was heard. "
        "Sounds are raised to one loudness, by the dB given.",
        name="moments",
    )


def _card(one: SoundMoment, classes: Sequence[str]) -> str:
    moment = one.moment
    shown = first_seconds(one.waveform, one.sample_rate)
    uri, gain_db = wav_uri(shown, one.sample_rate)
    name = moment.score.recording.path.name
    place = f"{name}, {moment.start_s:.2f} to {moment.end_s:.2f} s"
    return (
        f'<article class="card"><h3>{_what(moment.missed, moment.false)}</h3>'
        f'<p class="file">{text(place)} <b>{moment.wrong_s:.2f} s wrong</b></p>'
        f"{_picture(one, classes, num_shown=len(shown))}"
        f'<audio controls preload="metadata" src="{uri}" aria-label="{text(f"Play {place}")}">'
        f'</audio><p class="small">{f"{gain_db:+.0f} dB" if abs(gain_db) >= 1 else ""}</p>'
        "</article>"
    )


def _what(missed: tuple[str, ...], false: tuple[str, ...]) -> str:
    parts = [
        f'{verb} <span class="{kind}">{text(", ".join(names[:3]))}</span>'
        for names, verb, kind in (
            (missed, "missed", "truth"),
            (false, "heard", "answer"),
        )
        if names
    ]
    return ", ".join(parts) or "edges a little off"


def _picture(one: SoundMoment, classes: Sequence[str], *, num_shown: int) -> str:
    moment, rate = one.moment, one.sample_rate
    shown = first_seconds(one.waveform, rate)
    end_s = moment.start_s + num_shown / rate
    scale, unit = (1000.0, "kHz") if rate >= 4000 else (1.0, "Hz")
    top = rate / 2 / scale
    axes = Axes(
        left=_LEFT,
        top=_TOP,
        width=_PICTURE_WIDTH,
        height=_HEIGHT,
        x_range=(moment.start_s, end_s),
        y_range=(0, top),
    )
    below = Axes(
        left=_LEFT,
        top=_TOP + _HEIGHT + 6,
        width=_PICTURE_WIDTH,
        height=_ROWS,
        x_range=axes.x_range,
        y_range=(0, 1),
    )
    body = (
        f'<image href="{spectrogram_uri(shown, rate)}" x="{axes.left}" y="{axes.top}" '
        f'width="{axes.width}" height="{axes.height}" preserveAspectRatio="none"/>'
        + axes.y_axis(round_ticks(0, top, most=5), label=unit, grid=False)
        + event_rows(below, (true_spans(moment.score), found_spans(moment.score)), classes)
        + below.x_axis(round_ticks(moment.start_s, end_s), label="s")
    )
    label = (
        f"Spectrogram of {moment.score.recording.path.name}, {moment.start_s:.2f} to "
        f"{end_s:.2f} seconds, with true and detected events"
    )
    return drawing(body, width=_WIDTH, height=_TOP + _HEIGHT + _ROWS + 40, label=label)
