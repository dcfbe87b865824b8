"""Numbers and labels in text files."""

import os
from decimal import Decimal
from pathlib import Path

from auricle.data.annotations.parsed import bad_annotation


def decimal(value: float) -> str:
    """The shortest decimal that is read back as the same number; never with an exponent.

    >>> decimal(1e-05), decimal(1.5), decimal(2.0)
    ('0.00001', '1.5', '2.0')
    """
    text = format(Decimal(repr(float(value))), "f")
    return text if "." in text else f"{text}.0"


def one_line(label: str, *, path: Path, format: str) -> str:
    """The label, for a format in which tabs and ends of lines separate things.

    Raises:
        ManifestError: the label holds one.
    """
    if any(mark in label for mark in "\t\r\n"):
        raise bad_annotation(
            path,
            f"labels without tabs and line ends, which {format} cannot hold",
            repr(label),
            "Rename the label, or choose csv, textgrid or elan.",
        )
    return label


def recording_name(path: Path, output: Path) -> str:
    """The recording in a table: relative to the table's folder where it lies below it."""
    audio, folder = Path(os.path.abspath(path)), Path(os.path.abspath(output.parent))
    inside = audio.is_relative_to(folder)
    return audio.relative_to(folder).as_posix() if inside else audio.as_posix()
