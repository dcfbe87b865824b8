"""Sounds in turn, and the reference to compare with."""

import numpy as np
import pytest
from tests.dsp.sounds import KINDS, read, synthetic


@pytest.fixture(scope="module", params=KINDS)
def sound(request: pytest.FixtureRequest) -> tuple[np.ndarray, int]:
    """Each kind of sound in turn: samples and sample rate."""
    if request.param == "synthetic":
        return synthetic(), 22050
    return read(request.getfixturevalue("shared_data"), request.param)


@pytest.fixture(scope="session")
def librosa():
    return pytest.importorskip("librosa")
