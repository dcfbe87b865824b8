"""``auricle demo``: the main job on sounds that are made on the spot."""

import time
from pathlib import Path

from auricle.cli import evaluate, listen, train
from auricle.cli.commands import Demo, Evaluate, Listen, Train
from auricle.cli.reading import say
from auricle.synth import load_spec, write_background, write_set, write_stream
from auricle.training.config import TrainConfig

_EPOCHS = 60


def run(command: Demo) -> int:
    """Make sounds, train, evaluate, write the report, listen."""
    started = time.monotonic()
    folder = command.folder
    sounds = folder / "sounds"
    spec = load_spec("demo", seed=command.seed)
    say(f"1. Making {4 * spec.count} clips of tone, noise, speech and music in {sounds}")
    write_set(spec, sounds)
    background = write_background(folder / "background", minutes=2.0, seed=command.seed)
    write_stream(folder / "stream.wav", duration_s=30.0, seed=command.seed)
    model, report = folder / "demo.auricle", folder / "report.html"
    say("2. Training")
    training = TrainConfig(
        epochs=command.epochs or _EPOCHS, seed=command.seed, background=background
    )
    status = train.run(
        Train(path=sounds, output=model, training=training, report=report, cache=folder / "cache")
    )
    say("3. False alarms on sound that it never heard and that holds nothing")
    ambient = write_background(folder / "ambient", minutes=2.0, seed=command.seed + 1)
    status |= evaluate.run(Evaluate(model=model, ambient=(ambient,)))
    say(f"4. Listening to {folder / 'stream.wav'}")
    status |= _listen(model, folder / "stream.wav")
    say(f"Done in {time.monotonic() - started:.0f} s. Open {report} in a browser.")
    return status


def _listen(model: Path, stream: Path) -> int:
    status = listen.run(Listen(model=model, input=str(stream), ends=True))
    say(f"What was really there: {stream.with_suffix('.csv')}")
    for line in stream.with_suffix(".csv").read_text(encoding="utf-8").splitlines():
        say(f"  {line}")
    return status
