"""Pictures of recordings, in the form that the output's name asks for."""

from collections.abc import Sequence
from pathlib import Path

from auricle.errors import ConfigError, message
from auricle.explain.picture.settings import PictureConfig
from auricle.explain.picture.survey import Drawn, survey
from auricle.explain.picture.tracks import open_tracks
from auricle.io import check_writable

_FORMS = (".png", ".svg", ".html")


def write_picture(
    paths: Sequence[Path | str], output: Path | str, *, config: PictureConfig | None = None
) -> tuple[Drawn, ...]:
    """Draw recordings on one time axis, one below the other.

    Args:
        paths: sound files.
        output: a name that ends in .png, .svg or .html; the page is self-contained, and plays.
        config: what to draw.
    Returns:
        What was drawn, with notes for the person.
    Raises:
        AudioError: a file cannot be read, or has no such channel or times.
        ConfigError: another ending, or too many tracks.
        OutputError: the file cannot be written.
    """
    output = Path(output)
    form = output.suffix.lower()
    if form not in _FORMS:
        raise ConfigError(
            message(
                "output",
                expected=f"a name that ends in {', '.join(_FORMS)}",
                got=output,
                remedy="For example: -o picture.png.",
            )
        )
    check_writable(output)
    settings = config or PictureConfig()
    drawn = tuple(
        survey(track, settings) for track in open_tracks([Path(path) for path in paths], settings)
    )
    if form == ".html":
        from auricle.explain.picture.page import write_page

        write_page(drawn, output)
    else:
        from auricle.explain.picture.figure import write_figure

        write_figure(drawn, output)
    return drawn
