import pytest
import torch
from tests.recurrences import TORCH_ATOL

from auricle.ops.elman import elman_reference, tanh_weights_of_sigmoid


def inputs(*, dtype=torch.float32):
    torch.manual_seed(0)
    shapes = {"weight_xh": (4, 3), "weight_hh": (4, 4), "bias_h": (4,)}
    weights = {name: torch.randn(shape, dtype=dtype) for name, shape in shapes.items()}
    return torch.randn(2, 17, 3, dtype=dtype), torch.rand(2, 4, dtype=dtype), weights


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_reference_equals_torch_with_its_weights(activation):
    rnn = torch.nn.RNN(3, 4, nonlinearity=activation, batch_first=True)
    x, h, _ = inputs()
    theirs, last = rnn(x, h[None])
    ours, state = elman_reference(
        x,
        h,
        weight_xh=rnn.weight_ih_l0,
        weight_hh=rnn.weight_hh_l0,
        bias_h=rnn.bias_ih_l0 + rnn.bias_hh_l0,
        activation=activation,
    )
    torch.testing.assert_close(ours, theirs, atol=TORCH_ATOL, rtol=0)
    torch.testing.assert_close(state, last[0], atol=TORCH_ATOL, rtol=0)


def test_sigmoid_reference_equals_its_equation_unit_by_unit():
    x, h, weights = inputs(dtype=torch.float64)
    y, _ = elman_reference(x, h, **weights, activation="sigmoid")
    w_x, w_h, b = (weights[name].tolist() for name in ("weight_xh", "weight_hh", "bias_h"))
    memory = h[1].tolist()
    for x_t, y_t in zip(x[1].tolist(), y[1], strict=True):
        sums = [
            sum(w * m for w, m in zip(w_h[k], memory, strict=True))
            + sum(w * v for w, v in zip(w_x[k], x_t, strict=True))
            + b[k]
            for k in range(4)
        ]
        memory = [1 / (1 + 2.718281828459045**-a) for a in sums]
        torch.testing.assert_close(y_t, torch.tensor(memory, dtype=torch.float64))


def test_sigmoid_written_as_tanh_is_the_same_recurrence():
    x, h, weights = inputs(dtype=torch.float64)
    y, _ = elman_reference(x, h, **weights, activation="sigmoid")
    rewritten = tanh_weights_of_sigmoid(
        weights["weight_xh"], weights["weight_hh"], bias_h=weights["bias_h"]
    )
    g, _ = elman_reference(x, 2 * h - 1, **rewritten._asdict(), activation="tanh")
    torch.testing.assert_close((1 + g) / 2, y, atol=1e-14, rtol=0)


def test_no_frames_give_the_state_back():
    x, h, weights = inputs()
    y, last = elman_reference(x[:, :0], h, **weights)
    assert y.shape == (2, 0, 4) and last is h
