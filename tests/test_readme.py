"""The README's Python runs as it is written."""

import functools
import re
from pathlib import Path

import numpy as np
import soundfile
from tests.tiny_set import RATE, tiny_clip

import auricle

README = Path(__file__).parents[1] / "README.md"


def test_the_python_of_the_readme_runs(tiny_set, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    quick = functools.partial(auricle.AudioClassifier, preset="tiny", epochs=2, threads=1)
    monkeypatch.setattr(auricle, "AudioClassifier", quick)
    soundfile.write("dawn.flac", tiny_clip("low", seed=50, rate=2 * RATE), 2 * RATE)
    paths = sorted(tiny_set.rglob("*.wav"))
    sound = tiny_clip("low", seed=51, duration_s=2.0, rate=44_100)
    names = {
        "paths": paths,
        "labels": [path.parent.name for path in paths],
        "speakers": [path.stem[:2] for path in paths],
        "new_paths": paths[:3],
        "source": np.split(sound, 10),
    }
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    assert len(blocks) == 2
    for block in blocks:
        exec(block, names)
    assert "Not tested by auricle" in capsys.readouterr().out
    assert names["stream"].time_s > 1.9
