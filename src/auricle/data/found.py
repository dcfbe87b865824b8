"""What a reader found, before groups are looked for."""

from dataclasses import dataclass
from pathlib import Path

from auricle.data.clip import Clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Clips and what their reader has to say.

    Attributes:
        clips: in the order of the source.
        source: as in `Manifest`.
        root: as in `Manifest`.
        group_column: the column that groups came from, if any did.
        notes: as in `Manifest`.
        group_hints: notes for the case that no groups are found.
    """

    clips: tuple[Clip, ...]
    source: str
    root: Path
    group_column: str = "group"
    notes: tuple[str, ...] = ()
    group_hints: tuple[str, ...] = ()
