"""``auricle synth``: a labelled set of sounds from a spec."""

import csv
import time
from collections import Counter
from pathlib import Path

from auricle.cli.commands import Synth
from auricle.cli.reading import counter, say
from auricle.synth import load_spec, spec_text, write_set


def run(command: Synth) -> int:
    """Write the set, and say what it holds; or print its spec."""
    if command.show:
        print(spec_text(command.spec), end="")
        return 0
    spec = load_spec(command.spec, seed=command.seed)
    folder = command.output or Path(Path(command.spec).stem)
    say(f"Making {command.spec} in {folder}, with seed {spec.seed}")
    started = time.monotonic()
    write_set(spec, folder, progress=counter("files"))
    events, files = _counts(folder)
    say(f"Done in {time.monotonic() - started:.0f} s. Events: {_listed(events)}")
    print(f"{folder}: {files} recordings, {sum(events.values())} events, {folder / 'manifest.csv'}")
    return 0


def _counts(folder: Path) -> tuple[Counter[str], int]:
    """Events of each label, and the number of recordings."""
    with (folder / "annotations.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    labels = Counter(row["label"] for row in rows if row["label"])
    return labels, len({row["path"] for row in rows})


def _listed(events: Counter[str]) -> str:
    return ", ".join(f"{label} {count}" for label, count in sorted(events.items())) or "none"
