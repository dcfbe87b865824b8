"""The length of an MP3 that does not tell it.

An MP3 has no header of its own. Encoders put the length into the first frame (Xing, Info, VBRI);
where that is missing, the decoder guesses it from the bit rate of the first frame, which silently
loses sound when the bit rate varies. So the frames are counted here and compared.
"""

import os
from mmap import ACCESS_READ, mmap
from pathlib import Path

from auricle.errors import AudioError, message

_BITRATES = {  # kbit/s, layer III, by the four bits of the header
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_LENGTH_TAGS = (b"Xing", b"Info", b"VBRI")
_HEAD = 2048  # bytes; a first frame is shorter
_TOLERANCE = 2304  # samples: encoder delay and padding, and a last frame without its reservoir


def allowed_shortfall(path: Path, *, declared: int) -> int:
    """How many samples fewer than ``declared`` the decoder may give for a file that is whole.

    Args:
        path: the file.
        declared: samples per channel, as the decoder says.
    Returns:
        0 where bytes are missing that the first frame counts; two frames where none are;
        all of them where the length is only the decoder's guess.
    Raises:
        AudioError: the guess is too short, so that the decoder would lose sound.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        start = _id3_size(file.read(10))
        file.seek(start)
        head = file.read(_HEAD)
    if any(tag in head for tag in _LENGTH_TAGS):
        return 0 if size - start < _told_bytes(head) else _TOLERANCE
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        counted = _count_samples(data, start)
    if counted > declared + _TOLERANCE:
        raise AudioError(
            message(
                str(path),
                expected="an MP3 that tells its length, or one of constant bit rate",
                got=f"{counted} samples where the decoder would stop at {declared}",
                remedy="Write it anew with any current encoder, or as FLAC.",
            )
        )
    return declared


def _told_bytes(head: bytes) -> int:
    """Bytes from the first frame on, if a Xing or Info tag counts them, else 0."""
    place = max(head.find(b"Xing"), head.find(b"Info"))
    if place < 0 or len(head) < place + 16:
        return 0
    flags = int.from_bytes(head[place + 4 : place + 8], "big")
    if not flags & 2:
        return 0
    start = place + (12 if flags & 1 else 8)
    return int.from_bytes(head[start : start + 4], "big")


def _id3_size(head: bytes) -> int:
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    return 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])


def _count_samples(data: mmap, position: int) -> int:
    samples = 0
    while position + 4 <= len(data):
        length, num_samples = _frame(data[position : position + 4])
        if length == 0:  # not a frame: look for the next start
            position = data.find(b"\xff", position + 1)
            if position < 0:
                break
            continue
        samples += num_samples
        position += length
    return samples


def _frame(header: bytes) -> tuple[int, int]:
    """Bytes and samples of the layer III frame that starts here; zeros where none does."""
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    rate_index, bitrate_index = header[2] >> 2 & 3, header[2] >> 4
    synced = header[0] == 0xFF and header[1] & 0xE0 == 0xE0
    if not synced or version == 1 or layer != 1 or rate_index == 3 or bitrate_index in (0, 15):
        return 0, 0
    first = version == 3
    bits_per_s = 1000 * _BITRATES[first][bitrate_index]
    num_samples = 1152 if first else 576
    padding = header[2] >> 1 & 1
    return num_samples // 8 * bits_per_s // _SAMPLE_RATES[version][
        rate_index
    ] + padding, num_samples
