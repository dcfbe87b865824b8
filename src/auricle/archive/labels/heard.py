"""The events of one recording of any length, in little memory."""

from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import TypeVar

import numpy as np
from jaxtyping import Float64, Int64

from auricle.data.annotations import AnnotatedEvent
from auricle.io import audio_info, read_blocks
from auricle.models import Detection
from auricle.streaming import Detector

_BLOCK_S = 15.0
_BLOCKS_AHEAD = 2
_TIME_DIGITS, _SCORE_DIGITS = 6, 4  # a microsecond, and what a score can be trusted to

Item = TypeVar("Item")


class HeardEvents:
    """Events as four columns of numbers, since a long recording holds hundreds of thousands.

    Attributes:
        path: the recording.
        classes: names that the labels count through.
        seconds: how much was heard, seconds.
        sample_rate: the recording's, Hz.
    """

    def __init__(self, path: Path, classes: tuple[str, ...], *, sample_rate: int) -> None:
        self.path, self.classes, self.sample_rate = path, classes, sample_rate
        self.seconds = 0.0
        self._index = {name: at for at, name in enumerate(classes)}
        self._labels = array("q")
        self._numbers = array("d")  # onset, offset, score, one event after the other

    def __len__(self) -> int:
        return len(self._labels)

    def add(self, events: Iterable[Detection]) -> None:
        """Keep these, too."""
        for event in events:
            self._labels.append(self._index[event.label])
            self._numbers.extend((event.onset_s, event.offset_s, event.score))

    def chunks(self, size: int) -> Iterator[tuple[AnnotatedEvent, ...]]:
        """The events by onset, then by label, so many at a time; times in whole microseconds."""
        labels, numbers = self._columns()
        order = np.lexsort((labels, numbers[:, 0]))
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            pairs = zip(labels[rows].tolist(), numbers[rows].tolist(), strict=True)
            yield tuple(self._event(label, *row) for label, row in pairs)

    def _columns(self) -> tuple[Int64[np.ndarray, " events"], Float64[np.ndarray, "events 3"]]:
        labels = np.frombuffer(self._labels, dtype=np.int64) if self._labels else np.zeros(0, int)
        numbers = np.frombuffer(self._numbers) if self._labels else np.zeros(0)
        return labels.astype(np.int64), numbers.reshape(-1, 3)

    def _event(self, label: int, onset_s: float, offset_s: float, score: float) -> AnnotatedEvent:
        return AnnotatedEvent(
            path=self.path,
            onset_s=round(onset_s, _TIME_DIGITS),
            offset_s=round(min(offset_s, self.seconds), _TIME_DIGITS),
            label=self.classes[label],
            score=round(score, _SCORE_DIGITS),
        )


def hear(detector: Detector, path: Path) -> Iterator[HeardEvents]:
    """The events of a recording, a block of sound after the other, at constant memory.

    The next block is decoded while the network hears this one.

    Yields:
        The same growing value after each block; complete when there is no more.
    Raises:
        AudioError: the recording cannot be read, or is not as the model was trained to expect.
    """
    rate = audio_info(path).sample_rate
    events = HeardEvents(path, detector.classes, sample_rate=rate)
    stream, heard = detector.stream(sample_rate=rate), 0
    blocks = read_blocks(path, channel=detector.model.config.channel, block_s=_BLOCK_S)
    for block in ahead(blocks):
        heard += len(block)
        events.add(stream.push(block))
        events.seconds = heard / rate
        yield events
    events.add(stream.finish())
    yield events


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, the next ones made in a thread while this one is used."""
    queue: Queue[Item | BaseException | None] = Queue(_BLOCKS_AHEAD)
    wanted = True

    def fill() -> None:
        try:
            for item in items:
                queue.put(item)
                if not wanted:
                    return
            queue.put(None)
        except BaseException as error:  # whatever it is, it is raised where the items are used
            queue.put(error)

    thread = Thread(target=fill, daemon=True)
    thread.start()
    try:
        while (item := queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        wanted = False
        while thread.is_alive():
            if not queue.empty():
                queue.get()
            thread.join(0.01)
