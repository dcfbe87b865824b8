"""A trunk that labels the syllables of one finch, frame by frame: the third set of `bench.trunks`.

The training loop is only as large as comparing trunks needs: random windows of the training songs,
labels delayed by the look-ahead, cross-entropy at every frame. Frame error is the share of frames
of the songs held out whose greatest posterior is not the annotated label (silence is a label too).
"""

import csv
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

SET = "birdsong_koumura_bird0"
HOP_MS = 5.0
LOOKAHEAD_MS = 80.0
WINDOW_S = 2.0
BATCH = 16
_SILENCE = 0
_HIGHEST_RATE = 3e-3


@dataclass(frozen=True, kw_only=True)
class Song:
    """Log-mel frames of one recording and the label of each frame."""

    frames: np.ndarray
    targets: np.ndarray


@dataclass(frozen=True, kw_only=True)
class FrameResult:
    """What training a trunk on the songs gave."""

    frame_error: float
    train_s: float
    parameters: int


def read_songs(data: Path, part: Literal["train", "val", "test"], front_end) -> list[Song]:  # type: ignore[no-untyped-def]
    """The songs of one part of the published split, as frames with their labels."""
    import torch

    from auricle.features import LogMel
    from auricle.io import read_audio

    folder = data / SET
    with open(folder / "manifest.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == part]
    assert rows, f"no songs in the part {part!r} of {folder / 'manifest.csv'}"
    with open(folder / "annotation_tweetynet.csv", encoding="utf-8", newline="") as file:
        notes = list(csv.DictReader(file))
    names = label_names(folder)
    extract, songs = LogMel(front_end), []
    for row in rows:
        waveform, rate = read_audio(folder / row["path"])
        assert rate == front_end.sample_rate, rate
        with torch.inference_mode():
            frames, _ = extract(torch.from_numpy(waveform)[None, None], extract.initial_state(1))
        targets = np.full(frames.shape[1], _SILENCE)
        middles = (np.arange(frames.shape[1]) + 0.5) / front_end.frame_rate
        for note in notes:
            if note["path"] == row["path"]:
                inside = (middles >= float(note["onset_s"])) & (middles < float(note["offset_s"]))
                targets[inside] = 1 + names.index(note["label"])
        songs.append(Song(frames=frames[0].numpy(), targets=targets))
    return songs


def label_names(folder: Path) -> list[str]:
    """Names of the syllables, sorted."""
    with open(folder / "annotation_tweetynet.csv", encoding="utf-8", newline="") as file:
        return sorted({row["label"] for row in csv.DictReader(file)})


def train_frames(
    trunk_config,  # type: ignore[no-untyped-def]
    *,
    data: Path,
    steps: int,
    seed: int,
    part: Literal["val", "test"] = "val",
) -> FrameResult:
    """Train on the training songs; the error is on the songs of ``part``."""
    import torch

    from auricle.features import log_mel_for
    from auricle.models.model import build_trunk
    from auricle.training.loop import learning_rate_at

    front_end = log_mel_for(32_000, hop_ms=HOP_MS)
    train, held = read_songs(data, "train", front_end), read_songs(data, part, front_end)
    joined = np.concatenate([song.frames for song in train])
    mean, deviation = torch.from_numpy(joined.mean(0)), torch.from_numpy(joined.std(0))
    torch.manual_seed(seed)
    trunk = build_trunk(trunk_config, input_size=front_end.n_mels)
    assert trunk.stride == 1, "frame labels need a step at every hop"
    classify = torch.nn.Linear(trunk.output_size, 1 + len(label_names(data / SET)))
    network = torch.nn.ModuleList([trunk, classify])
    optimizer = torch.optim.AdamW(network.parameters(), lr=_HIGHEST_RATE, weight_decay=0.02)
    delay = round(LOOKAHEAD_MS / HOP_MS)
    size = round(WINDOW_S * front_end.frame_rate) + delay
    rng = np.random.default_rng(seed)

    def logits(frames: torch.Tensor) -> torch.Tensor:
        hidden, _ = trunk((frames - mean) / deviation, trunk.initial_state(len(frames)))
        return classify(hidden)

    started = time.perf_counter()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate_at(step, steps=steps, highest=_HIGHEST_RATE)
        frames, targets = _windows(train, rng, size, delay)
        loss = torch.nn.functional.cross_entropy(
            logits(torch.from_numpy(frames))[:, delay:].flatten(0, 1),
            torch.from_numpy(targets).flatten(),
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
    train_s = time.perf_counter() - started
    network.eval()
    wrong = total = 0
    with torch.inference_mode():
        for song in held:
            padded = np.concatenate([song.frames, np.repeat(song.frames[-1:], delay, axis=0)])
            found = logits(torch.from_numpy(padded)[None])[0, delay:].argmax(dim=1).numpy()
            wrong += int((found != song.targets).sum())
            total += len(song.targets)
    parameters = sum(p.numel() for p in network.parameters())
    return FrameResult(frame_error=wrong / total, train_s=train_s, parameters=parameters)


def _windows(
    songs: list[Song], rng: np.random.Generator, size: int, delay: int
) -> tuple[np.ndarray, np.ndarray]:
    """Random stretches of random songs at a random level, and their labels without the delay."""
    weights = np.array([len(song.frames) for song in songs], dtype=float)
    picks = rng.choice(len(songs), BATCH, p=weights / weights.sum())
    frames, targets = [], []
    for pick in picks:
        song = songs[pick]
        start = int(rng.integers(max(1, len(song.frames) - size)))
        gain = np.float32(rng.normal(0, 0.7))
        cut = song.frames[start : start + size]
        label = song.targets[start : start + size - delay]
        short = size - len(cut)
        frames.append(np.pad(cut, ((0, short), (0, 0)), mode="edge") + gain)
        targets.append(np.pad(label, (0, size - delay - len(label)), constant_values=_SILENCE))
    return np.stack(frames), np.stack(targets)
