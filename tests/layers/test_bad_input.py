"""Each wrong call to a cell gives one clear error."""

import jaxtyping
import pytest
import torch
from tests.recurrences import CELLS, made

from auricle.errors import ConfigError, ShapeError, StateError
from auricle.layers import Elman, Gru, LightGru, Lstm


@pytest.fixture(autouse=True)
def as_users_run_it():
    """Without the shape checks of the test run, which would speak first."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.mark.parametrize("name", CELLS)
def test_wrong_feature_count_and_rank_are_named(name):
    cell = made(name)
    state = cell.initial_state(2)
    rule = r"x: expected \[batch, frames, features = 5\], got \[2, 7, 6\]\. The last axis"
    with pytest.raises(ShapeError, match=rule):
        cell(torch.zeros(2, 7, 6), state)
    with pytest.raises(ShapeError, match=r"x: expected .*, got \[2, 5\]"):
        cell(torch.zeros(2, 5), state)


@pytest.mark.parametrize("name", CELLS)
def test_wrong_state_shape_is_named(name):
    cell = made(name)
    for wrong in (cell.initial_state(3), type(cell.initial_state(2))(*wider(cell))):
        with pytest.raises(StateError, match=r"state: expected \[batch = 2, \d\] in float32, got"):
            cell(torch.zeros(2, 7, 5), wrong)


def wider(cell):
    return [torch.zeros(2, part.shape[1] + 1) for part in cell.initial_state(2)]


@pytest.mark.parametrize("name", CELLS)
def test_state_of_another_cell_is_named(name):
    cell = made(name)
    own = type(cell.initial_state(1))
    states = [made(other).initial_state(2) for other in ("elman", "lstm", "gru", "light_gru")]
    foreign = [state for state in states if not isinstance(state, own)]
    assert len(foreign) == 3
    for state in foreign:
        rule = f"state: expected a {own.__name__}, got a {type(state).__name__}"
        with pytest.raises(StateError, match=rule):
            cell(torch.zeros(2, 7, 5), state)


@pytest.mark.parametrize("name", CELLS)
def test_plain_tensor_or_nothing_as_a_state_is_named(name):
    for wrong in (torch.zeros(2, 4), None):
        with pytest.raises(StateError, match="state: expected a "):
            made(name)(torch.zeros(2, 7, 5), wrong)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("name", CELLS)
def test_other_precision_than_the_weights_is_named(name, dtype):
    cell = made(name)
    state = cell.initial_state(2)
    with pytest.raises(ShapeError, match="x: expected float32, as the weights, got"):
        cell(torch.zeros(2, 7, 5, dtype=dtype), state)
    with pytest.raises(StateError, match="in float32, got"):
        cell(torch.zeros(2, 7, 5), type(state)(*(part.to(dtype) for part in state)))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", CELLS)
def test_half_precision_runs_where_the_whole_cell_is_in_it(name, dtype):
    cell = made(name)
    x, state = torch.randn(2, 7, 5), cell.initial_state(2)
    exact, _ = cell(x, state)
    cell = cell.to(dtype)
    y, last = cell(x.to(dtype), cell.initial_state(2))
    assert y.dtype == dtype and all(part.dtype == dtype for part in last)
    torch.testing.assert_close(y.float(), exact, atol=0.1, rtol=0.1)
    y.float().sum().backward()
    assert all(torch.isfinite(value.grad).all() for value in cell.parameters())


@pytest.mark.parametrize("name", CELLS)
def test_autocast_may_hand_over_lower_precision(name):
    cell = made(name)
    x, state = torch.randn(2, 7, 5), cell.initial_state(2)
    exact, _ = cell(x, state)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        first, state = cell(x[:, :3].bfloat16(), state)
        second, state = cell(x[:, 3:].bfloat16(), state)  # whatever dtype it came back in
        lower, _ = cell(x[:, :1], type(state)(*(part.bfloat16() for part in state)))
    assert lower.isfinite().all()
    y = torch.cat([first, second], dim=1)
    y.float().sum().backward()
    torch.testing.assert_close(y.float(), exact, atol=0.1, rtol=0.1)
    assert all(torch.isfinite(value.grad).all() for value in cell.parameters())


@pytest.mark.parametrize("make", [Elman, Lstm, Gru, LightGru])
@pytest.mark.parametrize("sizes", [(0, 4), (4, 0), (-1, 4)])
def test_sizes_below_one_are_named(make, sizes):
    with pytest.raises(ConfigError, match=r"(input|hidden)_size: expected >= 1, got"):
        make(*sizes)


@pytest.mark.parametrize("projection", [0, 4, 5, -1])
def test_projection_that_is_no_projection_is_named(projection):
    with pytest.raises(ConfigError, match="projection_size: expected 0 < projection_size < "):
        Lstm(3, 4, projection_size=projection)


def test_output_size_below_one_is_named():
    with pytest.raises(ConfigError, match="output_size: expected >= 1, got 0"):
        Elman(3, 4, output_size=0)
