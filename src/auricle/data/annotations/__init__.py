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
]
