"""Threads, and a device that is tried before it is trusted."""

import pytest
import torch

from auricle.errors import DeviceError
from auricle.training import devices
from auricle.training.devices import check_device, open_device, set_threads


@pytest.fixture(autouse=True)
def keep_threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_the_processor_is_always_there_and_right():
    assert open_device("cpu") == torch.device("cpu")
    assert check_device(torch.device("cpu")) <= 1e-5


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused_with_the_remedy(name, monkeypatch):
    backend = torch.cuda if name == "cuda" else torch.backends.mps
    monkeypatch.setattr(backend, "is_available", lambda: False)
    with pytest.raises(DeviceError, match=f"got {name}. Use --device cpu"):
        open_device(name)


@pytest.mark.parametrize("error", [1e-3, float("nan")])
def test_a_device_that_computes_wrongly_is_refused(monkeypatch, error):
    real, calls = devices._run, []

    def wrong(kind, gates, device):
        calls.append(kind)
        result = real(kind, gates, torch.device("cpu"))
        return [part + error for part in result] if len(calls) == 1 else result

    monkeypatch.setattr(devices, "_run", wrong)
    with pytest.raises(DeviceError, match="computes wrongly"):
        check_device(torch.device("cpu"))


def test_a_wrong_recurrence_of_another_kind_is_caught_too(monkeypatch):
    real = devices._run

    def wrong(kind, gates, device):
        result = real(kind, gates, torch.device("cpu"))
        return [part * 1.01 for part in result] if kind == "gru" and device != "truth" else result

    calls = iter([torch.device("cpu"), "truth"] * 2)
    monkeypatch.setattr(devices, "_run", lambda kind, gates, _: wrong(kind, gates, next(calls)))
    with pytest.raises(DeviceError, match="computes wrongly"):
        check_device(torch.device("cpu"))


def test_threads_are_set_when_given():
    assert set_threads(1) == 1 == torch.get_num_threads()
    assert set_threads(2) == 2 and set_threads(None) == 2
