"""Dropout by 16 random bits a value."""

import pytest
import torch

from auricle.layers import Dropout


@pytest.mark.parametrize("p", [0.05, 0.2, 0.5, 0.9])
def test_share_of_zeros_and_mean_are_those_asked_for(p):
    torch.manual_seed(0)
    x = torch.ones(100, 1001)
    y = Dropout(p)(x)
    deviation = (p * (1 - p) / x.numel()) ** 0.5
    assert abs(float((y == 0).float().mean()) - p) < 5 * deviation + 1e-5
    assert abs(float(y.mean()) - 1) < 5 * deviation / (1 - p) + 1e-5
    torch.testing.assert_close(
        y[y != 0], torch.full_like(y[y != 0], 1 / (1 - p)), rtol=1e-4, atol=0
    )


def test_every_value_is_dropped_as_often_and_neighbours_independently():
    torch.manual_seed(1)
    zeros = (Dropout(0.3)(torch.ones(20_000, 8)) == 0).double()
    assert (zeros.mean(dim=0) - 0.3).abs().max() < 5 * (0.21 / 20_000) ** 0.5
    assert (torch.corrcoef(zeros.T) - torch.eye(8)).abs().max() < 5 / 20_000**0.5


def test_gradient_passes_where_the_value_did():
    torch.manual_seed(2)
    x = torch.randn(3, 5, 7, requires_grad=True)
    y = Dropout(0.4)(x)
    (grad,) = torch.autograd.grad(y.sum(), x)
    assert torch.equal(grad == 0, y == 0)
    torch.testing.assert_close(grad * x, y)


def test_nothing_is_dropped_outside_training_or_with_none_to_drop():
    x = torch.randn(4, 4)
    assert torch.equal(Dropout(0.5).eval()(x), x) and torch.equal(Dropout(0.0)(x), x)


def test_the_same_seed_drops_the_same_values():
    x, kept = torch.randn(33, 5), []
    for _ in range(2):
        torch.manual_seed(3)
        kept.append(Dropout(0.5)(x))
    assert torch.equal(*kept)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_type_and_shape_are_kept(dtype):
    y = Dropout(0.5)(torch.ones(2, 3, 5, dtype=dtype))
    assert y.dtype == dtype and y.shape == (2, 3, 5)
