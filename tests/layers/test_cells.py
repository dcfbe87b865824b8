import copy

import pytest
import torch
from tests.recurrences import (
    CELLS,
    FORWARD,
    GRADIENT,
    gradients,
    made,
    random_state,
    relative_error,
    run_cell,
    run_reference,
)

from auricle.layers import Elman, Gru, LightGru, Lstm, MinGru

LEARNING = {
    "elman": lambda: Elman(5, 4, learn_initial_state=True),
    "lstm": lambda: Lstm(5, 4, projection_size=3, learn_initial_state=True),
    "gru": lambda: Gru(5, 4, learn_initial_state=True),
    "light_gru": lambda: LightGru(5, 4, learn_initial_state=True),
}


@pytest.mark.parametrize("frames", [1, 2, 37])
@pytest.mark.parametrize("name", CELLS)
def test_cell_equals_its_reference_forward_and_in_every_gradient(name, frames):
    cell = made(name)
    exact = copy.deepcopy(cell).double()
    x, state = torch.randn(3, frames, 5), random_state(cell, 3)
    outputs, grads = gradients(run_cell, cell, x, state)
    wide = type(state)(*(part.double() for part in state))
    true_outputs, true_grads = gradients(run_reference, exact, x.double(), wide)
    for ours, theirs in zip(outputs, true_outputs, strict=True):
        assert ours.shape == theirs.shape and relative_error(ours, theirs) <= FORWARD
    for ours, theirs in zip(grads, true_grads, strict=True):
        assert theirs.abs().max() > 0 and relative_error(ours, theirs) <= GRADIENT


@pytest.mark.parametrize("name", CELLS)
def test_gradients_agree_with_finite_differences(name):
    cell = made(name, dtype=torch.float64)
    names = [key for key, _ in cell.named_parameters()]
    state = random_state(cell, 2, dtype=torch.float64)
    x = torch.randn(2, 5, 5, dtype=torch.float64)

    def run(x, *rest):
        parts = len(state)
        values = dict(zip(names, rest[parts:], strict=True))
        arguments = (x, type(state)(*rest[:parts]))
        y, last = torch.func.functional_call(cell, values, arguments)
        return (y, *last)

    inputs = (x, *state, *(value.detach() for value in cell.parameters()))
    assert torch.autograd.gradcheck(run, [value.requires_grad_() for value in inputs])


@pytest.mark.parametrize("name", CELLS)
def test_order_in_a_batch_changes_no_gradient_and_no_output(name):
    cell = made(name)
    x, state = torch.randn(3, 6, 5), random_state(cell, 3)
    outputs, grads = gradients(run_cell, cell, x, state)
    swapped = type(state)(*(part.flip(0) for part in state))
    backwards, _ = run_cell(cell, x.flip(0), swapped)
    torch.testing.assert_close(backwards.flip(0), outputs[0], atol=1e-6, rtol=0)
    alone, _ = run_cell(cell, x[1:2], type(state)(*(part[1:2] for part in state)))
    torch.testing.assert_close(alone, outputs[0][1:2], atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", CELLS)
def test_gradients_do_not_depend_on_cuts(name):
    cell = made(name)
    x, state = torch.randn(2, 9, 5), random_state(cell, 2)

    def run_in_parts(cell, x, state):
        parts = []
        for piece in x.split([1, 0, 3, 5], dim=1):
            y, state = cell(piece, state)
            parts.append(y)
        return torch.cat(parts, dim=1), state

    for whole, cut in zip(
        gradients(run_cell, cell, x, state), gradients(run_in_parts, cell, x, state), strict=True
    ):
        torch.testing.assert_close(cut, whole, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", CELLS)
def test_cell_without_gradients_equals_cell_with(name):
    cell = made(name)
    x, state = torch.randn(2, 6, 5), random_state(cell, 2)
    with_tape = cell(x, state)
    assert with_tape[0].requires_grad
    with torch.inference_mode():
        without = cell(x, state)
    torch.testing.assert_close(without, with_tape, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", CELLS)
def test_cell_takes_strided_input(name):
    cell = made(name)
    x, state = torch.randn(6, 2, 5).transpose(0, 1), random_state(cell, 2)
    assert not x.is_contiguous()
    torch.testing.assert_close(cell(x, state), cell(x.contiguous(), state), atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", [*CELLS, "mingru"])
def test_cell_of_no_frames_keeps_its_state(name):
    cell = MinGru(5, 4) if name == "mingru" else made(name)
    full, state = cell(torch.randn(2, 5, 5), cell.initial_state(2))
    y, after = cell(torch.zeros(2, 0, 5), state)
    assert y.shape == (2, 0, full.shape[2])
    assert all(torch.equal(a, b) for a, b in zip(state, after, strict=True))


@pytest.mark.parametrize("name", [*CELLS, "mingru"])
def test_state_given_is_not_changed(name):
    cell = MinGru(5, 4) if name == "mingru" else made(name)
    state = cell.initial_state(1)
    copies = [part.clone() for part in state]
    cell(torch.randn(1, 5, 5), state)
    assert all(torch.equal(a, b) for a, b in zip(state, copies, strict=True))


@pytest.mark.parametrize("name", CELLS)
def test_state_dict_carries_the_cell_over(name, tmp_path):
    from safetensors.torch import load_file, save_file

    cell, other = made(name), made(name, seed=1)
    x = torch.randn(2, 6, 5)
    before = cell(x, cell.initial_state(2))
    assert not torch.allclose(other(x, other.initial_state(2))[0], before[0])
    save_file(cell.state_dict(), tmp_path / "cell.safetensors")
    other.load_state_dict(load_file(tmp_path / "cell.safetensors"))
    torch.testing.assert_close(other(x, other.initial_state(2)), before, atol=0, rtol=0)


@pytest.mark.parametrize("name", CELLS)
def test_initial_state_is_zero_and_not_in_the_file_unless_learnt(name):
    cell = made(name)
    assert not [key for key in cell.state_dict() if "initial" in key]
    assert all(part.shape[0] == 3 and not part.any() for part in cell.initial_state(3))


@pytest.mark.parametrize("name", LEARNING)
def test_learnt_initial_state_is_the_same_for_all_and_gets_a_gradient(name):
    torch.manual_seed(0)
    cell = LEARNING[name]()
    learnt = [value for key, value in cell.named_parameters() if "initial" in key]
    with torch.no_grad():
        for value in learnt:
            value.normal_()
    state = cell.initial_state(3)
    assert len(learnt) == len(state)
    for part, value in zip(state, learnt, strict=True):
        torch.testing.assert_close(part, value.detach().expand(3, -1), atol=0, rtol=0)
    y, _ = cell(torch.randn(3, 4, 5), state)
    y.square().sum().backward()
    assert all(value.grad.abs().max() > 0 for value in learnt)
    zero_frames, same = cell(torch.zeros(3, 0, 5), state)
    assert zero_frames.shape[1] == 0 and same is not None


def test_mingru_without_gradients_equals_mingru_with():
    cell, x = MinGru(4, 3), torch.randn(2, 6, 4)
    with_tape = cell(x, cell.initial_state(2))[0]
    assert with_tape.requires_grad
    with torch.inference_mode():
        without = cell(x, cell.initial_state(2))[0]
    torch.testing.assert_close(without, with_tape.detach(), atol=1e-6, rtol=0)
