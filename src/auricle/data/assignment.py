"""Dealing clips out: whole groups to parts, or single clips within groups."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int

_MISSING_COST = 100.0  # of one class that a part lacks; deviations of counts cost about 1 each
_MANY_GROUPS = 500


def assign_groups(
    groups: Sequence[str], labels: Sequence[str], *, shares: Sequence[float], seed: int
) -> Int[np.ndarray, " clips"]:
    """Deal whole groups to parts so that each part holds its share of every class.

    Groups are dealt one by one, large ones first, each to the part where it lowers most

        sum over parts p and classes c of (n[p, c] - shares[p] N[c])^2 / (shares[p] N[c]^2)

    and the best of several orders is kept.

    Args:
        groups: of each clip.
        labels: of each clip.
        shares: of each part, > 0, adding up to 1.
        seed: of the orders that are tried.
    Returns:
        The part of each clip, from 0.
    """
    names, group_index = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    classes, class_index = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    counts = np.zeros((len(names), len(classes)))
    np.add.at(counts, (group_index, class_index), 1.0)
    rng = np.random.default_rng(seed)
    orders = [_order(counts, rng) for _ in range(30 if len(names) <= _MANY_GROUPS else 3)]
    deals = [_deal(counts, np.asarray(shares, dtype=float), order) for order in orders]
    best = min(deals, key=lambda parts: _cost(counts, np.asarray(shares, dtype=float), parts))
    chosen: Int[np.ndarray, " clips"] = best[group_index]
    return chosen


def sample_within(
    groups: Sequence[str], labels: Sequence[str], *, fraction: float, seed: int
) -> Bool[np.ndarray, " clips"]:
    """Choose clips at random, the same fraction of every class, spread evenly over its groups.

    Args:
        groups: of each clip; equal ones throughout make it a plain stratified sample.
        labels: of each clip.
        fraction: of the clips, in [0, 1). A class of two clips or more gives at least one and
            keeps at least one.
        seed: of the choice.
    """
    chosen = np.zeros(len(labels), dtype=bool)
    rng = np.random.default_rng(seed)
    names = np.asarray(labels, dtype=str)
    places = np.asarray(groups, dtype=str)
    for label in np.unique(names):
        members = rng.permutation(np.flatnonzero(names == label))
        members = members[np.argsort(places[members], kind="stable")]
        size = len(members)
        count = min(max(1, round(fraction * size)), size - 1) if fraction > 0 else 0
        spread = (np.arange(count) + rng.random()) * (size / max(count, 1))
        chosen[members[spread.astype(int)]] = True
    return chosen


def _order(
    counts: Float[np.ndarray, "groups classes"], rng: np.random.Generator
) -> Int[np.ndarray, " groups"]:
    """Large groups first, with sizes blurred so that orders differ."""
    blurred = counts.sum(axis=1) * rng.uniform(0.7, 1.3, size=len(counts))
    return np.argsort(-blurred)


def _deal(
    counts: Float[np.ndarray, "groups classes"],
    shares: Float[np.ndarray, " parts"],
    order: Int[np.ndarray, " groups"],
) -> Int[np.ndarray, " groups"]:
    totals = counts.sum(axis=0)
    weights = 1.0 / (shares[:, None] * totals[None, :] ** 2)
    missing = -shares[:, None] * totals[None, :]  # counts so far less the wanted ones
    parts = np.zeros(len(counts), dtype=np.int64)
    for group in order:
        added = counts[group]
        change = ((2 * missing + added) * added * weights).sum(axis=1)
        parts[group] = int(np.argmin(change))
        missing[parts[group]] += added
    return parts


def _cost(
    counts: Float[np.ndarray, "groups classes"],
    shares: Float[np.ndarray, " parts"],
    parts: Int[np.ndarray, " groups"],
) -> float:
    totals = counts.sum(axis=0)
    held = np.stack([counts[parts == part].sum(axis=0) for part in range(len(shares))])
    deviation = (held / totals - shares[:, None]) ** 2 / shares[:, None]
    return float(deviation.sum() + _MISSING_COST * (held == 0).sum())
