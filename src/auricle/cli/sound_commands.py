"""What the commands take that need recordings alone. Nothing heavy is imported until they run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Write features of recordings as a table: a row a file, or a row a frame.

    Attributes:
        paths: recordings, and folders of them.
        output: the table to write, .csv or .parquet (pip install 'auricle[parquet]').
        features: names, with commas between them, such as mfcc,delta_mfcc,chroma,flatness;
            docs/features.md lists them.
        rate: sample rate to compute at, Hz; the most common of the recordings if not given, at
            most 48000 unless asked for. Others are resampled.
        hop_ms: step between frames, milliseconds.
        per: a row a file, of statistics over its frames, or a row a frame.
        statistics: with commas between them: mean, deviation, min, max, slope (per second), and
            percentiles such as p10.
        channel: mono expects one channel, mix averages them, N takes one.
        jobs: most processes; as many as there are processors if not given.
    """

    paths: tyro.conf.Positional[tuple[Path, ...]]
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("features.csv")
    features: str = "mfcc"
    rate: int | None = None
    hop_ms: float = 10.0
    per: Literal["file", "frame"] = "file"
    statistics: str = "mean,deviation,p10,p50,p90"
    channel: Literal["mono", "mix"] | int = "mono"
    jobs: int | None = None

    @property
    def after_interrupt(self) -> str:
        """What a person can do after Ctrl-C."""
        return "Run the same command again: it goes on where it stopped."


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Draw recordings: waveform, spectra, MFCC, chroma, wavelets and pitch on one time axis.

    Attributes:
        paths: sound files; several are drawn one below the other.
        output: the picture: .png, .svg, or .html, a page on its own that plays the sound under a
            moving cursor.
        panels: with commas between them, from top to bottom, out of waveform, spectrogram, mel,
            mfcc, chroma, scalogram and pitch; all that can be drawn in good time if not given.
        start_s: where to begin in each file, seconds.
        end_s: where to end, seconds; at the end of each file if not given.
        channel: mix draws the mean of all channels, each draws every one, mono expects one, N
            takes one.
        pitch_hz: lowest and highest pitch looked for, Hz; 300 8000 suits many birds.
        columns: points of time across the picture; 1200, or 3000 on a page, if not given.
    """

    paths: tyro.conf.Positional[tuple[Path, ...]]
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("picture.png")
    panels: str | None = None
    start_s: float = 0.0
    end_s: float | None = None
    channel: Literal["mix", "each", "mono"] | int = "mix"
    pitch_hz: tuple[float, float] = (65.0, 2100.0)
    columns: int | None = None
