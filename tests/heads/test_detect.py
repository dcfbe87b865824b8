import pytest
import torch

from auricle.errors import ConfigError
from auricle.heads import DetectConfig, DetectHead, FrameScores, pool_tags


def head(**settings):
    torch.manual_seed(0)
    return DetectHead(DetectConfig(**settings), input_size=6, num_classes=3, answers=2)


def test_single_labels_give_a_distribution_over_classes_and_none():
    scores = head()(torch.randn(2, 5, 6))
    assert scores.log_probs.shape == (2, 10, 4)
    torch.testing.assert_close(scores.log_probs.exp().sum(dim=2), torch.ones(2, 10))


def test_multi_labels_are_probabilities_of_their_own_that_begin_rare():
    scores = head(labels="multi")(torch.zeros(1, 4, 6))
    torch.testing.assert_close(scores.log_probs.exp(), torch.full((1, 8, 3), 0.01))


def test_each_step_gives_the_answers_of_its_hops_in_order():
    one = head()
    hidden = torch.randn(1, 3, 6)
    scores = one(hidden).log_probs[0]
    logits = one.classify(hidden[0, 1]).view(2, 4).log_softmax(dim=1)
    torch.testing.assert_close(scores[2:4], logits)


def test_temperature_divides_the_logits():
    one = head()
    hidden = torch.randn(1, 3, 6)
    before = one.logits(hidden)
    one.temperature.fill_(2.0)
    torch.testing.assert_close(one.logits(hidden), before / 2)


@pytest.mark.parametrize("lookahead_ms", [-1.0, 20_000.0])
def test_a_look_ahead_out_of_range_is_refused(lookahead_ms):
    with pytest.raises(ConfigError, match="lookahead_ms: expected 0 to 10000"):
        DetectConfig(lookahead_ms=lookahead_ms)


def test_look_ahead_is_told_in_hops():
    assert DetectConfig(lookahead_ms=80.0).lookahead_hops(200.0) == 16


def clip_scores():
    probs = torch.tensor([[[0.1, 0.9], [0.5, 0.2], [0.99, 0.99]]])
    return FrameScores(probs.log(), torch.tensor([[1.0, 3.0, 1.0]]))


def test_max_pooling_takes_the_greatest_hop_of_the_clip():
    mask = torch.tensor([[1.0, 1.0, 0.0]])
    pooled = pool_tags(clip_scores(), mask, pooling="max")
    torch.testing.assert_close(pooled, torch.tensor([[0.5, 0.9]]))


def test_attention_pooling_weighs_the_hops_of_the_clip():
    mask = torch.tensor([[1.0, 1.0, 0.0]])
    pooled = pool_tags(clip_scores(), mask, pooling="attention")
    torch.testing.assert_close(pooled, torch.tensor([[(0.1 + 1.5) / 4, (0.9 + 0.6) / 4]]))
