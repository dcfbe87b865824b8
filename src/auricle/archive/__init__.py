"""A trained detector on an archive of recordings: labels for hours of sound."""

from auricle.archive.labelling import LabelProgress, LabelSummary, label_recordings
from auricle.archive.places import Place, find_places
from auricle.archive.tables import LabelFormat

__all__ = [
    "find_places",
    "label_recordings",
    "LabelFormat",
    "LabelProgress",
    "LabelSummary",
    "Place",
]
