"""The training loop: schedule, early stopping, class weights, the best weights."""

import json
import math

import numpy as np
import pytest
import torch

from auricle.errors import TrainingError
from auricle.features import log_mel_for
from auricle.models import Model, ModelConfig, preset
from auricle.training.config import TrainConfig
from auricle.training.examples import Examples
from auricle.training.loop import (
    EpochRecord,
    Fit,
    choose_epochs,
    class_weights,
    learning_rate_at,
)


@pytest.fixture
def examples() -> Examples:
    """Eighteen clips of three classes, each with its own loud filters."""
    rng = np.random.default_rng(0)
    frames, targets = [], []
    for at in range(18):
        clip = rng.normal(-8, 1, (20 + at, 16)).astype(np.float32)
        clip[:, 5 * (at % 3) : 5 * (at % 3) + 5] += 6
        frames.append(clip)
        targets.append(at % 3)
    return Examples(frames, np.array(targets))


def make_fit(examples: Examples, **settings: object) -> Fit:
    torch.manual_seed(0)
    config = TrainConfig(**{"batch_size": 6, "augment": "none", "epochs": 6, **settings})
    front_end = log_mel_for(8000, n_mels=16)
    trunk = preset("tiny", hidden_size=8)
    model = Model(ModelConfig(classes=("a", "b", "c"), front_end=front_end, trunk=trunk))
    return Fit(model, config, train=examples, validation=examples)


def _run(fit: Fit) -> list[EpochRecord]:
    records: list[EpochRecord] = []
    fit.run(lambda _, record: records.append(record))
    return records


def test_the_schedule_rises_to_its_highest_and_ends_low():
    rates = [learning_rate_at(step, steps=100, highest=1.0) for step in range(100)]
    top = int(np.argmax(rates))
    assert rates[0] == pytest.approx(1 / 25) and rates[top] == pytest.approx(1.0) and top == 20
    assert all(a <= b for a, b in zip(rates[:top], rates[1:], strict=False))
    assert all(a >= b for a, b in zip(rates[top:], rates[top + 1 :], strict=False))
    assert rates[-1] < 0.01


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_the_schedule_of_a_very_short_run_is_finite_and_positive(steps):
    rates = [learning_rate_at(step, steps=steps, highest=1.0) for step in range(steps)]
    assert all(0 < rate <= 1 and math.isfinite(rate) for rate in rates)


def test_the_last_step_of_a_run_is_a_small_one(examples):
    records = _run(make_fit(examples, learning_rate=0.01))
    assert records[-1].learning_rate < 0.1 * max(record.learning_rate for record in records)


def _kept(records: list[EpochRecord]) -> int:
    """The epoch that the one-standard-error rule keeps, told in plain words."""
    losses = [record.validation_loss for record in records]
    means = [sum(losses[max(0, at - 4) : at + 1]) / min(at + 1, 5) for at in range(len(losses))]
    lowest = means.index(min(means))
    limit = means[lowest] + records[lowest].validation_error
    return 1 + max(at for at, mean in enumerate(means) if mean <= limit)


def test_a_run_learns_and_keeps_the_latest_epoch_that_is_as_good_as_the_best(examples):
    fit = make_fit(examples, epochs=25, learning_rate=0.02, patience=0)
    records = _run(fit)
    assert fit.progress.best_epoch == _kept(records)
    kept = records[fit.progress.best_epoch - 1]
    loss_after = fit.evaluate()[0]
    fit.model.load_state_dict(fit.progress.best_weights)
    assert fit.evaluate()[0] == pytest.approx(kept.validation_loss, abs=1e-6)
    assert loss_after < 2 * kept.validation_loss
    assert fit.evaluate()[1] == 1.0
    assert [record.epoch for record in records] == list(range(1, 26))


