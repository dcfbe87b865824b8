"""What several test modules share."""

import os
from pathlib import Path

import pytest
from tests.tiny_set import write_tiny_set

if "PYTEST_XDIST_WORKER" in os.environ:  # one of several processes: each takes one core
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings, which the project reads and never commits."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("AURICLE_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"real recordings are not at {folder}; AURICLE_DATA names another place")
    return folder


@pytest.fixture(scope="session")
def tiny_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty half-second clips of three classes; read only."""
    return write_tiny_set(tmp_path_factory.mktemp("tiny") / "sounds")
