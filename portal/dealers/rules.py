"""What dealers are. Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from portal.kernel.errors import N_, Fault

REASON_MAX = 500


class DealerState(StrEnum):
    """Whether a dealer may order, and its people sign in."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class TierChangeState(StrEnum):
    """What became of another tier that somebody asked for."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


def tier_faults(
    *,
    tier: str,
    known: frozenset[str],
    tier_now: str,
    valid_from: date,
    last_from: date,
    today: date,
    reason: str,
) -> list[Fault]:
    """What is wrong with another tier. tier_now, last_from: the last tier there is, and its first day."""
    faults = []
    if tier not in known:
        faults.append(Fault("/tier", "tier", N_("There is no such tier.")))
    elif tier == tier_now:
        faults.append(Fault("/tier", "same", N_("The dealer has this tier.")))
    if valid_from <= today:
        faults.append(
            Fault("/valid_from", "past", N_("Choose a day after today: prices of today are known."))
        )
    elif valid_from <= last_from:
        faults.append(Fault("/valid_from", "later", N_("Another tier begins on that day or later.")))
    return faults + reason_faults(reason)


def reason_faults(reason: str) -> list[Fault]:
    """What is wrong with a reason."""
    if reason and len(reason) <= REASON_MAX:
        return []
    words = N_("Say why, in at most %(max)s characters.")
    return [Fault("/reason", "required", words, params={"max": REASON_MAX})]
