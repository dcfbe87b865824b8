"""Opening a recording, and what its header says."""

import re
from dataclasses import dataclass
from pathlib import Path

import soundfile

from auricle.errors import AudioError, message
from auricle.io.checks import check_sample_rate
from auricle.io.files import unreadable
from auricle.io.mp3 import allowed_shortfall
from auricle.io.ogg import check_ogg_complete

# What libsndfile writes in its log when the bytes end before the header says so.
_SIZES = re.compile(r"^\s*(?:data|SSND|Data Size|riff)\s*: (\d+) \(should be (\d+)\)", re.M)
_FRAMES = re.compile(r"frame count (\d+) does not match value from 'ds64' chunk of (\d+)")
_UNKNOWN_SIZE = 0x7FFF_F000  # at and above it, programs writing to a pipe mean "not known yet"
UNKNOWN_LENGTH = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioInfo:
    """What the header of a recording says.

    Attributes:
        path: the file.
        sample_rate: Hz.
        num_channels: how many channels.
        num_samples: samples per channel; 0 for a recording without sound. Where there is no
            telling (some FLAC streams, some MP3) it is 0 too, with ``length_known`` false.
        format: container, as libsndfile names it ("WAV", "FLAC", "OGG", "MP3").
        subtype: encoding of the samples ("PCM_16", "VORBIS").
        length_known: whether the header tells the length.
    """

    path: Path
    sample_rate: int
    num_channels: int
    num_samples: int
    format: str
    subtype: str
    length_known: bool = True

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return self.num_samples / self.sample_rate


class SoundReader(soundfile.SoundFile):  # type: ignore[misc]
    """A SoundFile that is read from front to back, without a seek after each block.

    Attributes:
        shortfall: samples that may be missing at the end of a file that is whole.
    """

    shortfall: int = 0

    def seekable(self) -> bool:
        """Say no: soundfile otherwise seeks after each read, which some FLAC streams cannot."""
        return False


def open_sound(path: Path) -> SoundReader:
    """Open a recording and check what can be checked without decoding it.

    Raises:
        AudioError: the file is missing, empty, no audio, cut off, or has an absurd sample rate.
    """
    try:
        sound = SoundReader(str(path))
    except (soundfile.SoundFileError, TypeError) as error:
        _check_bytes(path)  # says more, if there are none
        raise undecodable(path, error) from error
    try:
        check_sample_rate(sound.samplerate, name=str(path))
        _check_complete(path, sound.extra_info)
        if sound.format == "MP3":
            sound.shortfall = allowed_shortfall(path, declared=sound.frames)
        if sound.format == "OGG":
            check_ogg_complete(path)
    except BaseException:
        sound.close()
        raise
    return sound


def audio_info(path: Path) -> AudioInfo:
    """What the header of a recording says; nothing is decoded.

    Raises:
        AudioError: as `open_sound`; a recording with a sound header and no samples is no error.
    """
    with open_sound(path) as sound:
        return describe(sound, path)


def describe(sound: SoundReader, path: Path) -> AudioInfo:
    """What the header of an open recording says."""
    known = sound.frames < UNKNOWN_LENGTH and sound.shortfall < max(sound.frames, 1)
    return AudioInfo(
        path=path,
        sample_rate=sound.samplerate,
        num_channels=sound.channels,
        num_samples=sound.frames if known else 0,
        format=sound.format,
        subtype=sound.subtype,
        length_known=known,
    )


def undecodable(path: Path, error: Exception) -> AudioError:
    """The house's error for bytes that are no audio, or broken audio."""
    reason = getattr(error, "error_string", "") or str(error)
    return AudioError(
        message(
            str(path),
            expected="audio that can be decoded",
            got=f"{reason.rstrip('.')!r} from the decoder",
            remedy="The file is broken, cut off or of another kind than its name says: "
            "fetch or convert it again.",
        )
    )


def cut_off(path: Path, *, expected: int, got: int, unit: str) -> AudioError:
    """The house's error for a recording that ends before its header says so."""
    return AudioError(
        message(
            str(path),
            expected=f"{expected} {unit}, as its header says",
            got=got,
            remedy="The file is cut off: fetch or record it again.",
        )
    )


def _check_bytes(path: Path) -> None:
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise unreadable(path, error) from error
    if empty:
        raise AudioError(
            message(
                str(path),
                expected="a recording",
                got="an empty file (0 bytes)",
                remedy="Delete it or fetch it again.",
            )
        )


def _check_complete(path: Path, log: str) -> None:
    for found in _SIZES.finditer(log):
        declared, actual = int(found[1]), int(found[2])
        if actual < declared < _UNKNOWN_SIZE:
            raise cut_off(path, expected=declared, got=actual, unit="bytes of sound")
    for found in _FRAMES.finditer(log):
        actual, declared = int(found[1]), int(found[2])
        if actual < declared:
            raise cut_off(path, expected=declared, got=actual, unit="samples")
