"""The microphone, through the optional package sounddevice."""

import queue
from collections.abc import Iterator
from types import ModuleType

import numpy as np
from jaxtyping import Float32

from auricle._optional import require
from auricle.errors import DeviceError, message
from auricle.io.channels import Channel, check_channel, select_channel
from auricle.io.checks import check_sample_rate

_SILENCE_S = 5.0  # a microphone that gives nothing for this long has gone away


def microphone_blocks(
    *,
    sample_rate: int,
    device: str | int | None = None,
    num_channels: int = 1,
    channel: Channel = "mono",
    block_s: float = 0.1,
) -> Iterator[Float32[np.ndarray, " time"]]:
    """Listen to a microphone until the caller stops.

    A slow caller loses nothing: blocks wait in memory until they are taken.

    Args:
        sample_rate: Hz; the device must offer it.
        device: a name or number of the system's list; None takes the default.
        num_channels: how many to open, > 0.
        channel: as in `read_audio`.
        block_s: length of a block, seconds, > 0.
    Yields:
        Blocks of equal length.
    Raises:
        MissingExtraError: sounddevice is not installed.
        DeviceError: there is no such microphone, it refuses the settings, or it went silent.
    """
    check_sample_rate(sample_rate, name="sample_rate")
    check_channel(channel, num_channels=num_channels, name="microphone")
    sounddevice = _sounddevice()
    blocks: queue.SimpleQueue[Float32[np.ndarray, "time channels"]] = queue.SimpleQueue()

    def keep(data: np.ndarray, frames: int, time: object, status: object) -> None:
        blocks.put(data.copy())

    try:
        stream = sounddevice.InputStream(
            samplerate=sample_rate,
            blocksize=max(1, round(block_s * sample_rate)),
            device=device,
            channels=num_channels,
            dtype="float32",
            callback=keep,
        )
        with stream:
            while True:
                yield select_channel(blocks.get(timeout=_SILENCE_S + block_s), channel)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise _failed(device, str(error)) from error
    except queue.Empty:
        raise _failed(device, f"no sound for {_SILENCE_S:.0f} s") from None


def _sounddevice() -> ModuleType:
    try:
        return require("sounddevice", extra="mic", feature="The microphone")
    except OSError as error:  # the package is there, the system's PortAudio is not
        raise DeviceError(
            message(
                "microphone",
                expected="the PortAudio library",
                got=str(error),
                remedy="Install it, on Debian and Ubuntu with: apt-get install libportaudio2",
            )
        ) from error


def _failed(device: str | int | None, reason: str) -> DeviceError:
    name = "the default microphone" if device is None else f"microphone {device!r}"
    return DeviceError(
        message(
            name,
            expected="a device that records with these settings",
            got=reason,
            remedy="List the devices with: python -m sounddevice",
        )
    )
