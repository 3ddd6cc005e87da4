"""Which papers there are, the lives of a paper and of an authorisation as data, when one is renewed. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from portal.kernel.errors import N_, Conflict
from portal.workdays.rules import WorkCalendar

REMINDED = (90, 60, 30, 7)
"""Days before the end of a paper on which people are reminded, the earliest first."""
RENEWAL_FIRST, RENEWAL_LAST = 90, 30
"""Working days before the end of a licence from which, and until which, its renewal is asked for."""
CERTIFICATE_MONTHS = 6
"""Months before the end of a registration certificate until which its renewal is asked for."""


class PaperKind(StrEnum):
    """What a dealer's paper is."""

    BUSINESS_LICENCE = "business_licence"
    LICENCE = "licence"
    FILING = "filing"
    RENEWAL_RECEIPT = "renewal_receipt"
    QUALITY_AGREEMENT = "quality_agreement"
    PURCHASER_LETTER = "purchaser_letter"
    OTHER = "other"


SCOPED = (PaperKind.LICENCE, PaperKind.FILING)
"""Papers that say for which categories of devices they are."""
ENDLESS = (PaperKind.BUSINESS_LICENCE, PaperKind.FILING, PaperKind.RENEWAL_RECEIPT, PaperKind.OTHER)
"""Papers that may have no end."""


class PaperState(StrEnum):
    """What became of a paper so far."""

    FILED = "filed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    REVOKED = "revoked"


class PaperAct(StrEnum):
    """What somebody does to a paper."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REPLACE = "replace"
    REVOKE = "revoke"


PAPER_LIFE = {
    (PaperState.FILED, PaperAct.ACCEPT): PaperState.ACCEPTED,
    (PaperState.FILED, PaperAct.REFUSE): PaperState.REFUSED,
    (PaperState.FILED, PaperAct.WITHDRAW): PaperState.WITHDRAWN,
    (PaperState.ACCEPTED, PaperAct.REPLACE): PaperState.REPLACED,
    (PaperState.ACCEPTED, PaperAct.REVOKE): PaperState.REVOKED,
}
"""Every act there is, by what may be done in which state. Whatever is not here is refused."""


class AuthorisationState(StrEnum):
    """What became of an authorisation so far."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class AuthorisationAct(StrEnum):
    """What somebody does to an authorisation."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    END = "end"


AUTHORISATION_LIFE = {
    (AuthorisationState.PROPOSED, AuthorisationAct.APPROVE): AuthorisationState.IN_FORCE,
    (AuthorisationState.PROPOSED, AuthorisationAct.REJECT): AuthorisationState.REJECTED,
    (AuthorisationState.PROPOSED, AuthorisationAct.WITHDRAW): AuthorisationState.WITHDRAWN,
    (AuthorisationState.IN_FORCE, AuthorisationAct.END): AuthorisationState.ENDED,
}
"""The same of authorisations."""


def paper_after(state: str, act: PaperAct) -> PaperState:
    """The state of a paper after an act. Raises Conflict where its life has no such way."""
    end = PAPER_LIFE.get((PaperState(state), act))
    if end is None:
        raise _decided("paper_state", state)
    return end


def authorisation_after(state: str, act: AuthorisationAct) -> AuthorisationState:
    """The state of an authorisation after an act. Raises Conflict where its life has no such way."""
    end = AUTHORISATION_LIFE.get((AuthorisationState(state), act))
    if end is None:
        raise _decided("authorisation_state", state)
    return end


def _decided(code: str, state: str) -> Conflict:
    return Conflict(
        code,
        N_("It is not in a state that allows this."),
        fix=N_("Look at it again: somebody may have acted on it."),
        state=state,
    )


def last_day_of_replaced(valid_to: date | None, begins: date) -> date:
    """Until when a paper counts that another replaces: until the day before, or its own end if sooner."""
    before = begins - timedelta(days=1)
    return before if valid_to is None else min(valid_to, before)


def stage(days_left: int) -> int | None:
    """Of `REMINDED` the one that is due so many days before the end; None before the first and after it."""
    if days_left < 0:
        return None
    return min((days for days in REMINDED if days_left <= days), default=None)


def renewal_window(valid_to: date, calendar: WorkCalendar) -> tuple[date, date]:
    """First and last day on which the renewal of a licence is asked for."""
    return (
        calendar.add_working_days(valid_to, -RENEWAL_FIRST),
        calendar.add_working_days(valid_to, -RENEWAL_LAST),
    )


def certificate_deadline(valid_to: date) -> date:
    """Last day on which the renewal of a registration certificate is asked for: the same day of the month
    six months before its end, or the last one of that month.
    """
    months = valid_to.year * 12 + valid_to.month - 1 - CERTIFICATE_MONTHS
    year, month = divmod(months, 12)
    after = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=valid_to.day - 1), after - timedelta(days=1))
