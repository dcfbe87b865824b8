"""A list of clips, and what is known of it as a whole."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import SupportsIndex

from auricle.data.clip import Clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Labelled clips.

    Attributes:
        clips: in the order of the source.
        source: the kind of thing it was read from, such as "folder", "csv", "esc50".
        root: the folder that paths are relative to in writing.
        group_rule: one sentence saying where the groups come from.
        notes: one sentence for each thing that a person should know, such as files left out.
    """

    clips: tuple[Clip, ...]
    source: str
    root: Path
    group_rule: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels, sorted."""
        return tuple(sorted({clip.label for clip in self.clips}))

    @property
    def groups(self) -> tuple[str, ...]:
        """The group of each clip; a clip without one is alone under its own name."""
        return tuple(group_of(clip) for clip in self.clips)

    def select(self, indices: Iterable[SupportsIndex]) -> "Manifest":
        """The clips at these positions, in this order."""
        return replace(self, clips=tuple(self.clips[index] for index in indices))

    def fingerprint(self) -> str:
        """64 hexadecimal digits of all audio, labels, groups, splits and folds, in any order.

        Raises:
            AudioError: a file is missing or cannot be read.
        """
        rows = sorted(
            repr((clip.fingerprint(), clip.label, clip.group, clip.split, clip.fold))
            for clip in self.clips
        )
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def group_of(clip: Clip) -> str:
    """The clip's group, or its name where it has none."""
    return clip.name if clip.group is None else clip.group
