"""Cells equal torch.nn's recurrent modules when they hold the same weights."""

import pytest
import torch
from tests.recurrences import TORCH_ATOL

from auricle.layers import Elman, Gru, Lstm

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")  # of torch
PEERS = {
    "elman": (lambda: Elman(5, 4), lambda: torch.nn.RNN(5, 4, batch_first=True)),
    "elman_relu": (
        lambda: Elman(5, 4, activation="relu"),
        lambda: torch.nn.RNN(5, 4, nonlinearity="relu", batch_first=True),
    ),
    "gru": (lambda: Gru(5, 4), lambda: torch.nn.GRU(5, 4, batch_first=True)),
    "lstm": (lambda: Lstm(5, 4), lambda: torch.nn.LSTM(5, 4, batch_first=True)),
    "lstm_no_peepholes": (
        lambda: Lstm(5, 4, peepholes=True),  # which are zero at first
        lambda: torch.nn.LSTM(5, 4, batch_first=True),
    ),
    "lstm_projected": (
        lambda: Lstm(5, 4, projection_size=3),
        lambda: torch.nn.LSTM(5, 4, proj_size=3, batch_first=True),
    ),
}


@pytest.mark.parametrize("name", PEERS)
def test_cell_equals_torch_with_copied_weights(name):
    torch.manual_seed(0)
    cell, peer = (make() for make in PEERS[name])
    cell.rnn.load_state_dict(peer.state_dict())
    x, state = torch.randn(3, 33, 5), cell.initial_state(3)
    state = type(state)(*(torch.randn_like(part) for part in state))
    theirs = peer(x, tuple(part[None] for part in state) if len(state) > 1 else state.h[None])
    ours, last = cell(x, state)
    torch.testing.assert_close(ours, theirs[0], atol=TORCH_ATOL, rtol=0)
    finals = theirs[1] if len(state) > 1 else (theirs[1],)
    for part, final in zip(last, finals, strict=True):
        torch.testing.assert_close(part, final[0], atol=TORCH_ATOL, rtol=0)


@pytest.mark.parametrize("name", PEERS)
def test_gradients_equal_torchs(name):
    torch.manual_seed(1)
    cell, peer = (make() for make in PEERS[name])
    cell.rnn.load_state_dict(peer.state_dict())
    x, weights = torch.randn(3, 33, 5), torch.randn(3, 33, cell.output_size)
    (cell(x, cell.initial_state(3))[0] * weights).sum().backward()
    (peer(x)[0] * weights).sum().backward()
    for ours, theirs in zip(cell.rnn.parameters(), peer.parameters(), strict=True):
        scale = theirs.grad.abs().max()
        torch.testing.assert_close(ours.grad / scale, theirs.grad / scale, atol=1e-6, rtol=0)
