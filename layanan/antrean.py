"""Knows whose turn it is: two lanes, and a rule by which nobody starves; refuses to know who waits and why.

Who is served first: the elderly from 60, people with disabilities, pregnant or nursing women, children (Permenpan RB
11/2024). The operator sees that; a number says only its lane.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

IN_A_ROW = 2
"""So many of the priority lane are called at most while somebody waits in the ordinary one."""


class Lane(StrEnum):
    """Which of the two lanes a number stands in."""

    PRIORITY = "prioritas"
    ORDINARY = "biasa"


_LETTERS = {Lane.PRIORITY: "P", Lane.ORDINARY: "A"}


def spoken_number(lane: Lane, number: int) -> str:
    """Return the number as it is shown and called: `A 12`, `P 3`."""
    return f"{_LETTERS[lane]} {number}"


def next_lane(waiting: Mapping[Lane, int], called: Sequence[Lane]) -> Lane | None:
    """Return the lane whose first number is next; None when nobody waits.

    `called` are the lanes of the last calls, the newest first; IN_A_ROW of them are enough.
    """
    priority, ordinary = waiting.get(Lane.PRIORITY, 0), waiting.get(Lane.ORDINARY, 0)
    if not priority:
        return Lane.ORDINARY if ordinary else None
    row = list(called[:IN_A_ROW])
    if ordinary and len(row) == IN_A_ROW and set(row) == {Lane.PRIORITY}:
        return Lane.ORDINARY
    return Lane.PRIORITY
