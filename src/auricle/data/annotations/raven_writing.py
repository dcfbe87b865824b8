"""Raven's selection table of one recording."""

from pathlib import Path

from auricle.data.annotations.event import AnnotatedEvent, AnnotatedRecording
from auricle.data.annotations.text import decimal, one_line

_COLUMNS = (
    "Selection",
    "View",
    "Channel",
    "Begin Time (s)",
    "End Time (s)",
    "Low Freq (Hz)",
    "High Freq (Hz)",
    "Begin File",
    "Annotation",
)


def raven_text(recording: AnnotatedRecording, *, source: Path) -> str:
    """The selection table of one recording.

    An event without bounds is a selection in the waveform view, from 0 Hz to half the sample
    rate, since Raven wants both columns filled; `read_raven` gives such a one no bounds back.

    Args:
        recording: any; where it is missing, so is half its sample rate.
        source: what messages call the table.
    Raises:
        ManifestError: a label holds a tab or the end of a line.
    """
    scored = any(event.score is not None for event in recording.events)
    lines = [[*_COLUMNS, *(["Score"] if scored else [])]]
    for number, event in enumerate(recording.events, start=1):
        view, low_hz, high_hz = _bounds(event, recording.sample_rate)
        cells = [str(number), view, "1", decimal(event.onset_s), decimal(event.offset_s)]
        cells += [_optional(low_hz), _optional(high_hz), event.path.name]
        cells += [one_line(event.label, path=source, format="Raven")]
        lines.append([*cells, *([_optional(event.score)] if scored else [])])
    return "".join("\t".join(line) + "\n" for line in lines)


def _bounds(event: AnnotatedEvent, rate: int | None) -> tuple[str, float | None, float | None]:
    if event.low_hz is None and event.high_hz is None:
        return "Waveform 1", 0.0, None if rate is None else rate / 2
    return "Spectrogram 1", event.low_hz, event.high_hz


def _optional(value: float | None) -> str:
    return "" if value is None else decimal(value)
