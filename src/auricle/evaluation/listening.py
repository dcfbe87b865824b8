"""A listener on recordings: what it scored, where it erred, what it heard where nothing was."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from auricle.data import Manifest
from auricle.errors import AudioError
from auricle.evaluation.ambient import AmbientTable, ambient_table
from auricle.evaluation.report import Mistake
from auricle.evaluation.results import ClipScores
from auricle.evaluation.summary import worst_mistakes
from auricle.io import audio_info, read_blocks
from auricle.metrics import BACKGROUND
from auricle.models import UNKNOWN, softmax
from auricle.streaming import Listener

Progress = Callable[[int, int], None]
_SHOWN_NAMES = 3


def score_manifest(
    listener: Listener, manifest: Manifest, *, progress: Progress | None = None
) -> tuple[ClipScores, tuple[AudioError, ...]]:
    """Every clip heard from its file as a stream would hear it.

    Args:
        manifest: a label that the model does not know counts as background, and so does unknown
            where the model has no such class.
    Returns:
        The scores of all clips that could be read, and the errors of the others.
    """
    index = {name: at for at, name in enumerate(listener.classes)}
    kept, rows, errors = [], [], []
    for done, clip in enumerate(manifest.clips):
        try:
            rows.append(listener.predict_clip(clip).probs)
            kept.append(done)
        except AudioError as error:
            errors.append(error)
        if progress is not None:
            progress(done + 1, len(manifest))
    heard = manifest.select(kept)
    targets = [index.get(clip.label, BACKGROUND) for clip in heard.clips]
    scores = ClipScores(
        classes=listener.classes,
        names=tuple(clip.name for clip in heard.clips),
        groups=heard.groups,
        targets=np.array(targets, dtype=np.int64),
        probs=np.array(rows, dtype=np.float64).reshape(len(rows), len(listener.classes)),
    )
    return scores, tuple(errors)


def without_temperature(scores: ClipScores, temperature: float) -> ClipScores:
    """The same scores as they were before calibration: softmax(temperature * ln p)."""
    logits = temperature * np.log(np.maximum(scores.probs, 1e-300))
    return ClipScores(
        classes=scores.classes,
        names=scores.names,
        groups=scores.groups,
        targets=scores.targets,
        probs=softmax(logits),
    )


def collect_mistakes(
    listener: Listener, manifest: Manifest, scores: ClipScores, *, most: int = 12
) -> list[Mistake]:
    """The wrong answers that the model was surest of, with their sound.

    Args:
        manifest: holds the clips of ``scores``, by name.
        most: how many at the most.
    """
    clips = {clip.name: clip for clip in manifest.clips}
    mistakes = []
    for row in worst_mistakes(scores, most=most):
        target, best = int(scores.targets[row]), int(scores.probs[row].argmax())
        truth = scores.classes[target] if target != BACKGROUND else UNKNOWN
        rate, channel = listener.sample_rate, listener.model.config.channel
        waveform, _ = clips[scores.names[row]].load(sample_rate=rate, channel=channel)
        mistakes.append(
            Mistake(
                name=scores.names[row],
                truth=truth,
                answer=scores.classes[best],
                score=float(scores.probs[row, best]),
                waveform=waveform,
                sample_rate=rate,
                frame_probs=_frame_probs(listener, waveform),
            )
        )
    return mistakes


def listen_to_ambient(
    listener: Listener, paths: Sequence[Path], *, progress: Progress | None = None
) -> AmbientTable:
    """False alarms an hour on recordings in which nothing should be heard.

    The score at each time step is the running posterior that `Stream` decides events on, of the
    most probable class other than unknown.

    Raises:
        AudioError: a recording cannot be read.
        CausalityError: the model cannot listen to a stream.
    """
    wanted = [at for at, name in enumerate(listener.classes) if name != UNKNOWN]
    total = sum(audio_info(path).duration_s for path in paths)
    heard_s = 0.0
    parts: list[Float[np.ndarray, " frames"]] = []
    for path in paths:
        rate = audio_info(path).sample_rate
        stream = listener.stream(sample_rate=rate)
        for block in read_blocks(path, channel=listener.model.config.channel, block_s=30.0):
            parts.append(stream.push_scores(block).recent[:, wanted].max(axis=1, initial=0.0))
            heard_s += len(block) / rate
            if progress is not None:
                progress(round(heard_s), round(total))
        parts.append(stream.finish_scores().recent[:, wanted].max(axis=1, initial=0.0))
    return ambient_table(
        np.concatenate(parts),
        frame_rate=1 / listener.model.step_s,
        chosen=listener.threshold,
        source=_names(paths),
    )


def _frame_probs(
    listener: Listener, waveform: Float[np.ndarray, " time"]
) -> Float[np.ndarray, "frames classes"] | None:
    if not listener.model.causal:
        return None
    stream = listener.stream()
    scores = [stream.push_scores(waveform), stream.finish_scores()]
    return np.concatenate([part.probs for part in scores])


def _names(paths: Sequence[Path]) -> str:
    """The first few by name."""
    shown = ", ".join(path.name for path in paths[:_SHOWN_NAMES])
    more = len(paths) - _SHOWN_NAMES
    return f"{shown} and {more} more" if more > 0 else shown
