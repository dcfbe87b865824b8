from dataclasses import replace

import pytest
import torch
from tests.annotated_set import write_annotated_set

from auricle.data import FeatureCache
from auricle.data.annotations import read_annotations
from auricle.errors import ConfigError, ManifestError, SplitError, TrainingError
from auricle.training.config import TrainConfig
from auricle.training.detection.dividing import divide_recordings
from auricle.training.detection.pipeline import train_detector
from auricle.training.detection.run import fit_detector
from auricle.training.detection.settings import DetectSettings
from auricle.training.reporter import Silent
from auricle.training.split_config import SplitConfig

CONFIG = TrainConfig(preset="tiny", threads=1, batch_size=4, learning_rate=6e-3, n_mels=24)
SETTINGS = DetectSettings(steps=150, window_s=1.0, hop_ms=10.0, lookahead_ms=50.0)


@pytest.fixture(scope="module")
def annotated_set(tmp_path_factory):
    return write_annotated_set(tmp_path_factory.mktemp("annotated") / "set")


def split_of(path, **settings):
    annotations = read_annotations(path)
    return annotations, divide_recordings(annotations, SplitConfig(**settings), seed=0)


def test_a_detector_learns_the_events_and_says_how_well(annotated_set, tmp_path):
    annotations, split = split_of(annotated_set)
    outcome = train_detector(
        annotations, split, CONFIG, SETTINGS, cache=FeatureCache(tmp_path / "cache")
    )
    assert outcome.results.event_f1 >= 0.9
    assert outcome.results.frame_error < 0.1
    assert outcome.results.segment_error_rate < 0.15
    card = outcome.detector.card
    assert card["identity"]["events_equal"] and card["identity"]["max_abs_diff"] <= 1e-5
    assert card["results"]["event_f1"] == outcome.results.event_f1
    assert card["delay_s"] >= 0.05
    saved = outcome.detector.save(tmp_path / "d.auricle")
    assert saved.is_file()


def test_overlapping_events_make_a_detector_of_several_at_once(tmp_path):
    path = write_annotated_set(tmp_path / "set", overlap=True)
    annotations, split = split_of(path)
    settings = replace(SETTINGS, steps=50, tune="none")
    fitted = fit_detector(split, annotations.labels, CONFIG, settings)
    assert fitted.detector.head.labels == "multi"
    with pytest.raises(ManifestError, match="events: expected events that do not overlap"):
        fit_detector(split, annotations.labels, CONFIG, replace(settings, events="single"))


class Interrupted(Silent):
    """Stops the run after its first epoch."""

    def epoch(self, record):
        raise KeyboardInterrupt


def test_an_interrupted_run_goes_on_to_the_same_weights(annotated_set, tmp_path):
    annotations, split = split_of(annotated_set)
    settings = replace(SETTINGS, steps=100, tune="none")
    place = tmp_path / "run.checkpoint"
    whole = fit_detector(split, annotations.labels, CONFIG, settings)
    with pytest.raises(KeyboardInterrupt):
        fit_detector(
            split, annotations.labels, CONFIG, settings, checkpoint=place, reporter=Interrupted()
        )
    rest = fit_detector(split, annotations.labels, CONFIG, settings, checkpoint=place, resume=True)
    assert [record.epoch for record in rest.history] == [1, 2]
    mine, theirs = whole.detector.model.state_dict(), rest.detector.model.state_dict()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    with pytest.raises(TrainingError, match="of other recordings or settings"):
        fit_detector(
            split,
            annotations.labels,
            CONFIG,
            replace(settings, lookahead_ms=30.0),
            checkpoint=place,
            resume=True,
        )


def test_without_a_column_groups_are_dealt_and_never_divided(annotated_set):
    annotations = read_annotations(annotated_set)
    recordings = tuple(
        replace(one, split=None, group=f"g{at // 2}")
        for at, one in enumerate(annotations.recordings)
    )
    split = divide_recordings(
        replace(annotations, recordings=recordings),
        SplitConfig(test_fraction=0.25, validation_fraction=0.25),
        seed=0,
    )
    parts = [split.train, split.validation, split.test]
    assert sorted(map(len, parts)) == [2, 2, 4]
    groups = [{one.group for one in part} for part in parts]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 4


def test_a_column_without_validation_gives_some_of_the_training_recordings(annotated_set):
    annotations = read_annotations(annotated_set)
    recordings = tuple(
        replace(one, split="train" if one.split == "validation" else one.split)
        for one in annotations.recordings
    )
    split = divide_recordings(replace(annotations, recordings=recordings), SplitConfig(), seed=0)
    assert len(split.validation) >= 1 and len(split.test) == 2
    assert len(split.train) + len(split.validation) == 6


def test_nothing_to_test_on_is_refused(annotated_set):
    annotations = read_annotations(annotated_set)
    only = replace(annotations, recordings=annotations.recordings[:1])
    with pytest.raises(SplitError, match="split: expected recordings with events to train on"):
        divide_recordings(only, SplitConfig(), seed=0)


def test_folds_are_refused(annotated_set):
    with pytest.raises(SplitError, match="split: expected one split, got folds"):
        split_of(annotated_set, folds=3)


def test_features_other_than_log_mel_are_refused_by_name(annotated_set):
    annotations, split = split_of(annotated_set)
    with pytest.raises(ConfigError, match="features: expected log_mel .* got mfcc,chroma"):
        fit_detector(split, annotations.labels, replace(CONFIG, features="mfcc,chroma"), SETTINGS)
