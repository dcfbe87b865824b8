"""A track, measured from front to back in constant memory, and its panels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
from auricle.explain.picture.tracks import Track

_FRAMES_AT_ONCE = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A track and its panels.

    Attributes:
        track: what was measured.
        panels: from top to bottom, by name.
        clock: their columns.
        notes: what a person should know.
    """

    track: Track
    panels: dict[PanelName, Panel]
    clock: Clock
    notes: tuple[str, ...]


def survey(track: Track, config: PictureConfig) -> Drawn:
    """Read a track once and make its panels.

    Raises:
        AudioError: it cannot be read.
    """
    names = PANELS if config.panels is None else config.panels
    clock = make_clock(
        sample_rate=track.sample_rate, num_samples=track.num_samples, columns=config.columns
    )
    analyses = _analyses(names, clock)
    step = max(1, _FRAMES_AT_ONCE * clock.short_hop // clock.column_samples) * clock.column_samples
    context = max(analysis.context for analysis in analyses.values())
    for stretch in stretches(track.blocks(), step=step, context=context):
        for analysis in analyses.values():
            analysis.add(stretch, context=context)
    panels = {name: _panel(name, analyses, clock) for name in names}
    return Drawn(track=track, panels=panels, clock=clock, notes=tuple(_notes(clock)))


def _analyses(names: Sequence[PanelName], clock: Clock) -> dict[str, Analysis]:
    """What has to be measured for these panels."""
    found: dict[str, Analysis] = {"envelope": Envelope(clock)}
    if {"spectrogram", "mel", "mfcc"} & set(names):
        found["short"] = Spectrum(clock, n_fft=clock.short_fft, hop_length=clock.short_hop)
    if "chroma" in names:
        found["long"] = Spectrum(clock, n_fft=clock.long_fft, hop_length=clock.long_hop)
    return found


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
        case _:
            raise AssertionError(name)


def _notes(clock: Clock) -> Iterator[str]:
    frames = clock.column_samples // clock.short_hop
    if frames > 1:
        yield (
            f"Each of the {clock.columns} columns stands for {clock.column_s:.2g} s, that is "
            f"{frames} frames: spectra show the loudest of them, MFCC and chroma their mean."
        )
