"""Who may act in whose name, as what, and what nobody does for another. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.identity.rules import Role
from portal.kernel.errors import N_, Fault

REASON_MAX = 500
DELEGATION_MAX = timedelta(days=184)
CONSENT_MAX = timedelta(days=31)

NEVER_LENT = frozenset({"hq:admin", "people:write", "clients:write"})
"""Who manages people and systems does it in person."""

DONE_FOR_DEALERS = frozenset(
    {
        "catalogue:read",
        "devices:read",
        "files:write",
        "knowledge:read",
        "notices:read",
        "orders:read",
        "orders:write",
        "prices:read",
        "service:read",
        "service:write",
        "stock:read",
    }
)
"""All that headquarters may do for a dealer. A right that is not named here, as those of money, of people, of
systems and of what a dealer declares, is none of it.
"""
ACTED_AS = (Role.DEALER_BUYER, Role.DEALER_SERVICE)
"""As what somebody of headquarters may act for a dealer."""
ASKED_TO_ACT = (Role.CHANNEL_MANAGER, Role.ORDER_DESK, Role.SERVICE_DESK)
"""The roles of headquarters that a dealer may let act for it as a whole."""


class Standing(StrEnum):
    """What a delegation or a consent is at a moment."""

    COMING = "coming"
    IN_FORCE = "in_force"
    ENDED = "ended"
    REVOKED = "revoked"


def standing_of_days(first: date, last: date, revoked_at: datetime | None, today: date) -> Standing:
    """What a delegation is on a day."""
    if revoked_at is not None:
        return Standing.REVOKED
    if today < first:
        return Standing.COMING
    return Standing.IN_FORCE if today <= last else Standing.ENDED


def standing_of_moments(
    begin: datetime, end: datetime, revoked_at: datetime | None, at: datetime
) -> Standing:
    """What a consent is at a moment."""
    if revoked_at is not None:
        return Standing.REVOKED
    if at < begin:
        return Standing.COMING
    return Standing.IN_FORCE if at < end else Standing.ENDED


def delegation_faults(
    *,
    roles: Sequence[str],
    own_roles: Collection[str],
    is_colleague: bool,
    first_day: date,
    last_day: date,
    today: date,
    reason: str,
) -> list[Fault]:
    """What is wrong with a delegation. is_colleague: whether the other is active, and of the same side."""
    faults = []
    if not roles:
        faults.append(Fault("/roles", "required", N_("Choose at least one role.")))
    elif not set(own_roles).issuperset(roles):
        faults.append(Fault("/roles", "roles", N_("Only own roles are delegated.")))
    if not is_colleague:
        faults.append(
            Fault("/taker", "colleague", N_("Choose somebody else of the same side who is active."))
        )
    if last_day < max(first_day, today):
        faults.append(Fault("/last_day", "past", N_("The last day lies before the first, or has passed.")))
    elif last_day - first_day > DELEGATION_MAX:
        words = N_("At most %(max)s days.")
        faults.append(Fault("/last_day", "long", words, params={"max": DELEGATION_MAX.days}))
    return faults + reason_faults(reason)


def consent_faults(
    *,
    mail: str,
    role: str,
    roles: Sequence[str],
    begin: datetime,
    end: datetime,
    at: datetime,
    reason: str,
) -> list[Fault]:
    """What is wrong with a dealer's consent to be acted for."""
    faults = []
    if bool(mail) == bool(role):
        faults.append(Fault("/whom", "whom", N_("Name one person by mail, or choose one role.")))
    elif role and role not in ASKED_TO_ACT:
        faults.append(Fault("/whom", "roles", N_("Choose one of the roles.")))
    if not roles:
        faults.append(Fault("/roles", "required", N_("Choose at least one role.")))
    elif not set(ACTED_AS).issuperset(roles):
        faults.append(Fault("/roles", "roles", N_("Choose one of the roles.")))
    if end <= max(begin, at):
        faults.append(Fault("/until", "past", N_("The end lies before the beginning, or has passed.")))
    elif end - begin > CONSENT_MAX:
        words = N_("At most %(max)s days.")
        faults.append(Fault("/until", "long", words, params={"max": CONSENT_MAX.days}))
    return faults + reason_faults(reason)


def reason_faults(reason: str) -> list[Fault]:
    """What is wrong with the reason of an act that is asked about later."""
    if reason and len(reason) <= REASON_MAX:
        return []
    words = N_("Say why, in at most %(max)s characters.")
    return [Fault("/reason", "required", words, params={"max": REASON_MAX})]
