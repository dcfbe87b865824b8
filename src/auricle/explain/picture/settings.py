"""What a picture shows."""

from dataclasses import dataclass
from typing import Literal, get_args

from auricle.errors import ConfigError, message
from auricle.io import Channel

PanelName = Literal["waveform", "spectrogram", "mel", "mfcc", "chroma", "scalogram", "pitch"]
PANELS: tuple[PanelName, ...] = get_args(PanelName)
Shown = Channel | Literal["each"]

MAX_TRACKS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureConfig:
    """Settings of a picture.

    Attributes:
        panels: from top to bottom; None: all that can be drawn here in good time.
        start_s: where to begin in each file, seconds, >= 0.
        end_s: where to end; None: at the end of each.
        channel: "mix": the mean of all channels; "each": all, one below the other; "mono": there
            must be one; a number: that one, from 0.
        pitch_hz: where pitch is looked for, Hz; 0 < lowest < highest.
        columns: most points of time across the picture, > 1; a longer recording has several frames
            in each.
    """

    panels: tuple[PanelName, ...] | None = None
    start_s: float = 0.0
    end_s: float | None = None
    channel: Shown = "mix"
    columns: int = 1200
    pitch_hz: tuple[float, float] = (65.0, 2100.0)

    def __post_init__(self) -> None:
        chosen = PANELS if self.panels is None else self.panels
        wrong = [name for name in chosen if name not in PANELS]
        if not chosen or wrong or len(set(chosen)) != len(chosen):
            raise ConfigError(
                message(
                    "panels",
                    expected=f"some of {', '.join(PANELS)}, each once",
                    got=", ".join(wrong or chosen) or "none",
                    remedy="For example: --panels waveform,mel.",
                )
            )
        if not 0 < self.pitch_hz[0] < self.pitch_hz[1]:
            raise ConfigError(
                message(
                    "pitch_hz",
                    expected="0 < lowest < highest",
                    got=f"{self.pitch_hz[0]:g} {self.pitch_hz[1]:g}",
                    remedy="For example 65 2100 for voices, 300 8000 for birds.",
                )
            )
        if self.columns < 2:
            raise ConfigError(
                message("columns", expected="> 1", got=self.columns, remedy="1200 fill a screen.")
            )
