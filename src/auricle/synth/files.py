"""Writing what was synthesised: whole files only, never half of one."""

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
from jaxtyping import Float32

from auricle.errors import OutputError, message


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name in the same folder, and rename it to ``path`` when all went well.

    Raises:
        OutputError: the folder cannot be made or the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        os.replace(temporary, path)
    except (OSError, soundfile.SoundFileError) as error:
        raise OutputError(
            message(
                str(path),
                expected="a place that can be written",
                got=f"{type(error).__name__}: {error}",
                remedy="Choose another folder, or free some space.",
            )
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_wav(
    path: Path, blocks: Iterable[Float32[np.ndarray, " time"]], *, sample_rate: int
) -> None:
    """Write blocks of samples as 16-bit mono wav."""
    with (
        replacing(path) as temporary,
        soundfile.SoundFile(
            temporary, "w", sample_rate, channels=1, subtype="PCM_16", format="WAV"
        ) as sink,
    ):
        for block in blocks:
            sink.write(block)


def write_sound(path: Path, waveform: Float32[np.ndarray, " time"], *, sample_rate: int) -> None:
    """Write samples in [-1, 1] as 16 bits, rounded to the nearest, as wav or flac by the suffix."""
    levels = np.clip(np.rint(waveform.astype(np.float64) * 32768), -32768, 32767).astype(np.int16)
    container = path.suffix.lstrip(".").upper()
    with replacing(path) as temporary:
        soundfile.write(temporary, levels, sample_rate, subtype="PCM_16", format=container)


def write_table(path: Path, *, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file with Unix line ends, the same bytes on every system."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_text(path, text.getvalue())


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
