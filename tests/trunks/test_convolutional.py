"""The time-delay network and WaveNet's stack: equations, reach, and a state that does not grow."""

from dataclasses import replace

import jaxtyping
import pytest
import torch
from tests.tiny import TDNN, TRUNK, WAVENET, tiny_config, tiny_model
from torch.nn.functional import conv1d, pad

from auricle.errors import ConfigError, ShapeError, StateError
from auricle.trunks import (
    RecurrentTrunk,
    TdnnConfig,
    TdnnTrunk,
    WaveNetConfig,
    WaveNetTrunk,
)

TRUNKS = {
    "tdnn": lambda: TdnnTrunk(TDNN, input_size=12),
    "tdnn_default": lambda: TdnnTrunk(TdnnConfig(), input_size=12),
    "wavenet": lambda: WaveNetTrunk(WAVENET, input_size=12),
    "wavenet_default": lambda: WaveNetTrunk(WaveNetConfig(), input_size=12),
}


def made(name):
    torch.manual_seed(0)
    trunk = TRUNKS[name]().eval()
    for module in trunk.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 2.0)
    return trunk


def test_tdnn_equals_its_equation():
    trunk, x = made("tdnn"), torch.randn(2, 21, 12)
    y, _ = trunk(x, trunk.initial_state(2))
    shapes = zip(TDNN.kernels, TDNN.dilations, TDNN.strides, trunk.layers, strict=True)
    for kernel, dilation, stride, layer in shapes:
        padded = pad(x.transpose(1, 2), ((kernel - 1) * dilation, 0))
        summed = conv1d(padded, layer.conv.conv.weight, stride=stride, dilation=dilation)
        norm = layer.norm
        scaled = (summed - norm.running_mean[:, None]) / (norm.running_var[:, None] + 1e-5).sqrt()
        x = torch.relu(scaled * norm.weight[:, None] + norm.bias[:, None]).transpose(1, 2)
    torch.testing.assert_close(y, x, atol=1e-5, rtol=0)


