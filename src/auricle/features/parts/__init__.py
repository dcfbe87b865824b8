"""One causal part for each feature: what was heard to columns."""

from auricle.features.parts.build import build_part
from auricle.features.parts.part import Memory, Part

__all__ = ["build_part", "Memory", "Part"]
