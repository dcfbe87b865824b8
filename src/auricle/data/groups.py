"""Which clips may not stand on both sides of a split.

Looked for in this order: a group column, a sub-folder under the class folder, a known scheme of
file names, a file name that is more than class and take number. Without a column, clips cut from
one file share a group; in any case, clips of identical audio do. The rule is a sentence.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

from auricle.data.clip import Clip
from auricle.data.identity import content_keys, short_id

Groups = tuple[str | None, ...]

NO_GROUPS = "none found: every clip is its own group"

# Schemes of well-known data sets; the first group of each is what clips share.
_SCHEMES = (
    (re.compile(r"\d-(\d+)-[A-Z](?:-\d+)?"), "the Freesound id in the file name, as in ESC-50"),
    (re.compile(r"(\d+)-\d-\d+-\d+"), "the Freesound id in the file name, as in UrbanSound8K"),
    (
        re.compile(r"([0-9a-f]{8})_nohash_\d+"),
        "the speaker before _nohash_ in the file name, as in Speech Commands",
    ),
    (re.compile(r"\d\d(?:-\d\d){5}-(\d\d)"), "the actor in the file name, as in RAVDESS"),
    (
        re.compile(r"(\d{4})_[A-Z]{3}_[A-Z]{3}_[A-Z]{2}"),
        "the actor in the file name, as in CREMA-D",
    ),
)
_SEPARATORS = re.compile(r"[\s_\-.()]+")


def infer_groups(clips: Sequence[Clip], *, column: str = "group") -> tuple[Groups, str]:
    """Find what clips share, conservatively, and say how.

    Args:
        clips: any; a group that is already set is kept.
        column: what the groups that are already set are called, for the sentence.
    Returns:
        The group of each clip, None for a clip that shares with no other, and one sentence.
    """
    whole_files = not any(clip.group is not None for clip in clips)
    if whole_files:
        groups, rule = _from_paths(clips)
    else:
        groups, rule = tuple(clip.group for clip in clips), f"the column {column!r}"
        alone = groups.count(None)
        rule += f"; {alone} clips without a value are each alone" if alone else ""
    keys = _sound_keys(clips, whole_files=whole_files)
    merged, shared = _merge(clips, groups, keys)
    if shared:
        rule = f"{rule}; {shared} clips share a group because they share a file or identical audio"
    return merged, rule


def _from_paths(clips: Sequence[Clip]) -> tuple[Groups, str]:
    for find in (_from_folders, _from_schemes, _from_names):
        groups, rule = find(clips)
        if rule:
            return groups, rule
    return (None,) * len(clips), NO_GROUPS


def _from_folders(clips: Sequence[Clip]) -> tuple[Groups, str]:
    groups = tuple(_sub_folder(clip) for clip in clips)
    if not _is_telling(clips, groups):
        return groups, ""
    alone = groups.count(None)
    rule = "the sub-folder under the class folder"
    return groups, rule + (f"; {alone} clips outside one are each alone" if alone else "")


def _sub_folder(clip: Clip) -> str | None:
    """The folders between the class folder and the file, if there are any."""
    parents = clip.path.parts[:-1]
    for depth in range(len(parents) - 1, -1, -1):
        if parents[depth].casefold() == clip.label.casefold():
            return "/".join(parents[depth + 1 :]) or None
    return None


def _from_schemes(clips: Sequence[Clip]) -> tuple[Groups, str]:
    for scheme, rule in _SCHEMES:
        found = [scheme.fullmatch(clip.path.stem) for clip in clips]
        groups = tuple(match[1] if match else None for match in found)
        if all(found) and len(set(groups)) > 1:
            return groups, rule
    return (), ""


def _from_names(clips: Sequence[Clip]) -> tuple[Groups, str]:
    """What is left of the file name without the class and a last number, if that tells anything."""
    names = [_tokens(clip.path.stem) for clip in clips]
    labels = [_tokens(clip.label.casefold()) for clip in clips]
    if not all(name and name[-1].isdigit() for name in names):
        return (), ""
    place = _label_place(names, labels)
    if place is not None:
        names = [
            name[:place] + name[place + len(label) :]
            for name, label in zip(names, labels, strict=True)
        ]
    groups = tuple("_".join(name[:-1]) or None for name in names)
    if None in groups or not _is_telling(clips, groups):
        return (), ""
    example = f"{groups[0]!r} in {clips[0].path.name!r}"
    return groups, f"the file name without class and take number ({example})"


def _tokens(text: str) -> list[str]:
    return [token for token in _SEPARATORS.split(text) if token]


def _label_place(names: list[list[str]], labels: list[list[str]]) -> int | None:
    """The position at which every file name holds its class, if there is one."""
    pairs = list(zip(names, labels, strict=True))
    for place in range(max(map(len, names), default=0)):
        if all(
            label and [token.casefold() for token in name[place : place + len(label)]] == label
            for name, label in pairs
        ):
            return place
    return None


def _is_telling(clips: Sequence[Clip], groups: Groups) -> bool:
    """Whether groups join clips, are several, and are more than another name of the class."""
    known = [group for group in groups if group is not None]
    if not 1 < len(set(known)) < len(clips):
        return False
    by_class: defaultdict[str, set[str | None]] = defaultdict(set)
    for clip, group in zip(clips, groups, strict=True):
        by_class[clip.label].add(group)
    return any(len(found) > 1 for found in by_class.values())


def _sound_keys(clips: Sequence[Clip], *, whole_files: bool) -> list[Hashable]:
    """Equal for clips that must share a group: the file, or with a column the very same sound."""
    keys = content_keys(clips)
    if whole_files:
        return list(keys)
    return [(key, clip.start_s, clip.end_s) for key, clip in zip(keys, clips, strict=True)]


def _merge(clips: Sequence[Clip], groups: Groups, keys: Sequence[Hashable]) -> tuple[Groups, int]:
    """Join groups that share a sound; also how many clips share one."""
    counts = Counter(keys)
    links = [
        [link for link in (("group", group), ("sound", key)) if link[1] is not None]
        if counts[key] > 1
        else [("group", group)] * (group is not None)
        for group, key in zip(groups, keys, strict=True)
    ]
    roots = _roots(links)
    names: dict[Hashable, str] = {}
    for group in sorted({group for group in groups if group is not None}):
        names.setdefault(roots["group", group], group)
    for clip, of_clip in zip(clips, links, strict=True):
        if of_clip and roots[of_clip[0]] not in names:
            names[roots[of_clip[0]]] = f"{clip.path.name}#{short_id(clip)}"
    merged = tuple(names[roots[of_clip[0]]] if of_clip else None for of_clip in links)
    return merged, sum(counts[key] > 1 for key in keys)


def _roots(links: Sequence[Sequence[Hashable]]) -> dict[Hashable, Hashable]:
    """The representative of each link, where all links of one clip are joined."""
    parents: dict[Hashable, Hashable] = {link: link for of_clip in links for link in of_clip}

    def root(link: Hashable) -> Hashable:
        while parents[link] != link:
            parents[link] = parents[parents[link]]
            link = parents[link]
        return link

    for of_clip in links:
        for link in of_clip[1:]:
            parents[root(link)] = root(of_clip[0])
    return {link: root(link) for link in parents}
