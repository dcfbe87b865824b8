"""The command line in this process, and a model that was trained by it."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.tiny_set import TINY

import auricle as auricle_package
from auricle.cli import main
from auricle.training import pipeline
from auricle.training.detection import pipeline as detection_pipeline


@dataclass(frozen=True, kw_only=True)
class Done:
    """A command that has run."""

    status: int
    out: str
    err: str

    @property
    def message(self) -> str:
        """The one error message; fails unless there is exactly one and no traceback."""
        assert "Traceback" not in self.err + self.out
        found = [line for line in self.err.splitlines() if line.startswith("auricle: ")]
        assert len(found) == 1, self.err
        return found[0]


Command = Callable[..., Done]


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Features of tests stay among the tests' files."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp() / "home"))


@pytest.fixture(autouse=True)
def short_identity(monkeypatch):
    """Half a second of sound, pushed seven samples at a time, is enough to test with."""
    monkeypatch.setattr(pipeline, "_IDENTITY_S", 0.5)
    monkeypatch.setattr(detection_pipeline, "_IDENTITY_S", 0.5)


@pytest.fixture
def auricle(capsys) -> Command:
    """Run ``auricle WORDS...``."""

    def run(*words: object) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main([str(word) for word in words])
        printed = capsys.readouterr()
        return Done(status=int(caught.value.code or 0), out=printed.out, err=printed.err)

    return run


def run_for_many(*words: object, cache: Path) -> Done:
    """Run ``auricle WORDS...`` for a fixture that several tests share."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as caught:
        patch.setattr(pipeline, "_IDENTITY_S", 0.5)
        patch.setenv("XDG_CACHE_HOME", str(cache))
        patch.setenv("LOCALAPPDATA", str(cache))
        with redirect_stdout(out), redirect_stderr(err):
            main([str(word) for word in words])
    return Done(status=int(caught.value.code or 0), out=out.getvalue(), err=err.getvalue())


def start(*words: object, **streams: object) -> subprocess.Popen[bytes]:
    """Begin ``auricle WORDS...`` in a process of its own, without the tests' type checks."""
    source = str(Path(auricle_package.__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, "-m", "auricle", *map(str, words)],
        env={**os.environ, "PYTHONPATH": source, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
        preexec_fn=None if os.name == "nt" else _listen_to_ctrl_c,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )


def _listen_to_ctrl_c() -> None:
    """A shell that runs the tests in the background has its children ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait(process: subprocess.Popen[bytes], stdin: bytes | None = None) -> Done:
    """Let it run to its end."""
    out, err = process.communicate(stdin, timeout=120)
    return Done(status=process.returncode, out=(out or b"").decode(), err=(err or b"").decode())


@pytest.fixture
def own_process() -> Command:
    """Run ``auricle WORDS...`` in a process of its own."""

    def run(*words: object, stdin: bytes | None = None, **streams: object) -> Done:
        source = subprocess.DEVNULL if stdin is None else subprocess.PIPE
        return wait(start(*words, **{"stdin": source, **streams}), stdin)

    return run


@pytest.fixture(scope="session")
def model(tiny_set, tmp_path_factory) -> Path:
    """A model that can tell the tiny set's classes apart; beside it its split and log."""
    path = tmp_path_factory.mktemp("model") / "tiny.auricle"
    words = (*TINY, "--epochs", "10", "--patience", "0", "--batch-size", "6")
    cache = tmp_path_factory.getbasetemp() / "features"
    done = run_for_many("train", tiny_set, "-o", path, *words, "--learning-rate", "0.01",
                        "--cache", cache, cache=cache)  # fmt: skip
    assert done.status == 0, done.err
    return path
