import pytest
import torch

from auricle.heads import ClassifyConfig, ClassifyHead, FrameScores, pool_clip


def head(pooling="attention"):
    torch.manual_seed(0)
    return ClassifyHead(ClassifyConfig(pooling=pooling), input_size=5, num_classes=3)


@pytest.mark.parametrize("pooling", ["mean", "attention"])
def test_every_step_is_a_posterior_with_a_weight(pooling):
    scores = head(pooling)(torch.randn(2, 7, 5))
    torch.testing.assert_close(scores.log_probs.exp().sum(dim=-1), torch.ones(2, 7))
    assert ((scores.weights > 0) & (scores.weights <= 1)).all()
    assert (scores.weights == 1).all() == (pooling == "mean")
    assert head(pooling)(torch.randn(2, 0, 5)).log_probs.shape == (2, 0, 3)


def test_each_step_looks_at_itself_alone():
    hidden = torch.randn(1, 7, 5)
    whole = head()(hidden)
    for t in range(7):
        one = head()(hidden[:, t : t + 1])
        torch.testing.assert_close(one.log_probs[:, 0], whole.log_probs[:, t])


def test_a_clip_whose_steps_all_count_for_nothing_still_has_an_answer():
    made, hidden = head(), torch.randn(1, 7, 5)
    with torch.no_grad():
        made.attend.weight.zero_()
        made.attend.bias.fill_(-500.0)
    log_probs = pool_clip(made(hidden), torch.ones(1, 7))
    torch.testing.assert_close(log_probs.exp().sum(), torch.tensor(1.0))
    evenly = pool_clip(FrameScores(made(hidden).log_probs, torch.ones(1, 7)), torch.ones(1, 7))
    torch.testing.assert_close(log_probs, evenly)


def test_pooling_is_the_weighted_mean_of_log_posteriors():
    log_probs = torch.randn(1, 4, 3).log_softmax(dim=-1)
    weights = torch.tensor([[0.5, 1.0, 0.25, 0.9]])
    mask = torch.tensor([[1.0, 1.0, 1.0, 0.0]])
    mean = (weights[0, :3, None] * log_probs[0, :3]).sum(dim=0) / 1.75
    ours = pool_clip(FrameScores(log_probs, weights), mask)
    torch.testing.assert_close(ours[0], mean.log_softmax(dim=0))


def test_temperature_divides_a_clips_logits():
    made, hidden = head(), torch.randn(2, 6, 5)
    before = pool_clip(made(hidden), torch.ones(2, 6))
    made.temperature.fill_(2.0)
    after = pool_clip(made(hidden), torch.ones(2, 6))
    torch.testing.assert_close(after, (before / 2).log_softmax(dim=-1), atol=1e-6, rtol=1e-5)
