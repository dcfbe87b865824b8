"""The main job in scikit-learn's manner: fit, predict, score, clone, cross-validate."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError

from auricle.data import Clip, FeatureCache, Manifest
from auricle.data.fairness import check_classes
from auricle.data.split import Split, draw_validation
from auricle.errors import ManifestError, message
from auricle.streaming import Listener
from auricle.training.card import untested_card
from auricle.training.config import CellName, TrainConfig
from auricle.training.run import fit_split

Source = str | Path | np.ndarray
Sources = Sequence[Source] | np.ndarray
Labels = Sequence[object] | np.ndarray


class AudioClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Recordings to labels.

    Args:
        preset, cell, hidden_size, epochs, seed, threads, augment, channel: as in `TrainConfig`.
        sample_rate: Hz; needed where waveforms are given instead of paths.
        validation_fraction: share of the training clips that stop training and calibrate.
        cache: folder where features are kept; nowhere if None.

    >>> classifier = AudioClassifier().fit(paths, labels)             # doctest: +SKIP
    >>> classifier.predict(new_paths)                                 # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        preset: Literal["tiny", "small", "base"] = "small",
        cell: CellName = "mingru",
        hidden_size: int | None = None,
        epochs: int | None = None,
        seed: int = 0,
        threads: int | None = None,
        augment: Literal["none", "light", "default", "strong"] = "default",
        channel: Literal["mono", "mix"] | int = "mono",
        sample_rate: int | None = None,
        validation_fraction: float = 0.15,
        cache: str | Path | None = None,
    ) -> None:
        self.preset = preset
        self.cell = cell
        self.hidden_size = hidden_size
        self.epochs = epochs
        self.seed = seed
        self.threads = threads
        self.augment = augment
        self.channel = channel
        self.sample_rate = sample_rate
        self.validation_fraction = validation_fraction
        self.cache = cache

    def fit(self, X: Sources, y: Labels, groups: Labels | None = None) -> "AudioClassifier":
        """Train on recordings.

        Args:
            X: paths of sound files, or waveforms [time] at ``sample_rate``.
            y: a label each.
            groups: what may not stand on both sides of the inner validation split.
        Raises:
            ManifestError: lengths differ, or waveforms without a sample rate.
            SplitError: one class, or a class with one clip.
            AudioError: a recording cannot be read.
        """
        manifest = self._manifest(X, y, groups)
        split = _split(manifest, self.validation_fraction, self.seed)
        cache = None if self.cache is None else FeatureCache(Path(self.cache))
        config = self._config()
        self.fitted_ = fit_split(split, config, cache=cache)
        self.fitted_.listener.card = untested_card(split, config, self.fitted_)
        self.classes_ = np.unique(np.asarray(y))
        return self

    @property
    def listener_(self) -> Listener:
        """The trained model: stream with it, or save it."""
        if not hasattr(self, "fitted_"):
            raise NotFittedError("AudioClassifier: expected a call of fit first, got none.")
        return self.fitted_.listener

    def predict_proba(self, X: Sources) -> Float[np.ndarray, "clips classes"]:
        """Posterior of each class, columns in the order of ``classes_``."""
        listener = self.listener_
        order = [listener.classes.index(str(name)) for name in self.classes_]
        rows = [np.asarray(self._probs(listener, source))[order] for source in X]
        return np.array(rows).reshape(len(rows), len(order))

    def predict(self, X: Sources) -> np.ndarray:
        """The most probable label of each recording; never ``unknown``."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def _probs(self, listener: Listener, source: Source) -> Sequence[float]:
        if isinstance(source, np.ndarray):
            probs: list[float] = listener.predict_waveform(
                source, sample_rate=self.sample_rate
            ).tolist()
            return probs
        return listener.predict_file(Path(source)).probs

    def _config(self) -> TrainConfig:
        known = {field.name for field in fields(TrainConfig)}
        return TrainConfig(**{k: v for k, v in self.get_params().items() if k in known})

    def _manifest(self, X: Sources, y: Labels, groups: Labels | None) -> Manifest:
        if len(X) != len(y) or (groups is not None and len(groups) != len(y)):
            raise ManifestError(
                message(
                    "labels",
                    expected=f"one for each of {len(X)} recordings, and a group each if any",
                    got=f"{len(y)} labels, {0 if groups is None else len(groups)} groups",
                    remedy="Give sequences of one length.",
                )
            )
        names = [None] * len(X) if groups is None else [str(group) for group in groups]
        clips = [
            self._clip(at, source, str(label), group)
            for at, (source, label, group) in enumerate(zip(X, y, names, strict=True))
        ]
        rule = "the groups given to fit" if groups is not None else "no groups were given"
        return Manifest(clips=tuple(clips), source="arrays", root=Path(), group_rule=rule)

    def _clip(self, at: int, source: Source, label: str, group: str | None) -> Clip:
        if not isinstance(source, np.ndarray):
            return Clip(path=Path(source), label=label, group=group)
        if self.sample_rate is None:
            raise ManifestError(
                message(
                    "sample_rate",
                    expected="the rate of the waveforms, Hz",
                    got=None,
                    remedy="Samples cannot tell their rate: AudioClassifier(sample_rate=...).",
                )
            )
        return Clip(
            path=Path(f"#{at}"),
            label=label,
            group=group,
            samples=source.astype(np.float32),
            sample_rate=self.sample_rate,
        )


def _split(manifest: Manifest, fraction: float, seed: int) -> Split:
    """All clips but a validation part; the caller keeps the test."""
    check_classes(manifest)
    everything = np.arange(len(manifest))
    train, validation, sentence = draw_validation(
        manifest, rest=everything, test=everything[:0], fraction=fraction, seed=seed, whole=False
    )
    return Split(
        train=manifest.select(train),
        validation=manifest.select(validation),
        test=manifest.select([]),
        kind="group",
        seed=seed,
        description=sentence,
    )
