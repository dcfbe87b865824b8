"""One run of one side of `bench.time_to_accuracy`, in a process of its own; prints a line of JSON.

The clock starts when everything is imported and stops when the model could answer: features,
compilation and training are inside, scoring the test clips is not.
"""

import json
import os
import sys
import time
from pathlib import Path

CLASSES = 10
KERAS_EPOCHS = 10


def run_keras(data: Path, seed: int) -> dict[str, float]:
    """The field's example: 40 MFCC padded to the longest clip, LSTM 128 and 64, 10 epochs."""
    os.environ["KERAS_BACKEND"] = "jax"
    os.environ["JAX_PLATFORMS"] = "cpu"
    import keras
    import librosa
    import numpy as np

    from auricle.data import read_manifest, split_manifest

    keras.utils.set_random_seed(seed)
    split = split_manifest(read_manifest(data / "fsdd"), kind="column", validation_fraction=0.0)
    librosa.feature.mfcc(y=np.zeros(100, np.float32), sr=8000, n_fft=64)  # loads its lazy parts
    started = time.perf_counter()

    def features(clips: object) -> tuple[list[np.ndarray], np.ndarray]:
        found = []
        for clip in clips:  # type: ignore[attr-defined]
            waveform, rate = librosa.load(clip.path, sr=None)
            size = min(2048, len(waveform))
            found.append(librosa.feature.mfcc(y=waveform, sr=rate, n_mfcc=40, n_fft=size).T)
        return found, np.array([int(clip.label) for clip in clips])  # type: ignore[attr-defined]

    train, targets = features([*split.train.clips, *split.validation.clips])
    longest = max(len(frames) for frames in train)

    def pad(frames: list[np.ndarray]) -> np.ndarray:
        out = np.zeros((len(frames), longest, 40), np.float32)
        for row, one in zip(out, frames, strict=True):
            row[: len(one)] = one[:longest]
        return out

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((longest, 40)),
            layers.LSTM(128, return_sequences=True),
            layers.LSTM(64),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(pad(train), targets, epochs=KERAS_EPOCHS, batch_size=32, verbose=0)
    seconds = time.perf_counter() - started
    test, truth = features(split.test.clips)
    answers = np.asarray(model.predict(pad(test), verbose=0)).argmax(axis=1)
    return {"seconds": seconds, "accuracy": float((answers == truth).mean())}


def run_auricle(data: Path, seed: int, settings: dict[str, object]) -> dict[str, float]:
    """auricle's own training with a schedule that was set beforehand.

    numba with the modules that it imports at its first call, and a part of torch that the first
    optimiser imports, come before the clock, as JAX and librosa's lazy parts do on the other side.
    Loading auricle's own compiled code is inside.
    """
    import torch._dynamo  # noqa: F401
    from numba.core.registry import cpu_target

    from auricle.data import read_manifest, split_manifest
    from auricle.evaluation import score_manifest
    from auricle.training.config import TrainConfig
    from auricle.training.run import fit_split

    manifest = read_manifest(data / "fsdd", group_column="speaker")
    split = split_manifest(manifest, kind="column", validation_fraction=0.1)
    cpu_target.target_context.refresh()
    cpu_target.typing_context.refresh()
    started = time.perf_counter()
    fitted = fit_split(split, TrainConfig(seed=seed, patience=0, **settings))  # type: ignore[arg-type]
    seconds = time.perf_counter() - started
    last = fitted.history[-1]
    found = {"seconds": seconds, "validation": last.validation_accuracy,
             "features_s": fitted.seconds["features"]}  # fmt: skip
    scores, errors = score_manifest(fitted.listener, split.test)
    assert not errors, errors
    return found | {"accuracy": float((scores.probs.argmax(axis=1) == scores.targets).mean())}


if __name__ == "__main__":
    side, folder, number, *rest = sys.argv[1:]
    if side == "keras":
        answer = run_keras(Path(folder), int(number))
    else:
        answer = run_auricle(Path(folder), int(number), json.loads(rest[0]))
    print(json.dumps(answer))
