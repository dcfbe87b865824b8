"""Labels for hours of sound: every event of every recording, by a trained detector."""

from auricle.archive.labels.labelling import LabelProgress, LabelSummary, label_recordings
from auricle.archive.labels.places import Place, find_places
from auricle.archive.labels.tables import LabelFormat

__all__ = [
    "find_places",
    "label_recordings",
    "LabelFormat",
    "LabelProgress",
    "LabelSummary",
    "Place",
]
