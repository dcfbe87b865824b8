"""A track, measured from front to back in constant memory, and its panels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from auricle._optional import require
from auricle.explain.picture.analysis import Analysis, Envelope, Spectrum
from auricle.explain.picture.clock import Clock, make_clock, stretches
from auricle.explain.picture.make_panels import (
    chroma_panel,
    mel_panel,
    mfcc_panel,
    spectrogram_panel,
    waveform_panel,
)
from auricle.explain.picture.panels import Panel
from auricle.explain.picture.settings import PANELS, PanelName, PictureConfig
from auricle.explain.picture.slow_analysis import PitchTrack, Scalogram
from auricle.explain.picture.slow_panels import pitch_panel, scalogram_panel
from auricle.explain.picture.tracks import Track

_FRAMES_AT_ONCE = 512
_POOLED: dict[PanelName, str] = {
    "spectrogram": "spectrogram shows the loudest",
    "mel": "mel the loudest",
    "mfcc": "MFCC that of their mean",
    "chroma": "chroma that of their mean",
    "scalogram": "scalogram the loudest",
    "pitch": "pitch the median",
}
_LONGEST_S: dict[PanelName, float] = {"scalogram": 60.0, "pitch": 1200.0}  # unless asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A track and its panels.

    Attributes:
        track: what was measured.
        panels: from top to bottom, by name.
        clock: their columns.
        peak: greatest absolute sample.
        notes: what a person should know.
    """

    track: Track
    panels: dict[PanelName, Panel]
    clock: Clock
    peak: float
    notes: tuple[str, ...]


def survey(track: Track, config: PictureConfig) -> Drawn:
    """Read a track once and make its panels.

    Raises:
        AudioError: it cannot be read.
    """
    names, notes = choose_panels(config, track)
    clock = make_clock(
        sample_rate=track.sample_rate, num_samples=track.num_samples, columns=config.columns
    )
    envelope = Envelope(clock)
    analyses = {"envelope": envelope, **_analyses(names, clock, config)}
    step = max(1, _FRAMES_AT_ONCE * clock.short_hop // clock.column_samples) * clock.column_samples
    context = max(analysis.context for analysis in analyses.values())
    for stretch in stretches(track.blocks(), step=step, context=context):
        for analysis in analyses.values():
            analysis.add(stretch, context=context)
    panels = {name: _panel(name, analyses, clock) for name in names}
    notes = (*_pooling(clock, names), *notes)
    peak = float(np.abs(envelope.columns()).max())
    return Drawn(track=track, panels=panels, clock=clock, peak=peak, notes=notes)


def choose_panels(
    config: PictureConfig, track: Track
) -> tuple[tuple[PanelName, ...], tuple[str, ...]]:
    """Those that were asked for; or all that can be drawn, and why others are not.

    Raises:
        MissingExtraError: the scalogram was asked for, and PyWavelets is not installed.
    """
    wavelets = find_spec("pywt") is not None
    if config.panels is not None:
        if "scalogram" in config.panels:
            require("pywt", extra="wavelets", feature="The scalogram")
        return config.panels, ()
    left_out, notes = set[PanelName](), []
    if not wavelets:
        left_out.add("scalogram")
        notes.append(
            "The scalogram is left out: it needs PyWavelets (pip install 'auricle[wavelets]')."
        )
    for name, limit_s in _LONGEST_S.items():
        if track.duration_s > limit_s and name not in left_out:
            left_out.add(name)
            notes.append(
                f"No {name}, which takes long for more than {limit_s:g} s: ask by --panels, "
                "or for a part by --start-s and --end-s."
            )
    return tuple(name for name in PANELS if name not in left_out), tuple(notes)


def _analyses(
    names: Sequence[PanelName], clock: Clock, config: PictureConfig
) -> dict[str, Analysis]:
    """What has to be measured for these panels, beside the envelope."""
    found: dict[str, Analysis] = {}
    if {"spectrogram", "mel", "mfcc"} & set(names):
        found["short"] = Spectrum(clock, n_fft=clock.short_fft, hop_length=clock.short_hop)
    if "chroma" in names:
        found["long"] = Spectrum(clock, n_fft=clock.long_fft, hop_length=clock.long_hop)
    if "scalogram" in names:
        found["scalogram"] = Scalogram(clock)
    if "pitch" in names:
        found["pitch"] = PitchTrack(clock, range_hz=_pitch_range(config, clock))
    return found


def _pitch_range(config: PictureConfig, clock: Clock) -> tuple[float, float]:
    """As asked for, as far as this rate has it."""
    low, high = config.pitch_hz
    return min(low, clock.sample_rate / 8), min(high, clock.sample_rate / 4)


def _panel(name: PanelName, analyses: dict[str, Analysis], clock: Clock) -> Panel:
    match name, analyses:
        case "waveform", {"envelope": Envelope() as envelope}:
            return waveform_panel(envelope.columns())
        case "spectrogram", {"short": Spectrum() as spectrum}:
            return spectrogram_panel(spectrum.loudest(), clock)
        case "mel", {"short": Spectrum() as spectrum}:
            return mel_panel(spectrum.loudest(), clock)
        case "mfcc", {"short": Spectrum() as spectrum}:
            return mfcc_panel(spectrum.mean(), clock)
        case "chroma", {"long": Spectrum() as spectrum}:
            return chroma_panel(spectrum.mean(), clock)
        case "scalogram", {"scalogram": Scalogram() as scalogram}:
            return scalogram_panel(scalogram.columns(), scalogram.frequencies_hz)
        case "pitch", {"pitch": PitchTrack() as pitch}:
            return pitch_panel(pitch.columns(), range_hz=pitch.range_hz)
        case _:
            raise AssertionError(name)


def _pooling(clock: Clock, names: Sequence[PanelName]) -> Iterator[str]:
    frames = clock.column_samples // clock.short_hop
    if frames > 1:
        ways = [words for name, words in _POOLED.items() if name in names]
        yield (
            f"Each of {clock.columns} columns stands for {clock.column_s:.2g} s, {frames} frames"
            f"{': ' if ways else ''}{', '.join(ways)}."
        )
