"""From settings to splits."""

from typing import Literal

from auricle.data import Manifest, Split, k_folds, leave_one_group_out, split_manifest
from auricle.errors import ConfigError, message
from auricle.training.split_config import SplitConfig


def make_splits(
    manifest: Manifest, config: SplitConfig, *, seed: int, min_classes: int = 2
) -> list[Split]:
    """One split, or one a fold.

    Args:
        seed: of what is drawn.
        min_classes: 1 where background will be the second.
    Raises:
        SplitError: the recordings do not allow it.
        ConfigError: two kinds of cross-validation at once.
    """
    if config.folds is not None and config.leave_one_group_out:
        raise ConfigError(
            message(
                "folds",
                expected="--folds or --leave-one-group-out",
                got="both",
                remedy="Leave one of them out.",
            )
        )
    share = config.validation_fraction
    if config.leave_one_group_out:
        return leave_one_group_out(
            manifest, validation_fraction=share, seed=seed, min_classes=min_classes
        )
    if config.folds is not None:
        kind: Literal["group", "random"] = "random" if config.split == "random" else "group"
        folds = config.folds or None
        return k_folds(
            manifest,
            num_folds=folds,
            kind=kind,
            validation_fraction=share,
            seed=seed,
            min_classes=min_classes,
        )
    chosen = config.split
    if chosen == "auto":
        has_test = any(clip.split == "test" for clip in manifest.clips)
        chosen = "column" if has_test else "group"
    split = split_manifest(
        manifest,
        kind=chosen,
        validation_fraction=share,
        test_fraction=config.test_fraction,
        seed=seed,
        min_classes=min_classes,
    )
    return [split]
