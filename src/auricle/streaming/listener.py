"""A trained model, ready to answer: recordings, folders of them, or endless sound."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Float32, Num

from auricle.data import Clip
from auricle.errors import AudioError, message
from auricle.io import StreamResampler, audio_info, read_audio, read_blocks
from auricle.models import UNKNOWN, Model, save_model
from auricle.models.model_file import Json
from auricle.streaming.chunks import as_float, check_finite
from auricle.streaming.deciding import StepScores, join_scores
from auricle.streaming.many import ManyStreams
from auricle.streaming.stream import Stream

_BLOCK_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A recording's answer.

    Attributes:
        path: the recording.
        label: the class of greatest posterior, or ``unknown`` when it is below the threshold.
        score: that posterior, in [0, 1].
        probs: the posterior of every class, in the order of the model's classes.
        duration_s: length of the recording, seconds.
        source_rate: the recording's sample rate, Hz; another than the model's was resampled.
    """

    path: str
    label: str
    score: float
    probs: tuple[float, ...]
    duration_s: float
    source_rate: int


class Listener:
    """A model with its card: what it was trained on and how it did."""

    def __init__(self, model: Model, *, card: Mapping[str, Json] | None = None) -> None:
        self.model = model.eval()
        self.card: dict[str, Json] = dict(card or {})

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of every posterior."""
        return self.model.config.classes

    @property
    def sample_rate(self) -> int:
        """Rate that the model hears at, Hz."""
        return self.model.config.front_end.sample_rate

    @property
    def threshold(self) -> float:
        """Below this posterior the answer is ``unknown``."""
        return self.model.config.decision.threshold

    def save(self, path: Path | str) -> Path:
        """Write the model file."""
        return save_model(self.model, path, card=self.card)

    def stream(self, *, sample_rate: int | None = None) -> Stream:
        """Listen to endless sound; see `Stream`.

        Raises:
            CausalityError: the model is bidirectional.
        """
        return Stream(self.model, sample_rate=sample_rate)

    def streams(self, streams: int) -> ManyStreams:
        """Listen to many endless sounds at once; see `ManyStreams`.

        Raises:
            CausalityError: the model is bidirectional.
            ConfigError: less than no streams.
        """
        return ManyStreams(self.model, streams=streams)

    def predict_waveform(
        self, waveform: Num[np.ndarray, " time"], *, sample_rate: int | None = None
    ) -> Float[np.ndarray, " classes"]:
        """Posterior of each class for one clip.

        Args:
            waveform: one channel; floats in [-1, 1] or integers of full range; at least 1 sample.
            sample_rate: Hz; the model's own if None.
        Raises:
            AudioError: no samples, or one that is not finite.
        """
        samples = check_finite(as_float(waveform))
        if len(samples) == 0:
            raise _no_sound("waveform")
        if not self.model.causal:
            return self._predict_whole(samples, sample_rate or self.sample_rate, name="waveform")
        stream = self.stream(sample_rate=sample_rate)
        stream.push_scores(samples)
        stream.finish_scores()
        return _clip_probs(stream, name="waveform")

    def predict_file(
        self,
        path: Path | str,
        *,
        start_s: float = 0.0,
        end_s: float | None = None,
        on_scores: Callable[[StepScores], None] | None = None,
    ) -> Prediction:
        """The answer for one recording, of any length at constant memory.

        Args:
            path: the recording.
            start_s: where to begin, seconds.
            end_s: where to end, seconds; the recording's end if None.
            on_scores: given the posteriors of the time steps, a block of sound after the other;
                never called by a model that looks ahead.
        Raises:
            AudioError: the recording cannot be read, or is not as the model was trained to expect.
        """
        path = Path(path)
        rate = audio_info(path).sample_rate
        if not self.model.causal:
            channel = self.model.config.channel
            samples, _ = read_audio(path, channel=channel, start_s=start_s, end_s=end_s)
            probs = self._predict_whole(samples, rate, name=str(path))
            return self._answer(str(path), probs, len(samples) / rate, rate)
        stream, heard = self.stream(sample_rate=rate), 0
        for block in self._blocks(path, start_s, end_s):
            heard += len(block)
            scores = stream.push_scores(block)
            if on_scores is not None:
                on_scores(scores)
        scores = stream.finish_scores()
        if on_scores is not None:
            on_scores(scores)
        return self._answer(str(path), _clip_probs(stream, name=str(path)), heard / rate, rate)

    def predict_frames(
        self, path: Path | str, *, start_s: float = 0.0, end_s: float | None = None
    ) -> tuple[Prediction, StepScores]:
        """As `predict_file`, with the posteriors of every time step, all in memory.

        Raises:
            CausalityError: the model looks ahead; it has one answer for the whole clip.
            AudioError: as `predict_file`.
        """
        self.stream()
        parts: list[StepScores] = []
        answer = self.predict_file(path, start_s=start_s, end_s=end_s, on_scores=parts.append)
        return answer, join_scores(parts)

    def label_of(self, probs: Float[np.ndarray, " classes"]) -> tuple[str, float]:
        """The answer that a posterior stands for: its label, or ``unknown``, and the score."""
        best = int(np.argmax(probs))
        score = float(probs[best])
        return (self.classes[best] if score >= self.threshold else UNKNOWN), score

    def predict_clip(self, clip: Clip) -> Prediction:
        """The answer for one clip of a manifest.

        Raises:
            AudioError: as `predict_file`.
        """
        if clip.samples is None:
            return self.predict_file(clip.path, start_s=clip.start_s, end_s=clip.end_s)
        samples, rate = clip.load(channel=self.model.config.channel)
        probs = self.predict_waveform(samples, sample_rate=rate)
        return self._answer(clip.name, probs, len(samples) / rate, rate)

    def _blocks(
        self, path: Path, start_s: float, end_s: float | None
    ) -> Iterator[Float32[np.ndarray, " time"]]:
        return read_blocks(
            path,
            channel=self.model.config.channel,
            start_s=start_s,
            end_s=end_s,
            block_s=_BLOCK_S,
        )

    def _answer(
        self, path: str, probs: Float[np.ndarray, " classes"], duration_s: float, rate: int
    ) -> Prediction:
        label, score = self.label_of(probs)
        return Prediction(
            path=path,
            label=label,
            score=score,
            probs=tuple(float(value) for value in probs),
            duration_s=duration_s,
            source_rate=rate,
        )

    def _predict_whole(
        self, samples: Float32[np.ndarray, " time"], rate: int, *, name: str
    ) -> Float[np.ndarray, " classes"]:
        """A clip in one piece, for models that look ahead."""
        if rate != self.sample_rate:
            resampler = StreamResampler(rate, self.sample_rate)
            samples = np.concatenate([resampler.push(samples), resampler.finish()])
        if len(samples) == 0:
            raise _no_sound(name)
        with torch.inference_mode():
            frames = self.model.clip_frames(torch.from_numpy(samples)[None, None])
            lengths = torch.tensor([frames.shape[1]])
            _, _, log_probs = self.model.score_clips(frames, lengths)
        probs: Float32[np.ndarray, " classes"] = log_probs[0].exp().numpy()
        return probs


def _clip_probs(stream: Stream, *, name: str) -> Float[np.ndarray, " classes"]:
    probs = stream.clip_probs
    if probs is None:
        raise _no_sound(name)
    return probs


def _no_sound(name: str) -> AudioError:
    return AudioError(
        message(
            name,
            expected="at least one sample at the model's rate",
            got=0,
            remedy="Skip empty recordings.",
        )
    )
