"""Looking at every clip of a manifest before anything is trained on it."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean, median

from auricle.data.clip import Clip
from auricle.data.manifest import Manifest
from auricle.data.report import ClassCount, Durations, ManifestReport, Problem, ProblemKind
from auricle.data.sounding import SILENCE_PEAK, Sounding, sound_out
from auricle.io import Channel

_MOSTLY_SILENT = 0.8  # of the clip
_MIN_CLIPPED = 10  # samples; fewer are one peak that just touched full scale


def inspect_manifest(
    manifest: Manifest,
    *,
    frame_s: float = 0.032,
    channel: Channel = "mono",
    progress: Callable[[int, int], None] | None = None,
) -> ManifestReport:
    """Decode every clip once and report what is there and what is wrong.

    Args:
        manifest: any.
        frame_s: length of the front end's frame, seconds; shorter clips are a problem.
        channel: as it will be read; "mono" makes files of several channels a problem.
        progress: called with the clips done and the clips in all.
    """
    soundings = _sound_out_all(manifest.clips, channel=channel, progress=progress)
    pairs = list(zip(manifest.clips, soundings, strict=True))
    readable = [sounding for sounding in soundings if not sounding.error]
    seconds = [sounding.duration_s for sounding in readable]
    splits = Counter(clip.split for clip in manifest.clips if clip.split)
    folds = Counter(clip.fold for clip in manifest.clips if clip.fold is not None)
    groups = Counter(manifest.groups)
    silent_s = sum(sounding.silent_share * sounding.duration_s for sounding in readable)
    return ManifestReport(
        source=manifest.source,
        root=manifest.root,
        num_clips=len(manifest),
        num_unreadable=len(soundings) - len(readable),
        hours=sum(seconds) / 3600,
        classes=_class_counts(manifest, soundings),
        sample_rates=_sorted(Counter(sounding.sample_rate for sounding in readable)),
        channels=_sorted(Counter(sounding.num_channels for sounding in readable)),
        durations=_durations(seconds),
        silent_share=silent_s / sum(seconds) if seconds else 0.0,
        num_groups=len(groups),
        largest_group=max(groups.values(), default=0),
        group_rule=manifest.group_rule,
        splits=dict(sorted(splits.items())),
        folds=_sorted(folds),
        notes=manifest.notes,
        problems=(
            *_sound_problems(pairs, frame_s=frame_s, channel=channel),
            *_duplicates(pairs),
            *_class_problems(manifest),
        ),
    )


def _sound_out_all(
    clips: Sequence[Clip], *, channel: Channel, progress: Callable[[int, int], None] | None
) -> list[Sounding]:
    """In threads, since decoding lets go of the interpreter; in the order of the clips."""
    soundings = []
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        for sounding in pool.map(lambda clip: sound_out(clip, channel=channel), clips):
            soundings.append(sounding)
            if progress is not None:
                progress(len(soundings), len(clips))
    return soundings


def _class_counts(manifest: Manifest, soundings: Sequence[Sounding]) -> tuple[ClassCount, ...]:
    seconds = dict.fromkeys(manifest.classes, 0.0)
    groups: dict[str, set[str]] = {label: set() for label in manifest.classes}
    for clip, group, sounding in zip(manifest.clips, manifest.groups, soundings, strict=True):
        seconds[clip.label] += sounding.duration_s
        groups[clip.label].add(group)
    counts = Counter(clip.label for clip in manifest.clips)
    return tuple(
        ClassCount(
            label=label,
            num_clips=counts[label],
            seconds=seconds[label],
            num_groups=len(groups[label]),
        )
        for label in manifest.classes
    )


def _durations(seconds: Sequence[float]) -> Durations | None:
    if not seconds:
        return None
    return Durations(
        shortest=min(seconds), median=median(seconds), mean=fmean(seconds), longest=max(seconds)
    )


def _sorted(counts: Counter[int]) -> dict[int, int]:
    return dict(sorted(counts.items()))


def _sound_problems(
    pairs: Sequence[tuple[Clip, Sounding]], *, frame_s: float, channel: Channel
) -> list[Problem]:
    problems: list[Problem] = []
    for clip, sounding in pairs:
        problems += _clip_problems(clip, sounding, frame_s=frame_s, channel=channel)
    return problems


def _clip_problems(
    clip: Clip, sounding: Sounding, *, frame_s: float, channel: Channel
) -> list[Problem]:
    if sounding.error:
        kind: ProblemKind = "empty" if sounding.empty else "unreadable"
        return [Problem(kind=kind, path=clip.path, detail=_where(clip) + sounding.error)]
    found: list[Problem] = []

    def add(kind: ProblemKind, detail: str) -> None:
        found.append(Problem(kind=kind, path=clip.path, detail=_where(clip) + detail))

    share = f"{100 * sounding.silent_share:.0f} %"
    if sounding.duration_s < frame_s:
        add("short", f"{1000 * sounding.duration_s:.1f} ms, a frame is {1000 * frame_s:.0f} ms")
    if sounding.peak < SILENCE_PEAK:
        add("silent", f"peak {sounding.peak:.2g}")
    elif sounding.silent_share >= _MOSTLY_SILENT:
        add("mostly_silent", f"{share} of {sounding.duration_s:.1f} s")
    if sounding.clipped >= _MIN_CLIPPED:
        add("clipped", f"{sounding.clipped} samples in runs at full scale")
    if channel == "mono" and sounding.num_channels > 1:
        add("channels", f"{sounding.num_channels}; read with --channel mix or --channel N")
    return found


def _duplicates(pairs: Sequence[tuple[Clip, Sounding]]) -> list[Problem]:
    """Each clip that sounds exactly like an earlier one, in whatever format; silence is not one."""
    first: dict[str, Clip] = {}
    problems = []
    for clip, sounding in pairs:
        if sounding.error or sounding.peak < SILENCE_PEAK:
            continue
        other = first.setdefault(sounding.digest, clip)
        if other is not clip:
            problems.append(
                Problem(kind="duplicate", path=clip.path, detail=_where(clip) + _same(clip, other))
            )
    return problems


def _same(clip: Clip, other: Clip) -> str:
    detail = f"the same sound as {other.name}"
    for what in ("label", "split", "fold"):
        mine, its = getattr(clip, what), getattr(other, what)
        if mine != its:
            detail += f", but {what} {mine!r} instead of {its!r}"
    return detail


def _class_problems(manifest: Manifest) -> list[Problem]:
    members: dict[str, list[int]] = {label: [] for label in manifest.classes}
    for index, clip in enumerate(manifest.clips):
        members[clip.label].append(index)
    problems: list[Problem] = []
    names = manifest.groups
    if len(members) == 1:
        detail = f"{manifest.classes[0]!r}: nothing to tell it from but --background FOLDER"
        problems.append(Problem(kind="single_class", path=None, detail=detail))
    for label, indices in members.items():
        groups = {names[index] for index in indices}
        if len(indices) == 1:
            path = manifest.clips[indices[0]].path
            problems.append(
                Problem(kind="single_clip", path=path, detail=f"the only clip of {label!r}")
            )
        elif len(groups) == 1:
            detail = f"{label!r}: all {len(indices)} clips are of group {groups.pop()!r}"
            problems.append(Problem(kind="single_group", path=None, detail=detail))
    return problems


def _where(clip: Clip) -> str:
    """For a part of a file, which part."""
    return clip.name.removeprefix(clip.path.as_posix()).strip() + " " if clip.is_segment else ""
