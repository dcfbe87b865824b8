"""Events on tiers, where those of one tier may not overlap."""

from collections.abc import Sequence

from auricle.data.annotations.event import AnnotatedEvent

TIER_NAME = "auricle"


def without_overlaps(events: Sequence[AnnotatedEvent]) -> list[list[AnnotatedEvent]]:
    """The events on as few tiers as hold them; at least one tier.

    Args:
        events: by onset.
    """
    tiers: list[list[AnnotatedEvent]] = [[]]
    for event in events:
        free = (tier for tier in tiers if not tier or tier[-1].offset_s <= event.onset_s)
        tier = next(free, None)
        if tier is None:
            tiers.append([event])
        else:
            tier.append(event)
    return tiers
