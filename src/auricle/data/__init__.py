"""From a user's recordings to lists of labelled clips that are split fairly."""

from auricle.data.cache import FeatureCache, default_cache_folder
from auricle.data.clip import Clip
from auricle.data.folds import k_folds, leave_one_group_out
from auricle.data.groups import NO_GROUPS, infer_groups
from auricle.data.manifest import Manifest, group_of
from auricle.data.reading import read_manifest
from auricle.data.split import Split, SplitKind, split_manifest

__all__ = [
    "Clip",
    "FeatureCache",
    "Manifest",
    "NO_GROUPS",
    "Split",
    "SplitKind",
    "default_cache_folder",
    "group_of",
    "infer_groups",
    "k_folds",
    "leave_one_group_out",
    "read_manifest",
    "split_manifest",
]
