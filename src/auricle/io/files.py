"""Which files are audio, and what makes two of them the same."""

import hashlib
from pathlib import Path

from auricle.errors import AudioError, message

AUDIO_SUFFIXES: frozenset[str] = frozenset(
    {
        ".aif",
        ".aifc",
        ".aiff",
        ".au",
        ".caf",
        ".flac",
        ".mp3",
        ".oga",
        ".ogg",
        ".opus",
        ".rf64",
        ".snd",
        ".w64",
        ".wav",
        ".wave",
    }
)


def is_audio_path(path: Path) -> bool:
    """Whether the file's suffix, in any letter case, is one that auricle reads.

    >>> is_audio_path(Path("Bark.WAV"))
    True
    """
    return path.suffix.lower() in AUDIO_SUFFIXES


def content_fingerprint(path: Path) -> str:
    """SHA-256 of the file's bytes, as 64 hexadecimal digits.

    Raises:
        AudioError: the file is missing or cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> AudioError:
    """The house's error for a file that the system does not give us."""
    if isinstance(error, FileNotFoundError):
        got, remedy = "no such file", "Check the path."
    elif isinstance(error, IsADirectoryError) or path.is_dir():
        got, remedy = "a folder", "Name a file inside it."
    else:
        got, remedy = error.strerror or str(error), "Check the file's permissions."
    return AudioError(message(str(path), expected="a readable file", got=got, remedy=remedy))
