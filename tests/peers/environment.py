"""Make the environment that the peers need, once: ``python tests/peers/environment.py``.

It goes to ``build/peers``, or to the folder that ``AURICLE_PEERS`` names. sed_eval and
sed_scores_eval are built without isolation, since their builds need Cython and old setuptools.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
FIRST = ("setuptools", "cython", "numpy")


def folder():
    """Where the environment is, or would be."""
    return Path(os.environ.get("AURICLE_PEERS", HERE.parents[1] / "build" / "peers"))


def python():
    """Its interpreter."""
    return folder() / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_ready():
    """Whether it was made from the requirements as they are now."""
    stamp = folder() / "made_from.txt"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    return python().is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted


def make():
    """Install everything; a few minutes and about 600 MB."""
    text = REQUIREMENTS.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    venv.create(folder(), with_pip=True)
    install = [str(python()), "-m", "pip", "install", "--quiet", "--no-build-isolation"]
    subprocess.run([*install, *(line for line in lines if line.startswith(FIRST))], check=True)
    subprocess.run([*install, *lines], check=True)
    (folder() / "made_from.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if not is_ready():
        make()
    print(f"the peers' environment is at {folder()}", file=sys.stderr)
