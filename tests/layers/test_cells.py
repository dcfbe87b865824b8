import pytest
import torch

from auricle.layers import Lstm, MinGru, TorchCell

MAKERS = {
    "mingru": lambda: MinGru(4, 3),
    "gru": lambda: TorchCell("gru", 4, 3),
    "elman": lambda: TorchCell("elman", 4, 3),
    "lstm": lambda: Lstm(4, 3),
}


def made(name):
    torch.manual_seed(0)
    return MAKERS[name]().double()


def by_equation(name, cell, x):
    """One clip, frame by frame, as the cell's own text says."""
    h = c = torch.zeros(3, dtype=x.dtype)
    rows = []
    for x_t in x:
        if name == "mingru":
            z, candidate = (cell.gates.weight @ x_t + cell.gates.bias).chunk(2)
            h = (1 - torch.sigmoid(z)) * h + torch.sigmoid(z) * candidate
            rows.append(h)
            continue
        rnn = cell.rnn
        of_x = rnn.weight_ih_l0 @ x_t + rnn.bias_ih_l0
        of_h = rnn.weight_hh_l0 @ h + rnn.bias_hh_l0
        if name == "elman":
            h = torch.tanh(of_x + of_h)
        elif name == "gru":
            (r_x, z_x, n_x), (r_h, z_h, n_h) = of_x.chunk(3), of_h.chunk(3)
            z = torch.sigmoid(z_x + z_h)
            h = (1 - z) * torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h) + z * h
        else:
            i, f, g, o = (of_x + of_h).chunk(4)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        rows.append(h)
    return torch.stack(rows)


@pytest.mark.parametrize("name", MAKERS)
def test_cell_equals_its_equation(name):
    cell, x = made(name), torch.randn(1, 9, 4, dtype=torch.float64)
    y, state = cell(x, cell.initial_state(1))
    torch.testing.assert_close(y[0], by_equation(name, cell, x[0]))
    torch.testing.assert_close(state.h[0], y[0, -1])


@pytest.mark.parametrize("name", MAKERS)
def test_cell_of_no_frames_keeps_its_state(name):
    cell = made(name)
    _, state = cell(torch.randn(2, 5, 4, dtype=torch.float64), cell.initial_state(2))
    y, after = cell(torch.zeros(2, 0, 4, dtype=torch.float64), state)
    assert y.shape == (2, 0, 3)
    assert all(torch.equal(a, b) for a, b in zip(state, after, strict=True))


@pytest.mark.parametrize("name", MAKERS)
def test_state_given_is_not_changed(name):
    cell = made(name)
    state = cell.initial_state(1)
    copies = [part.clone() for part in state]
    cell(torch.randn(1, 5, 4, dtype=torch.float64), state)
    assert all(torch.equal(a, b) for a, b in zip(state, copies, strict=True))


def test_mingru_without_gradients_equals_mingru_with():
    cell, x = MinGru(4, 3), torch.randn(2, 6, 4)
    with_tape = cell(x, cell.initial_state(2))[0]
    assert with_tape.requires_grad
    with torch.inference_mode():
        without = cell(x, cell.initial_state(2))[0]
    torch.testing.assert_close(without, with_tape.detach(), atol=1e-6, rtol=0)
