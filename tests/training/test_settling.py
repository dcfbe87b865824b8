"""Norms that are settled, and code that is loaded beforehand: neither changes a run."""

import copy
from contextlib import nullcontext

import torch

from auricle.features import log_mel_for
from auricle.features.augment import Batch
from auricle.models import Model, ModelConfig, preset
from auricle.training import settling, warming
from auricle.training.config import TrainConfig


def model_of(name: str) -> Model:
    torch.manual_seed(0)
    front_end = log_mel_for(8000, n_mels=16)
    return Model(ModelConfig(classes=("a", "b"), front_end=front_end, trunk=preset(name)))


def test_a_pass_that_ends_at_the_last_norm_settles_all_as_a_whole_one(monkeypatch):
    model = model_of("base")
    whole, calls = copy.deepcopy(model), []
    norms = [part for part in model.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    assert len(norms) > 1
    batches = [
        Batch(torch.randn(3, 40, 16) - 5, torch.tensor([40, 39, 37]), torch.eye(2)[[0, 1, 0]]),
        Batch(torch.randn(1, 90, 16) - 4, torch.tensor([90]), torch.eye(2)[[0]]),
    ]
    model.head.register_forward_hook(lambda *_: calls.append("head"))
    settling.settle_norms(model, batches)
    assert not calls and not any(norm.training or norm._forward_hooks for norm in norms)
    monkeypatch.setattr(settling, "_ends_when_heard", lambda norms: nullcontext())
    settling.settle_norms(whole, batches)
    for name, value in whole.state_dict().items():
        assert torch.equal(model.state_dict()[name], value), name
    model.score_clips(batches[0].frames, batches[0].lengths)
    assert calls == ["head"]


def test_warming_takes_a_step_of_a_copy_and_draws_no_random_number(monkeypatch):
    monkeypatch.setattr(warming, "_done", set())
    stepped, real = [], torch.optim.AdamW.step
    monkeypatch.setattr(
        torch.optim.AdamW, "step", lambda self: (stepped.append(self), real(self))[1]
    )
    model = model_of("tiny")
    before, random = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    thread = warming.begin_to_warm(model, TrainConfig())
    assert thread is not None
    thread.join()
    assert len(stepped) == 1 and torch.equal(torch.get_rng_state(), random)
    for name, value in before.items():
        assert torch.equal(model.state_dict()[name], value), name
    assert all(p.grad is None for p in model.parameters()) and model.training
    assert warming.begin_to_warm(model, TrainConfig()) is None
