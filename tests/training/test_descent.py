"""One step down the gradient."""

import pytest
import torch

from auricle.errors import TrainingError
from auricle.training.descent import descend


def model_and_optimizer():
    model = torch.nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[1.0, -2.0]]))
    return model, torch.optim.SGD(model.parameters(), lr=0.5)


def test_gradient_is_cut_to_a_norm_of_one_before_the_step():
    model, optimizer = model_and_optimizer()
    loss = (model.weight * torch.tensor([[30.0, 40.0]])).sum()
    assert descend(loss, model, optimizer) == pytest.approx(-50.0)
    wanted = torch.tensor([[1.0 - 0.5 * 0.6, -2.0 - 0.5 * 0.8]])
    torch.testing.assert_close(model.weight.detach(), wanted)


def test_small_gradient_is_taken_as_it_is_and_that_of_the_last_step_is_forgotten():
    model, optimizer = model_and_optimizer()
    for _ in range(2):
        descend((model.weight * torch.tensor([[0.1, 0.2]])).sum(), model, optimizer)
    torch.testing.assert_close(model.weight.detach(), torch.tensor([[0.9, -2.2]]))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_loss_that_is_no_number_is_refused_and_no_weight_moves(value):
    model, optimizer = model_and_optimizer()
    with pytest.raises(TrainingError, match="loss: expected a finite number"):
        descend(model.weight.sum() * value, model, optimizer)
    assert torch.equal(model.weight.detach(), torch.tensor([[1.0, -2.0]]))
