"""Knows sets of byte places as ascending stretches that do not touch; refuses to know what lies in them."""

from collections.abc import Iterable

Extent = tuple[int, int]
"""From the first place up to, not including, the second."""


def merged(extents: Iterable[Extent]) -> tuple[Extent, ...]:
    """Return the same places as ascending stretches with a gap between each two."""
    joined: list[Extent] = []
    for start, stop in sorted(extent for extent in extents if extent[0] < extent[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return tuple(joined)


def gaps(held: Iterable[Extent], within: Extent) -> tuple[Extent, ...]:
    """Return the places of `within` that are not held."""
    place, end = within
    missing: list[Extent] = []
    for start, stop in merged(held):
        if place < min(start, end):
            missing.append((place, min(start, end)))
        place = max(place, stop)
    if place < end:
        missing.append((place, end))
    return tuple(missing)


def total(held: Iterable[Extent]) -> int:
    """Return how many places are held."""
    return sum(stop - start for start, stop in merged(held))
