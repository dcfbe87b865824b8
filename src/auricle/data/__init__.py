"""From a user's recordings to lists of labelled clips that are split fairly."""

from auricle.data.annotations import (
    AnnotatedEvent,
    AnnotatedRecording,
    Annotations,
    read_annotations,
    write_annotations,
)
from auricle.data.cache import FeatureCache, default_cache_folder
from auricle.data.clip import Clip
from auricle.data.folds import fold_manifest, k_folds, leave_one_group_out
from auricle.data.groups import NO_GROUPS, infer_groups
from auricle.data.inspection import inspect_manifest
from auricle.data.manifest import Manifest, group_of
from auricle.data.reading import read_manifest
from auricle.data.report import ManifestReport, Problem, ProblemKind, report_lines
from auricle.data.split import Split, SplitKind, split_manifest
from auricle.data.writing import write_manifest

__all__ = [
    "AnnotatedEvent",
    "AnnotatedRecording",
    "Annotations",
    "Clip",
    "default_cache_folder",
    "FeatureCache",
    "fold_manifest",
    "group_of",
    "infer_groups",
    "inspect_manifest",
    "k_folds",
    "leave_one_group_out",
    "Manifest",
    "ManifestReport",
    "NO_GROUPS",
    "Problem",
    "ProblemKind",
    "read_annotations",
    "read_manifest",
    "report_lines",
    "Split",
    "split_manifest",
    "SplitKind",
    "write_annotations",
    "write_manifest",
]
