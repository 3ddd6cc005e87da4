"""How a dealer buys: the life of a draft, whose order needs approval, when a recurring order is due. Pure."""

from __future__ import annotations

import calendar
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.kernel.errors import N_, Conflict, Fault

NAME_MAX = 60  # characters of a template's or a draft's name
REASON_MAX = 500  # characters
SYSTEMS = "systems"
"""Whose orders one amount is for: a role, a person, or the dealer's own systems together."""


class DraftState(StrEnum):
    """Where a draft stands. `WAITING` is an order that a colleague has to approve."""

    OPEN = "open"
    WAITING = "waiting"
    PLACED = "placed"
    REJECTED = "rejected"
    TAKEN = "taken"
    DISCARDED = "discarded"


class DraftAct(StrEnum):
    """What moves a draft."""

    ASK = "ask"
    PLACE = "place"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    TAKE = "take"
    DISCARD = "discard"


TRANSITIONS: dict[tuple[DraftState, DraftAct], DraftState] = {
    (DraftState.OPEN, DraftAct.PLACE): DraftState.PLACED,
    (DraftState.OPEN, DraftAct.ASK): DraftState.WAITING,
    (DraftState.OPEN, DraftAct.TAKE): DraftState.TAKEN,
    (DraftState.OPEN, DraftAct.DISCARD): DraftState.DISCARDED,
    (DraftState.WAITING, DraftAct.PLACE): DraftState.PLACED,
    (DraftState.WAITING, DraftAct.REJECT): DraftState.REJECTED,
    (DraftState.WAITING, DraftAct.WITHDRAW): DraftState.OPEN,
    (DraftState.REJECTED, DraftAct.TAKE): DraftState.TAKEN,
    (DraftState.REJECTED, DraftAct.DISCARD): DraftState.DISCARDED,
}
"""The law of drafts; docs/purchasing.md draws it, and a test compares the two."""


def moved(state: str, act: DraftAct) -> DraftState:
    """The state after an act. Raises Conflict when the state does not allow it."""
    reached = TRANSITIONS.get((DraftState(state), act))
    if reached is None:
        message = N_("Somebody has decided on this draft, ordered it or taken it meanwhile.")
        raise Conflict("draft_moved_on", message, fix=N_("Load the page again to see where it stands."))
    return reached


def amount_for(
    amounts: Mapping[str, Decimal],
    *,
    user_id: int | None,
    roles: Collection[str],
    ordering: Collection[str],
    composed: Collection[str] = (),
) -> Decimal | None:
    """¥ up to which somebody orders without a colleague's approval; None for any amount.

    The person's own amount counts before those of the roles; of several roles that may order, the most
    generous. `amounts` by `person`, `role` or `SYSTEMS`; `ordering`: the built-in roles that may order;
    `composed`: those of the dealer's own making that may. Such a role without an amount of its own has the
    least of the built-in ones, so that composing one is no way around them.
    """
    if user_id is None:
        return amounts.get(SYSTEMS)
    if (own := amounts.get(person(user_id))) is not None:
        return own
    least = min((amounts[role(one)] for one in ordering if role(one) in amounts), default=None)
    held = [amounts.get(role(one)) for one in roles if one in ordering]
    held += [amounts.get(role(one), least) for one in roles if one in composed]
    known = [amount for amount in held if amount is not None]
    return max(known) if known and len(known) == len(held) else None


def person(user_id: int) -> str:
    """Whose amount it is: a person's."""
    return f"user:{user_id}"


def role(name: str) -> str:
    """Whose amount it is: that of everybody with a role."""
    return f"role:{name}"


def plain(name: str) -> str:
    """A name as it is kept: composed, one plain space between words."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def name_faults(pointer: str, name: str) -> list[Fault]:
    """What is wrong with a plain name; it stands in addresses too."""
    if not name:
        return [Fault(pointer, "required", N_("Enter a name."), N_("A short one that colleagues know."))]
    if len(name) > NAME_MAX or not name.isprintable():
        message, fix = N_("At most %(max)s printable characters."), N_("Write a shorter name.")
        return [Fault(pointer, "name", message, fix, {"max": NAME_MAX})]
    if "/" in name or "\\" in name or name in (".", ".."):
        message, fix = N_("A name has no slash and is no dot."), N_("Write it with another sign.")
        return [Fault(pointer, "name", message, fix)]
    return []


def reason_faults(reason: str) -> list[Fault]:
    """What is wrong with the reason for which an order is not approved."""
    if not reason.strip():
        message, fix = N_("The reason is missing."), N_("Say why, so that your colleague can do better.")
        return [Fault("/reason", "required", message, fix)]
    if len(reason) > REASON_MAX:
        message, fix = N_("At most %(max_length)s characters."), N_("Write a shorter reason.")
        return [Fault("/reason", "too_long", message, fix, {"max_length": REASON_MAX})]
    return []


class Rhythm(StrEnum):
    """How often a recurring order comes round."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


class RecurringAct(StrEnum):
    """What is made of a recurring order when its day has come."""

    DRAFT = "draft"
    PLACE = "place"


class Outcome(StrEnum):
    """What became of a recurring order on a day."""

    PLACED = "placed"
    WAITING = "waiting"
    DRAFTED = "drafted"
    SKIPPED = "skipped"


def rhythm_faults(rhythm: str, day: int) -> list[Fault]:
    """What is wrong with a rhythm: `day` is 1 (Monday) to 7 of a week, 1 to 31 of a month."""
    if rhythm not in list(Rhythm):
        message, fix = N_("There is no such rhythm."), N_("Choose every week or every month.")
        return [Fault("/rhythm", "rhythm", message, fix)]
    most = 7 if rhythm == Rhythm.WEEKLY else 31
    if not 1 <= day <= most:
        message, fix = N_("There is no such day."), N_("Choose a day from 1 to %(most)s.")
        return [Fault("/day", "day", message, fix, {"most": most})]
    return []


def next_date(rhythm: str, day: int, after: date) -> date:
    """The first date of a rhythm after `after`; a month that is too short has it on its last day."""
    if rhythm == Rhythm.WEEKLY:
        return after + timedelta(days=(day - after.isoweekday() - 1) % 7 + 1)
    this = _in_month(after.year, after.month, day)
    if this > after:
        return this
    following = after.replace(day=1) + timedelta(days=31)
    return _in_month(following.year, following.month, day)


def business_day(day: date) -> date:
    """The day itself, or the Monday after a weekend: on a weekend nobody would see what went wrong."""
    return day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
