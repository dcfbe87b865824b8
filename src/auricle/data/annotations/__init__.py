"""Annotations in and out: who sang when, in the formats that people use."""

from auricle.data.annotations.checks import find_problems
from auricle.data.annotations.event import AnnotatedEvent, AnnotatedRecording, Annotations
from auricle.data.annotations.formats import AnnotationFormat
from auricle.data.annotations.problems import (
    AnnotationProblem,
    AnnotationProblemKind,
    annotation_problem_lines,
)
from auricle.data.annotations.reading import read_annotations, refuse_problems
from auricle.data.annotations.units import Times
from auricle.data.annotations.writing import what_is_lost, write_annotations

__all__ = [
    "AnnotatedEvent",
    "AnnotatedRecording",
    "annotation_problem_lines",
    "AnnotationFormat",
    "AnnotationProblem",
    "AnnotationProblemKind",
    "Annotations",
    "find_problems",
    "read_annotations",
    "refuse_problems",
    "Times",
    "what_is_lost",
    "write_annotations",
]
