"""A Keras LSTM in a process of its own, that takes a training step whenever a line arrives.

It is its own process because two libraries' thread pools in one would share the cores badly. Run by
`bench.training_step`; answers one line of JSON a step: the seconds that it took.
"""

import json
import os
import sys
import time


def main() -> None:
    """Build the model that the words describe, then step on command."""
    backend, threads, batch, frames, features, classes, *sizes = sys.argv[1:]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(threads)])
    os.environ["KERAS_BACKEND"] = backend
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.standard_normal((int(batch), int(frames), int(features))).astype(np.float32)
    y = rng.integers(0, int(classes), int(batch))
    layers = [
        keras.layers.LSTM(int(size), return_sequences=at + 1 < len(sizes))
        for at, size in enumerate(sizes)
    ]
    last = keras.layers.Dense(int(classes), activation="softmax")
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers, last])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    for _ in range(3):
        model.train_on_batch(x, y)
    print(json.dumps({"ready": f"Keras {keras.__version__} on {backend}"}), flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        loss = model.train_on_batch(x, y)
        seconds = time.perf_counter() - started
        print(json.dumps({"seconds": seconds, "loss": float(np.asarray(loss))}), flush=True)


if __name__ == "__main__":
    main()
