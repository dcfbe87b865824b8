"""Draw the picture of docs/show.md from the speech of docs/synthesis."""

from pathlib import Path

from PIL import Image

import auricle

HERE = Path(__file__).resolve().parent
PANELS = ("waveform", "mel", "chroma", "scalogram", "pitch")


def main() -> None:
    """Draw it, and make it small enough for the repository."""
    output = HERE / "show.png"
    config = auricle.PictureConfig(panels=PANELS)
    auricle.write_picture([HERE / "synthesis" / "speech.ogg"], output, config=config)
    with Image.open(output) as picture:
        width, height = picture.size
        small = picture.convert("RGB").resize((900, round(height * 900 / width)), Image.LANCZOS)
    small.quantize(64, dither=Image.Dither.NONE).save(output, optimize=True)


if __name__ == "__main__":
    main()
