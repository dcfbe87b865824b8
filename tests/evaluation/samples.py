"""Made-up results for tests of the report."""

import numpy as np

from auricle.evaluation import (
    BaselineResult,
    ClipScores,
    Mistake,
    Report,
    ambient_table,
    summarise,
)

FEW = ("chiffchaff", "great tit", "rain", "willow warbler")
MANY = tuple(
    f"{kind} {number}"
    for kind in ("Frog", "Cricket", "Owl", "Bat, noctule", "Engine")
    for number in range(10)
)


def clip_scores(classes, *, num_clips=400, num_groups=24, skill=3.0, seed=0):
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, len(classes), num_clips)
    logits = rng.standard_normal((num_clips, len(classes))) + skill * np.eye(len(classes))[targets]
    logits[:, 1] += 1.5 * (targets == 0)
    weights = np.exp(skill * logits)
    return ClipScores(
        classes=classes,
        names=tuple(
            f"recordings/site {index % num_groups}/{index:04d}.flac" for index in range(num_clips)
        ),
        groups=tuple(f"site {index % num_groups}" for index in range(num_clips)),
        targets=targets,
        probs=weights / weights.sum(axis=1, keepdims=True),
    )


def results(classes=FEW, *, split_kind="group", **settings):
    scores = clip_scores(classes, **settings)
    sharp = scores.probs**2
    uncalibrated = ClipScores(
        classes=scores.classes,
        names=scores.names,
        groups=scores.groups,
        targets=scores.targets,
        probs=sharp / sharp.sum(axis=1, keepdims=True),
    )
    return summarise(
        scores,
        uncalibrated=uncalibrated,
        threshold=0.55,
        temperature=1.62,
        split_kind=split_kind,
        split_description="Clips of one site stand together; sites are folders.",
    )


def baseline(title, share, *, detail="Gaussian kernel, C = 10, on clip statistics"):
    return BaselineResult(
        title=title,
        detail=detail,
        accuracy=share,
        accuracy_interval=(max(share - 0.04, 0.0), min(share + 0.035, 1.0)),
        macro_f1=share - 0.01,
        num_train=1200,
    )


def baselines(best=0.84):
    return {
        "majority": baseline(
            "Majority class", 0.28, detail="always answers the most frequent class"
        ),
        "svm": baseline("SVM", best),
        "random_forest": baseline(
            "Random forest", best - 0.03, detail="200 trees on clip statistics"
        ),
    }


def history(num_epochs=30):
    return [
        {
            "epoch": epoch,
            "train_loss": 1.4 * 0.88**epoch + 0.05,
            "validation_loss": 1.4 * 0.9**epoch + 0.2 + 0.02 * (epoch % 3),
            "validation_accuracy": 0.95 - 0.6 * 0.85**epoch - 0.01 * (epoch % 2),
        }
        for epoch in range(1, num_epochs + 1)
    ]


def mistake(index, *, classes=FEW, sample_rate=16000, duration_s=1.5):
    rng = np.random.default_rng(index)
    t = np.arange(round(duration_s * sample_rate)) / sample_rate
    phase = 2 * np.pi * (1500 * t + 800 * t**2 + 40 * np.sin(2 * np.pi * (3 + index) * t))
    waveform = 0.2 * np.sin(phase) * np.sin(np.pi * t / duration_s) ** 2
    waveform += 0.01 * rng.standard_normal(len(t))
    frames = np.linspace(0, 1, 60)[:, None]
    logits = frames * np.array([0.0, 3.0, 0.5, 1.0]) + np.array([1.5, 0.0, 0.2, 0.0])
    weights = np.exp(logits)
    return Mistake(
        name=f"recordings/site {index}/2026-05-0{index + 1}_dawn_chorus_{index:04d}.flac",
        truth=classes[0],
        answer=classes[1],
        score=0.97 - 0.05 * index,
        waveform=waveform.astype(np.float32),
        sample_rate=sample_rate,
        frame_probs=weights / weights.sum(axis=1, keepdims=True),
    )


def full_report(classes=FEW, **settings):
    rng = np.random.default_rng(0)
    return Report(
        title="Birds of the river meadow",
        results=results(classes, **settings),
        baselines=baselines(),
        history=history(),
        mistakes=[mistake(index) for index in range(4)],
        ambient=ambient_table(
            rng.beta(1.2, 8, 72000).astype(np.float64),
            frame_rate=10.0,
            chosen=0.55,
            source="night_at_the_weir.wav",
        ),
        card={
            "sample_rate": 16000,
            "classes": list(classes),
            "trained_on": {"clips": 1600, "groups": 96, "seed": 0, "fingerprint": "9f3c" * 16},
            "model": {
                "trunk": {"kind": "mingru", "hidden_size": 128, "num_layers": 3},
                "causal": True,
            },
            "identity_max_abs_diff": 2.4e-7,
        },
    )
