from dataclasses import replace
from typing import get_args

import pytest
import torch
from tests.tiny import TRUNK

from auricle.errors import ConfigError
from auricle.models import preset
from auricle.training.config import CellName
from auricle.trunks import (
    BidirectionalConfig,
    BidirectionalTrunk,
    CellKind,
    RecurrentConfig,
    RecurrentTrunk,
)

KINDS = get_args(CellKind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strides", [(1, 1), (2, 1), (2, 3)])
def test_one_output_a_stride(kind, strides):
    config = replace(TRUNK, kind=kind, stem_strides=strides)
    trunk = RecurrentTrunk(config, input_size=12).eval()
    assert trunk.causal and trunk.stride == config.stride == strides[0] * strides[1]
    for frames in (0, 1, trunk.stride, trunk.stride + 1, 13):
        y, _ = trunk(torch.randn(2, frames, 12), trunk.initial_state(2))
        assert y.shape == (2, -(-frames // trunk.stride), trunk.output_size)


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_gets_a_gradient(kind):
    trunk = RecurrentTrunk(replace(TRUNK, kind=kind), input_size=12)
    y, _ = trunk(torch.randn(2, 20, 12), trunk.initial_state(2))
    (y * torch.randn_like(y)).sum().backward()
    for name, parameter in trunk.named_parameters():
        assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().max() > 0, name


@pytest.mark.parametrize("kind", ["bilstm", "bigru"])
def test_bidirectional_trunk_reads_both_ways_and_not_the_padding(kind):
    torch.manual_seed(0)
    trunk = BidirectionalTrunk(BidirectionalConfig(kind=kind, stem=TRUNK), input_size=12).eval()
    assert not trunk.causal
    x, lengths = torch.randn(2, 20, 12), torch.tensor([20, 9])
    before = trunk(x, lengths)
    assert before.shape == (2, 10, trunk.output_size)
    padded, later = x.clone(), x.clone()
    padded[1, 9:] = 50.0
    later[0, 15:] = 0.0
    steps = 5
    torch.testing.assert_close(trunk(padded, lengths)[1, :steps], before[1, :steps])
    assert (trunk(later, lengths)[0, 0] - before[0, 0]).abs().max() > 1e-4


@pytest.mark.parametrize("name", ["tiny", "small", "base"])
def test_presets_build_with_any_part_replaced(name):
    config = preset(name, kind="gru", hidden_size=8, num_layers=1, dropout=0.0)
    assert (config.kind, config.hidden_size, config.num_layers, config.dropout) == ("gru", 8, 1, 0)
    assert RecurrentTrunk(config, input_size=64).output_size == 8


def test_settings_out_of_range_are_named():
    for bad in ({"stem_strides": (1,)}, {"hidden_size": 0}, {"num_layers": 0}):
        with pytest.raises(ConfigError, match="stem_channels, stem_strides, hidden_size"):
            RecurrentConfig(**bad)
    for bad in ({"dropout": 1.0}, {"stem_strides": (1, 4, 1, 1)}):
        with pytest.raises(ConfigError, match="dropout, stem_strides: expected"):
            RecurrentConfig(**bad)


def test_every_cell_can_be_trained_by_its_name():
    assert get_args(CellName) == KINDS


def test_projection_in_training_equals_that_of_listening_forward_and_gradients():
    trunk = RecurrentTrunk(RecurrentConfig(stem_channels=(4, 6), stem_strides=(2, 1)), input_size=9)
    generator = torch.Generator().manual_seed(5)
    maps = torch.randn(2, 7, 3, 6, generator=generator).permute(0, 3, 1, 2).requires_grad_()
    assert maps.is_contiguous(memory_format=torch.channels_last)
    results = []
    for training in (True, False):
        hidden = trunk.train(training)._project(maps)
        weights = (maps, *trunk.project.parameters())
        results.append((hidden, *torch.autograd.grad(hidden.square().sum(), weights)))
    for ours, truth in zip(*results, strict=True):
        torch.testing.assert_close(ours, truth, rtol=1e-5, atol=1e-5)
