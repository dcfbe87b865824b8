"""Threads, and a device that is tried before it is trusted."""

import pytest
import torch

from auricle.errors import DeviceError
from auricle.training import devices
from auricle.training.devices import (
    check_device,
    check_products,
    choose_threads,
    open_device,
    set_threads,
)


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


class FakeMachine:
    """A clock that moves only when a step is taken, by what the step costs with these threads."""

    def __init__(self, costs):
        self.now, self.costs, self.used = 0.0, costs, []

    def clock(self):
        return self.now

    def step(self):
        self.used.append(torch.get_num_threads())
        self.now += self.costs[torch.get_num_threads()]


@pytest.mark.parametrize(
    ("costs", "chosen"),
    [({1: 0.02, 2: 0.011}, 2), ({1: 0.02, 2: 0.4}, 1), ({1: 0.02, 2: 0.0195}, 1)],
    ids=["two_are_quicker", "two_get_in_each_others_way", "two_are_hardly_worth_it"],
)
def test_threads_are_chosen_by_what_a_step_takes(costs, chosen):
    machine = FakeMachine(costs)
    torch.set_num_threads(2)
    assert choose_threads(2, step=machine.step, clock=machine.clock) == chosen
    assert torch.get_num_threads() == 2
    assert machine.used.count(2) == machine.used.count(1) - 1  # one to warm up, then in turn
    assert machine.now <= 1.0 + 2 * sum(costs.values())


def test_one_core_is_not_measured():
    def never():
        raise AssertionError("measured")

    assert choose_threads(1, step=never) == 1


def test_measuring_leaves_random_numbers_and_threads_alone():
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    set_threads(1)
    ticks = iter(tick / 20 for tick in range(1000))
    assert choose_threads(2, clock=lambda: next(ticks)) in (1, 2)
    assert torch.equal(torch.rand(4), expected) and torch.get_num_threads() == 1


def test_bfloat16_products_are_refused_where_the_processor_lacks_them(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True})
    check_products("float32", torch.device("cpu"))
    with pytest.raises(DeviceError, match="products: expected a processor with .*bfloat16"):
        check_products("bfloat16", torch.device("cpu"))
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    check_products("bfloat16", torch.device("cpu"))