def test_wavenet_equals_its_equation():
    trunk, x = made("wavenet"), torch.randn(2, 21, 12)
    y, _ = trunk(x, trunk.initial_state(2))
    first, stride = trunk.first.conv, WAVENET.stride
    hidden = conv1d(pad(x.transpose(1, 2), (stride, 0)), first.weight, first.bias, stride=stride)
    width, total = WAVENET.residual_channels, 0
    for dilation, layer in zip(WAVENET.dilations, trunk.layers, strict=True):
        padded = pad(hidden, ((WAVENET.kernel - 1) * dilation, 0))
        weight, bias = layer.conv.conv.weight, layer.conv.conv.bias
        f = conv1d(padded, weight[:width], bias[:width], dilation=dilation)
        g = conv1d(padded, weight[width:], bias[width:], dilation=dilation)
        out = layer.out.weight @ (f.tanh() * g.sigmoid()) + layer.out.bias[:, None]
        hidden, total = hidden + out[:, :width], total + out[:, width:]
    expected = trunk.norm(torch.relu(trunk.out(torch.relu(total).transpose(1, 2))))
    torch.testing.assert_close(y, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", TRUNKS)
def test_an_output_hears_exactly_its_context(name):
    trunk = made(name).double()
    context, stride = trunk.config.context, trunk.stride
    frames = (context // stride + 3) * stride + 1
    x = torch.randn(1, frames, 12, dtype=torch.float64, requires_grad=True)
    y, _ = trunk(x, trunk.initial_state(1))
    assert y.shape == (1, -(-frames // stride), trunk.output_size)
    (heard,) = torch.autograd.grad((y[0, -1] * torch.randn_like(y[0, -1])).sum(), x)
    reached = heard[0].abs().sum(dim=1).nonzero()[:, 0]
    assert reached.min() == frames - context and reached.max() == frames - 1


@pytest.mark.parametrize("name", TRUNKS)
def test_state_does_not_grow(name):
    trunk = made(name)
    state = trunk.initial_state(1)
    sizes = []
    for frames in (*[1] * 40, 500, *[1] * 40):
        _, state = trunk(torch.randn(1, frames, 12), state)
        sizes.append(sum(leaf.numel() for leaf in leaves(state)))
    first = sum(leaf.numel() for leaf in leaves(trunk.initial_state(1)))
    assert max(sizes) <= first


def leaves(state):
    if isinstance(state, tuple):
        return [leaf for part in state for leaf in leaves(part)]
    return [state]


@pytest.mark.parametrize("name", TRUNKS)
def test_every_parameter_gets_a_gradient(name):
    trunk = made(name).train()
    y, _ = trunk(torch.randn(4, 60, 12), trunk.initial_state(4))
    (y * torch.randn_like(y)).sum().backward()
    for key, parameter in trunk.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().max() > 0, key


@pytest.mark.parametrize("trunk", [TDNN, WAVENET], ids=["tdnn", "wavenet"])
def test_padding_and_batch_order_do_not_change_a_clips_answer(trunk):
    model = tiny_model(config=replace(tiny_config(), trunk=trunk))
    clips = [torch.randn(frames, 12) for frames in (40, 9, 23, 1)]

    def answers(clips, *, extra, pad):
        lengths = torch.tensor([len(clip) for clip in clips])
        batch = torch.full((len(clips), int(lengths.max()) + extra, 12), pad)
        for row, clip in zip(batch, clips, strict=True):
            row[: len(clip)] = clip
        with torch.inference_mode():
            return model.score_clips(batch, lengths)[2].exp()

    alone = torch.cat([answers([clip], extra=0, pad=0.0) for clip in clips])
    torch.testing.assert_close(answers(clips, extra=7, pad=9.0), alone, atol=1e-5, rtol=0)
    backwards = answers(clips[::-1], extra=0, pad=0.0).flip(0)
    torch.testing.assert_close(backwards, alone, atol=1e-5, rtol=0)


def test_wrong_input_and_foreign_states_are_named():
    trunks = [made("tdnn"), made("wavenet"), RecurrentTrunk(TRUNK, input_size=12).eval()]
    jaxtyping.config.update("jaxtyping_disable", True)
    try:
        for trunk in trunks:
            own = trunk.initial_state(2)
            with pytest.raises(ShapeError, match=r"x: expected \[batch, frames, features = 12\]"):
                trunk(torch.zeros(2, 5, 13), own)
            with pytest.raises(ShapeError, match="x: expected float32"):
                trunk(torch.zeros(2, 5, 12, dtype=torch.float16), own)
            with pytest.raises(StateError, match="state: expected"):
                trunk(torch.zeros(2, 5, 12), trunk.initial_state(3))
            for other in trunks:
                if other is not trunk:
                    rule = f"state: expected a {type(own).__name__}, got a "
                    with pytest.raises(StateError, match=rule):
                        trunk(torch.zeros(2, 5, 12), other.initial_state(2))
        deeper = RecurrentTrunk(replace(TRUNK, num_layers=3), input_size=12)
        with pytest.raises(StateError, match="one part for each of 4 layers, got 5 parts"):
            trunks[2](torch.zeros(2, 5, 12), deeper.initial_state(2))
    finally:
        jaxtyping.config.update("jaxtyping_disable", False)


@pytest.mark.parametrize("name", TRUNKS)
def test_trunk_trains_and_goes_on_under_autocast(name):
    trunk, x = made(name), torch.randn(2, 40, 12)
    exact, _ = trunk(x, trunk.initial_state(2))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        first, state = trunk(x[:, :24], trunk.initial_state(2))
        second, _ = trunk(x[:, 24:], state)
    y = torch.cat([first, second], dim=1).float()
    y.sum().backward()
    torch.testing.assert_close(y, exact, atol=0.1, rtol=0.1)


def test_settings_out_of_range_are_named():
    for bad in ({"channels": (8,)}, {"kernels": (5, 3, 3, 1, 0)}, {"dropout": 1.0}):
        with pytest.raises(ConfigError, match="channels, kernels, dilations, strides, dropout"):
            TdnnConfig(**bad)
    for bad in ({"dilations": ()}, {"kernel": 1}, {"stride": 0}, {"skip_channels": 0}):
        with pytest.raises(ConfigError, match="residual_channels, skip_channels, stride"):
            WaveNetConfig(**bad)
    with pytest.raises(ConfigError, match="stride: expected stride <="):
        TdnnTrunk(TdnnConfig(strides=(2, 2, 1, 1, 2)), input_size=12)
