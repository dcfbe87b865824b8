"""``auricle show``."""

from typing import get_args

from auricle.cli.reading import say
from auricle.cli.sound_commands import Show
from auricle.errors import ConfigError, message
from auricle.explain import PictureConfig, write_picture
from auricle.explain.picture import PANELS, PanelName


def run(command: Show) -> int:
    """Draw, and say what a person should know of it."""
    if not command.paths:
        raise ConfigError(
            message("paths", expected="at least one", got="none", remedy="Name a sound file.")
        )
    config = PictureConfig(
        panels=None if command.panels is None else _panels(command.panels),
        start_s=command.start_s,
        end_s=command.end_s,
        channel=command.channel,
        pitch_hz=command.pitch_hz,
        columns=_columns(command),
    )
    for drawn in write_picture(command.paths, command.output, config=config):
        for note in drawn.notes:
            say(f"{drawn.track.title}: {note}")
    print(command.output)
    return 0


def _panels(text: str) -> tuple[PanelName, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    wrong = [word for word in words if word not in get_args(PanelName)]
    if wrong or not words:
        raise ConfigError(
            message(
                "panels",
                expected=f"some of {', '.join(PANELS)}",
                got=", ".join(wrong) or "none",
                remedy="For example: --panels waveform,mel.",
            )
        )
    return tuple(name for word in words for name in PANELS if name == word)


def _columns(command: Show) -> int:
    """A page can be zoomed into, so it has more to show."""
    if command.columns is not None:
        return command.columns
    return 3000 if command.output.suffix.lower() == ".html" else 1200
