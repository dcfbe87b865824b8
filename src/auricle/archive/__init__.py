"""Work over many recordings that can be stopped and gone on with."""

from auricle.archive.labels import (
    LabelFormat,
    LabelProgress,
    LabelSummary,
    Place,
    find_places,
    label_recordings,
)
from auricle.archive.recordings import Recording, common_rate, list_recordings
from auricle.archive.settings import TableConfig
from auricle.archive.table import TableResult, check_table_path, feature_table, write_table
from auricle.archive.work import Skipped

__all__ = [
    "check_table_path",
    "common_rate",
    "feature_table",
    "find_places",
    "label_recordings",
    "LabelFormat",
    "LabelProgress",
    "LabelSummary",
    "list_recordings",
    "Place",
    "Recording",
    "Skipped",
    "TableConfig",
    "TableResult",
    "write_table",
]
