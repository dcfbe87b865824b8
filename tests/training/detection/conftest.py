"""What the tests of detectors' training share."""

import pytest

from auricle.training.detection import pipeline


@pytest.fixture(autouse=True)
def short_identity(monkeypatch):
    """Two seconds, which hold several events, are enough to compare pushes on."""
    monkeypatch.setattr(pipeline, "_IDENTITY_S", 2.0)
