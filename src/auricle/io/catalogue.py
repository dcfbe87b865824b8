"""The public data sets that can be fetched: address, licence, and what they must hash to."""

from dataclasses import dataclass
from typing import Literal

DatasetName = Literal["esc50", "fsdd", "speech-commands"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentCheck:
    """What a file or a folder of an unpacked data set must hash to.

    A folder's digest is the SHA-256 of the text that ``sha256sum`` prints for its files, sorted by
    path. ``digest`` is ``md5:...`` or ``sha256:...``; None where no checksum was ever published:
    then the first fetch writes what it found beside the data, and later fetches must equal it.
    """

    path: str
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A public data set: one archive at one address."""

    name: str
    title: str
    url: str
    archive: str
    size_bytes: int
    licence: str
    homepage: str
    num_recordings: int
    max_unpacked_bytes: int
    strip_top: bool
    sha256: str | None = None
    contents: tuple[ContentCheck, ...] = ()


DATASETS: dict[str, Dataset] = {
    "fsdd": Dataset(
        name="fsdd",
        title="Free Spoken Digit Dataset 1.0.10: 3000 digits, 6 speakers, 8 kHz",
        url="https://github.com/Jakobovski/free-spoken-digit-dataset/archive/"
        "d6938f9bf1545aa66d8489fc9f1385a7abd64282.zip",
        archive="free-spoken-digit-dataset-1.0.10.zip",
        size_bytes=16_200_000,
        licence="CC BY-SA 4.0",
        homepage="https://github.com/Jakobovski/free-spoken-digit-dataset",
        num_recordings=3000,
        max_unpacked_bytes=100_000_000,
        strip_top=True,
        # The server packs this commit anew now and then, so the bytes of the archive vary; the
        # recordings of the commit do not, and this digest was computed from the repository itself.
        contents=(
            ContentCheck(
                path="recordings",
                digest="sha256:04e1baae96c6a26e39c623f2b01d0182ddae627ba0ac02a3cdc17ba2af99fd9b",
            ),
        ),
    ),
    "esc50": Dataset(
        name="esc50",
        title="ESC-50: 2000 environmental sounds of 5 s, 50 classes, 5 folds, 44.1 kHz",
        url="https://github.com/karolpiczak/ESC-50/archive/"
        "33c8ce9eb2cf0b1c2f8bcf322eb349b6be34dbb6.zip",
        archive="ESC-50-33c8ce9.zip",
        size_bytes=645_000_000,
        licence="CC BY-NC 3.0 (the ESC-10 part: CC BY 3.0)",
        homepage="https://github.com/karolpiczak/ESC-50",
        num_recordings=2000,
        max_unpacked_bytes=2_000_000_000,
        strip_top=True,
        contents=(
            ContentCheck(path="meta/esc50.csv", digest="md5:54a0d0055a10bb7df84ad340a148722e"),
            ContentCheck(path="audio", digest=None),
        ),
    ),
    "speech-commands": Dataset(
        name="speech-commands",
        title="Speech Commands 0.02: 105829 words of 1 s, 35 classes, 2618 speakers, 16 kHz",
        url="https://storage.googleapis.com/download.tensorflow.org/data/"
        "speech_commands_v0.02.tar.gz",
        archive="speech_commands_v0.02.tar.gz",
        size_bytes=2_428_923_189,
        licence="CC BY 4.0",
        homepage="https://arxiv.org/abs/1804.03209",
        num_recordings=105_829,
        max_unpacked_bytes=8_000_000_000,
        strip_top=False,
        sha256="af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
    ),
}
