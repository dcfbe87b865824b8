"""The command line in this process, and a model that was trained by it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from auricle.cli import main
from tests.tiny_set import TINY


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


@pytest.fixture(scope="session")
def model(tiny_set, tmp_path_factory) -> Path:
    """A model that can tell the tiny set's classes apart; beside it its split and log."""
    path = tmp_path_factory.mktemp("model") / "tiny.auricle"
    cache = tmp_path_factory.getbasetemp() / "features"
    words = ("train", str(tiny_set), "-o", str(path), *TINY, "--epochs", "10", "--patience", "0")
    with pytest.raises(SystemExit) as caught:
        main([*words, "--batch-size", "6", "--learning-rate", "0.01", "--cache", str(cache)])
    assert not caught.value.code
    return path
