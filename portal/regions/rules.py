"""What a move of a province to another sales area has to be. Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from portal.kernel.errors import N_, Fault

REASON_MAX = 500
AREA = 1
"""Level of a sales area."""
PROVINCE = 2


class MoveState(StrEnum):
    """What became of a move that somebody asked for."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Stage(StrEnum):
    """What a move is on a day, as its badge says it: approved is one that is in force."""

    WAITING = "waiting"
    COMING = "coming"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


def stage(state: str, valid_from: date, today: date) -> Stage:
    """What a move is on a day."""
    if state == MoveState.APPROVED:
        return Stage.COMING if valid_from > today else Stage.APPROVED
    return Stage(state)


def move_faults(
    *,
    level: int | None,
    parent_level: int | None,
    parent_now: int | None,
    region_id: int | None,
    parent_id: int | None,
    valid_from: date,
    today: date,
    reason: str,
) -> list[Fault]:
    """What is wrong with a move. Levels are None for what is no region; parent_now: the area on the day.

    A province goes into an area and nothing else, so that the tree has no circle.
    """
    faults = []
    if level is None:
        faults.append(Fault("/region", "region", N_("There is no such region.")))
    elif level != PROVINCE:
        faults.append(Fault("/region", "region", N_("Only provinces are moved, from one area to another.")))
    if parent_level is None:
        faults.append(Fault("/area", "region", N_("There is no such region.")))
    elif parent_level != AREA or parent_id == region_id:
        faults.append(
            Fault("/area", "cycle", N_("A province lies in a sales area; the tree would have a circle."))
        )
    elif parent_now == parent_id:
        faults.append(Fault("/area", "same", N_("The province belongs to this area on that day already.")))
    if valid_from <= today:
        faults.append(
            Fault("/valid_from", "past", N_("Choose a day after today: what has happened keeps its area."))
        )
    if not reason or len(reason) > REASON_MAX:
        words = N_("Say why, in at most %(max)s characters.")
        faults.append(Fault("/reason", "required", words, params={"max": REASON_MAX}))
    return faults
