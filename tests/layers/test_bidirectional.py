import jaxtyping
import pytest
import torch
from tests.recurrences import CELLS

from auricle.errors import ConfigError, ShapeError
from auricle.layers import Bidirectional, Gru, LightGru, Lstm, MinGru
from auricle.trunks import BidirectionalConfig, BidirectionalTrunk


def test_two_lstms_equal_torchs_bidirectional_one_on_padded_clips():
    torch.manual_seed(0)
    peer = torch.nn.LSTM(5, 4, batch_first=True, bidirectional=True)
    both = Bidirectional(Lstm(5, 4), Lstm(5, 4))
    weights = peer.state_dict()
    for cell, suffix in ((both.forwards, ""), (both.backwards, "_reverse")):
        cell.rnn.load_state_dict({name: weights[name + suffix] for name in cell.rnn.state_dict()})
    x, lengths = torch.randn(4, 9, 5), torch.tensor([9, 4, 1, 7])
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        x, lengths, batch_first=True, enforce_sorted=False
    )
    theirs, _ = torch.nn.utils.rnn.pad_packed_sequence(peer(packed)[0], batch_first=True)
    torch.testing.assert_close(both(x, lengths), theirs, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", CELLS)
def test_padding_is_not_read_and_nothing_is_said_there(name):
    torch.manual_seed(0)
    both = Bidirectional(CELLS[name](), MinGru(5, 4))
    assert not both.causal
    x, lengths = torch.randn(2, 9, 5), torch.tensor([9, 4])
    y = both(x, lengths)
    padded = x.clone()
    padded[1, 4:] = 50.0
    torch.testing.assert_close(both(padded, lengths), y, atol=0, rtol=0)
    assert not y[1, 4:].any()
    torch.testing.assert_close(both(x[1:, :4], lengths[1:]), y[1:, :4], atol=1e-6, rtol=0)


def test_first_frame_hears_the_last_and_the_first_half_does_not():
    torch.manual_seed(0)
    both = Bidirectional(Gru(5, 4), LightGru(5, 3))
    x, lengths = torch.randn(1, 9, 5), torch.tensor([9])
    later = x.clone()
    later[0, 8] += 1.0
    difference = (both(later, lengths) - both(x, lengths))[0, 0]
    assert not difference[:4].any() and difference[4:].abs().max() > 1e-6


@pytest.fixture
def as_users_run_it():
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.mark.parametrize("lengths", [[3, 0], [10, 3], [3, -1], [3], [3.0, 2.0]])
@pytest.mark.usefixtures("as_users_run_it")
def test_lengths_out_of_range_are_named(lengths):
    both = Bidirectional(Gru(5, 4), Gru(5, 4))
    trunk = BidirectionalTrunk(BidirectionalConfig(), input_size=64)
    for reads, width in ((both, 5), (trunk, 64)):
        with pytest.raises(ShapeError, match="lengths: expected 2 lengths of 1 to 9 frames, got"):
            reads(torch.zeros(2, 9, width), torch.tensor(lengths))


def test_something_that_is_no_causal_cell_is_named():
    with pytest.raises(ConfigError, match="backwards: expected a causal cell, got Linear"):
        Bidirectional(Gru(5, 4), torch.nn.Linear(5, 4))
    with pytest.raises(ConfigError, match="forwards: expected a causal cell, got Bidirectional"):
        Bidirectional(Bidirectional(Gru(5, 4), Gru(5, 4)), Gru(8, 4))
