"""Whether an Ogg file ends where its last page does.

The decoder takes a file that was cut in the middle for a shorter one, without a word.
"""

import os
from pathlib import Path

from auricle.errors import AudioError, message

_HEADER = 27  # bytes before the table of segments
_LONGEST_PAGE = 65307  # bytes


def check_ogg_complete(path: Path) -> None:
    """Refuse a Vorbis or Opus file whose last page is not all there.

    Raises:
        AudioError: bytes of the last page are missing.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 2 * _LONGEST_PAGE))
        tail = file.read()
    missing = _missing_bytes(tail[tail.rfind(b"OggS") :])
    if missing > 0:
        raise AudioError(
            message(
                str(path),
                expected="a last Ogg page that is whole",
                got=f"one without its last {missing} bytes",
                remedy="The file is cut off: fetch or record it again.",
            )
        )


def _missing_bytes(page: bytes) -> int:
    if len(page) < _HEADER:
        return _HEADER - len(page)
    num_segments = page[_HEADER - 1]
    table = page[_HEADER : _HEADER + num_segments]
    return _HEADER + num_segments + sum(table) - len(page)
