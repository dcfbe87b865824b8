"""``auricle listen``."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from auricle.cli.commands import Listen
from auricle.cli.predict import with_threshold
from auricle.cli.reading import say
from auricle.errors import ConfigError, message
from auricle.io import audio_info, check_writable, microphone_blocks, pcm_blocks, read_blocks
from auricle.models import UNKNOWN, Detection, Event
from auricle.streaming import DetectionStream, Detector, Listener, Stream, load

Blocks = Iterator[Float32[np.ndarray, " time"]]
_BLOCK_S = 0.1


def run(command: Listen) -> int:
    """A line an event, until the sound ends or Ctrl-C."""
    listener = _open(command)
    blocks, rate = _source(command, listener)
    _check_state(command, listener, rate)
    stream = listener.stream(sample_rate=rate)
    if command.load_state is not None:
        stream.load(command.load_state)
    wanted = ", ".join(name for name in listener.classes if name != UNKNOWN)
    say(f"Listening at {rate} Hz for {wanted}. Ctrl-C stops.")
    if rate != listener.sample_rate:
        say(f"The sound is resampled to the model's {listener.sample_rate} Hz.")
    try:
        for block in blocks:
            _print(stream.push(block), command)
    except KeyboardInterrupt:
        _end(stream, command)  # how a microphone ends: nothing that was heard is lost
        raise
    return _end(stream, command)


def _open(command: Listen) -> Listener | Detector:
    """The model, with the threshold that was asked for."""
    loaded = load(command.model)
    if isinstance(loaded, Listener):
        return with_threshold(loaded, command.threshold)
    if command.threshold is not None:
        config = loaded.model.config
        thresholds = (command.threshold,) * len(loaded.classes)
        detection = replace(config.detection, thresholds=thresholds)
        loaded.model.config = replace(config, detection=detection)
    return loaded


def _check_state(command: Listen, listener: Listener | Detector, rate: int) -> None:
    """Refuse a state that could not be saved, before anything is heard.

    Raises:
        ConfigError: the sound is resampled; a resampler's memory cannot be saved.
        OutputError: the place cannot be written.
    """
    if command.save_state is None and command.load_state is None:
        return
    if rate != listener.sample_rate:
        raise ConfigError(
            message(
                "save-state, load-state",
                expected=f"sound at the model's own rate, {listener.sample_rate} Hz",
                got=f"{rate} Hz",
                remedy="A resampler's memory cannot be saved: resample the sound beforehand.",
            )
        )
    if command.save_state is not None:
        check_writable(command.save_state)


def _end(stream: Stream | DetectionStream, command: Listen) -> int:
    if command.save_state is not None:
        stream.save(command.save_state)
        say(f"The stream's state is in {command.save_state}; go on with --load-state.")
        return 0
    _print(stream.finish(), command)
    say(f"The sound ended after {stream.time_s:.2f} s.")
    return 0


def _source(command: Listen, listener: Listener | Detector) -> tuple[Blocks, int]:
    """Blocks of sound and their rate."""
    if command.input == "mic":
        rate = command.rate or listener.sample_rate
        device = command.device
        blocks = microphone_blocks(
            sample_rate=rate,
            device=int(device) if device is not None and device.isdecimal() else device,
            num_channels=command.channels,
            channel=command.channel,
            block_s=_BLOCK_S,
        )
        return blocks, rate
    if command.input == "-":
        rate = command.rate or listener.sample_rate
        blocks = pcm_blocks(
            sys.stdin.buffer,
            sample_rate=rate,
            encoding=command.encoding,
            num_channels=command.channels,
            channel=command.channel,
            block_s=_BLOCK_S,
        )
        return blocks, rate
    if command.rate is not None:
        raise ConfigError(
            message(
                "rate",
                expected="no --rate beside a sound file",
                got=command.rate,
                remedy="The file tells its own rate; leave --rate out.",
            )
        )
    path = Path(command.input)
    channel = command.channel if command.channel != "mono" else listener.model.config.channel
    return read_blocks(path, channel=channel, block_s=_BLOCK_S), audio_info(path).sample_rate


def _print(events: Sequence[Event | Detection], command: Listen) -> None:
    for event in events:
        if isinstance(event, Event) and event.kind == "end" and not command.ends:
            continue
        if command.json:
            print(json.dumps(asdict(event), ensure_ascii=False), flush=True)
        else:
            line = f"{event.time_s:10.2f} s  {event.label:<20} {event.score:6.3f}"
            print(line + _span(event), flush=True)


def _span(event: Event | Detection) -> str:
    """When it was; an event that begins now needs no telling."""
    if isinstance(event, Detection):
        return f"  from {event.onset_s:.3f} to {event.offset_s:.3f} s"
    return f"  ended, began at {event.onset_s:.2f} s" if event.kind == "end" else ""