def test_settled_norms_hold_the_statistics_of_the_clips_as_they_are(examples):
    alike = Examples([frames[:20] for frames in examples.frames], examples.targets)
    fit = make_fit(alike, augment="strong", epochs=3, patience=0)
    _run(fit)
    conv, norm = fit.model.trunk.stem[0].conv, fit.model.trunk.stem[0].norm
    with torch.no_grad():
        x = torch.from_numpy(np.stack(alike.frames))
        x, _ = fit.model.compression(x, fit.model.compression.initial_state(len(x)))
        maps = conv(x[:, None], conv.initial_state(len(x)))[0].transpose(0, 1).flatten(1)
    torch.testing.assert_close(norm.running_mean, maps.mean(1), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(norm.running_var, maps.var(1), rtol=1e-3, atol=1e-5)
    kept = fit.progress.best_weights["trunk.stem.0.norm.running_mean"]
    assert not torch.allclose(kept, norm.running_mean, rtol=0.01)  # of augmented clips
    assert norm.momentum == 0.1 and not norm.training


def test_settled_norms_count_every_frame_alike(examples):
    short = Examples([frames[:10] for frames in examples.frames[:3]], examples.targets[:3])
    long = Examples([np.tile(examples.frames[3], (4, 1))] * 2, examples.targets[:2])
    fit = make_fit(short + long)
    batches = [batch for _, batch in fit._clean_batches(short + long, alike=0.9)]
    assert [len(batch.lengths) for batch in batches] == [3, 2]
    fit.settle_norms()
    norm = fit.model.trunk.stem[0].norm
    means = []
    for batch in batches:
        with torch.no_grad():
            conv = fit.model.trunk.stem[0].conv
            maps = conv(batch.frames[:, None], conv.initial_state(len(batch.frames)))[0]
            means.append(maps.transpose(0, 1).flatten(1).mean(1))
    frames = [float(batch.lengths.sum()) for batch in batches]
    expected = (means[0] * frames[0] + means[1] * frames[1]) / sum(frames)
    torch.testing.assert_close(norm.running_mean, expected, rtol=1e-4, atol=1e-5)


def test_the_standard_error_is_that_of_the_clips_losses(examples):
    fit = make_fit(examples, epochs=1)
    loss, _, error = fit.evaluate()
    log_probs = fit.clip_log_probs(examples).double().numpy()
    losses = -log_probs[np.arange(len(examples)), examples.targets]
    assert loss == pytest.approx(losses.mean(), abs=1e-6)
    assert error == pytest.approx(losses.std() / math.sqrt(len(losses)), abs=1e-6)


def test_patience_stops_a_run_that_gets_worse(examples, monkeypatch):
    fit = make_fit(examples, epochs=30, patience=3)
    losses = iter([1.0, 0.5, *[0.7] * 40])  # means of five: 1, .75, .73, .73, .72, .66, .7, ...
    monkeypatch.setattr(Fit, "evaluate", lambda self: (next(losses), 0.0, 0.0))
    assert len(_run(fit)) == 9
    assert fit.progress.best_epoch == 6 and fit.progress.stopped_early


def test_patience_waits_for_epochs_that_are_within_the_error_of_the_best(examples, monkeypatch):
    fit = make_fit(examples, epochs=30, patience=3)
    losses = iter([1.0, 0.5, *[0.7] * 40])
    monkeypatch.setattr(Fit, "evaluate", lambda self: (next(losses), 0.0, 0.1))
    assert len(_run(fit)) == 30
    assert fit.progress.best_epoch == 30 and not fit.progress.stopped_early


def test_an_epoch_that_is_worse_by_more_than_the_error_is_not_kept(examples, monkeypatch):
    fit = make_fit(examples, epochs=8, patience=0)
    losses = iter([0.5] * 6 + [1.5, 2.5])  # means of five from the seventh on: .7, 1.1
    monkeypatch.setattr(Fit, "evaluate", lambda self: (next(losses), 0.0, 0.1))
    _run(fit)
    assert fit.progress.best_epoch == 6


def test_without_patience_a_run_goes_on_to_its_end(examples, monkeypatch):
    fit = make_fit(examples, epochs=7, patience=0)
    losses = iter([0.5, *[0.7] * 40])
    monkeypatch.setattr(Fit, "evaluate", lambda self: (next(losses), 0.0, 0.0))
    assert len(_run(fit)) == 7 and not fit.progress.stopped_early


def test_a_loss_that_is_not_finite_stops_with_the_remedy(examples):
    fit = make_fit(examples)
    with torch.no_grad():
        next(fit.model.trunk.parameters()).fill_(float("nan"))
    with pytest.raises(TrainingError, match=r"loss: expected a finite number.*--learning-rate"):
        fit.run_epoch()


def test_balanced_class_weights_count_each_class_alike():
    targets = np.array([0] * 6 + [1] * 3 + [2])
    uneven = Examples([np.zeros((1, 1), np.float32)] * 10, targets)
    weights = class_weights(uneven, 3, "balanced")
    totals = np.bincount(targets) * weights.numpy()
    np.testing.assert_allclose(totals, totals[0], rtol=1e-6)
    assert weights[torch.from_numpy(targets)].mean() == pytest.approx(1)
    assert class_weights(uneven, 3, "none").tolist() == [1, 1, 1]


def test_class_weights_change_what_is_learnt(examples):
    few = Examples([examples.frames[i] for i in (0, 3, 6, 9, 12, 1, 2)],
                   examples.targets[[0, 3, 6, 9, 12, 1, 2]])  # fmt: skip
    plain, balanced = (make_fit(few, class_weights=kind) for kind in ("none", "balanced"))
    _run(plain), _run(balanced)
    pairs = zip(plain.model.parameters(), balanced.model.parameters(), strict=True)
    assert any(not torch.equal(a, b) for a, b in pairs)


def test_choose_epochs_hears_small_sets_more_often():
    def of(count: int) -> Examples:
        return Examples([np.zeros((500, 1), np.float32)] * count, np.zeros(count, np.int64))

    counts = [choose_epochs(of(count), batch_size=32, most=500) for count in (1, 100, 300, 100_000)]
    assert counts == sorted(counts, reverse=True) and counts[0] > counts[-1] >= 1


def test_a_record_is_json(examples):
    record = make_fit(examples, epochs=1).run_epoch()
    assert EpochRecord(**json.loads(json.dumps(record.to_dict()))) == record


@pytest.mark.parametrize("noise", [False, True])
@pytest.mark.parametrize("augment", ["none", "light", "default", "strong"])
def test_every_strength_of_augmentation_trains(examples, augment, noise):
    fit = make_fit(examples, augment=augment)
    fit.noise = examples if noise else None
    assert math.isfinite(fit.run_epoch().train_loss)


def test_an_epoch_depends_on_its_seed_and_number_alone(examples):
    one, two = make_fit(examples, augment="default"), make_fit(examples, augment="default")
    one.run_epoch()
    torch.manual_seed(1234)
    torch.rand(7)
    two.run_epoch()
    pairs = zip(one.model.state_dict().items(), two.model.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for (_, a), b in pairs)


def test_bfloat16_products_train_to_nearly_the_same_and_leave_float32_weights(examples):
    if not any(torch.cpu.get_capabilities().get(name) for name in ("avx512_bf16", "amx_bf16")):
        pytest.skip("this processor has no instructions for bfloat16")
    plain, short = (make_fit(examples, products=kind) for kind in ("float32", "bfloat16"))
    losses = [[fit.run_epoch().train_loss for _ in range(3)] for fit in (plain, short)]
    assert losses[0] == pytest.approx(losses[1], rel=0.02) and losses[0] != losses[1]
    assert all(p.dtype == torch.float32 for p in short.model.parameters())
    assert short.clip_log_probs(examples).dtype == torch.float32


@pytest.mark.parametrize("cell", ["mingru", "minlstm", "qrnn", "rglru", "lru", "gru", "lstm"])
def test_every_cell_trains_with_bfloat16_products(examples, cell):
    fit = make_fit(examples, products="bfloat16")
    torch.manual_seed(0)
    trunk = preset("tiny", hidden_size=8, kind=cell)
    model = Model(ModelConfig(classes=("a", "b", "c"), front_end=log_mel_for(8000, n_mels=16),
                              trunk=trunk))  # fmt: skip
    fit = Fit(model, fit.config, train=examples, validation=examples)
    assert math.isfinite(fit.run_epoch().train_loss)


def test_the_fused_step_moves_every_weight_as_the_step_weight_by_weight_does(examples):
    fits = [make_fit(examples, products="float32") for _ in range(2)]
    groups = fits[1].optimizer.param_groups
    kinds = [{key: one[key] for key in ("params", "weight_decay", "lr", "betas")} for one in groups]
    fits[1].optimizer = torch.optim.AdamW(kinds, fused=False, foreach=False)
    chosen = np.arange(6)
    for fit in fits:
        fit.model.train()
        for step in range(2):
            torch.manual_seed(step)
            fit._step(fit._batch(chosen, torch.Generator().manual_seed(step)), step)
    pairs = zip(*(fit.model.named_parameters() for fit in fits), strict=True)
    for (name, ours), (_, truth) in pairs:
        torch.testing.assert_close(ours, truth, rtol=1e-4, atol=1e-6, msg=name)
