"""Somebody who signs claims has a colleague do it for some days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.claims.deciders import RIGHTS
from portal.claims.rules import reason_of
from portal.claims.vocabulary import ClaimAction, ClaimRight
from portal.identity.colleagues import Colleague, colleagues
from portal.kernel.actor import Actor, require_person
from portal.kernel.errors import N_, Fault, Invalid, NotFound

DAYS_MAX = 180
"""Longer than that is no absence: then the role is somebody else's."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """A delegation that runs or is to come. is_own: of whoever asks."""

    id: int
    from_label: str
    to_label: str
    from_day: date
    to_day: date
    reason: str
    is_own: bool


def delegate_claims(
    session: Session,
    *,
    actor: Actor,
    to: str,
    from_day: date,
    to_day: date,
    reason: str,
    today: date,
    at: datetime,
) -> int:
    """Let a colleague sign in the actor's name on these days, as far as the colleague sees the dealers.

    to: mail address. What was delegated to the actor is not handed on. Returns the id. Raises Invalid with
    every fault, Forbidden.
    """
    actor.require(ClaimRight.MANAGE, ClaimRight.FINANCE)
    require_person(actor)
    found = next((one for one in colleagues(session) if one.email == to.strip().lower()), None)
    faults = [*_colleague_faults(actor, found), *_day_faults(from_day, to_day, today)]
    if faults:
        raise Invalid(faults=faults)
    assert found is not None
    why = reason_of(reason, required=True)
    row = {
        "from_id": actor.user_id,
        "from_label": actor.label,
        "to_id": found.user_id,
        "to_label": found.name,
        "from_day": from_day,
        "to_day": to_day,
        "reason": why,
        "at": at,
    }
    made: int = session.execute(_MAKE, row).scalar_one()
    after = {"to": found.key, "from_day": from_day.isoformat(), "to_day": to_day.isoformat()}
    _tell(session, actor, ClaimAction.DELEGATED, made, after=after, reason=why)
    return made


def end_delegation(session: Session, *, actor: Actor, delegation_id: int, at: datetime) -> None:
    """Sign oneself again. Raises NotFound for another's, or one that has ended."""
    actor.require(ClaimRight.MANAGE, ClaimRight.FINANCE)
    about = {"id": delegation_id, "user_id": actor.user_id, "at": at}
    if session.execute(_END, about).scalar_one_or_none() is None:
        raise NotFound()
    _tell(session, actor, ClaimAction.DELEGATION_ENDED, delegation_id)


def delegations(session: Session, *, actor: Actor, today: date) -> list[Delegation]:
    """The delegations by and to the actor that run or are to come, the first day first."""
    actor.require(ClaimRight.MANAGE, ClaimRight.FINANCE)
    rows = session.execute(_ALL, {"user_id": actor.user_id, "today": today})
    return [Delegation(**row._mapping) for row in rows]


def can_stand_in(session: Session, *, actor: Actor) -> list[Colleague]:
    """To whom the actor may delegate."""
    return [one for one in colleagues(session) if not list(_colleague_faults(actor, one))]


def _colleague_faults(actor: Actor, found: Colleague | None) -> list[Fault]:
    if found is None or not any(map(found.may, RIGHTS.values())):
        message = N_("Nobody of headquarters who signs claims has this address.")
        return [Fault("/to", "unknown_colleague", message, N_("Choose a colleague from the list."))]
    if found.user_id == actor.user_id:
        message, fix = N_("This is yourself."), N_("Choose a colleague from the list.")
        return [Fault("/to", "same_person", message, fix)]
    if actor.region_ids is not None and not found.answers_for(actor.region_ids):
        message = N_("This colleague sees none of your dealers.")
        return [Fault("/to", "outside_region", message, N_("Choose somebody of your regions."))]
    return []


def _day_faults(from_day: date, to_day: date, today: date) -> list[Fault]:
    fix = N_("Change the days.")
    if from_day < today:
        return [Fault("/from_day", "past", N_("This day is over."), fix)]
    if not from_day <= to_day <= from_day + timedelta(days=DAYS_MAX):
        message = N_("From one day to %(max)s of them.")
        return [Fault("/to_day", "days", message, fix, {"max": DAYS_MAX})]
    return []


def _tell(
    session: Session,
    actor: Actor,
    action: ClaimAction,
    delegation_id: int,
    *,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    subject = str(delegation_id)
    record(session, action, subject, actor=actor, dealer_id=None, after=after, reason=reason)


_MAKE = text(
    """
    INSERT INTO claim_delegation (from_user_id, from_label, to_user_id, to_label, from_day, to_day, reason,
                                  made_at)
    VALUES (:from_id, :from_label, :to_id, :to_label, :from_day, :to_day, :reason, :at)
    RETURNING id
    """
)
_END = text(
    """
    UPDATE claim_delegation SET ended_at = :at
     WHERE id = :id AND from_user_id = :user_id AND ended_at IS NULL RETURNING id
    """
)
_ALL = text(
    """
    SELECT id, from_label, to_label, from_day, to_day, reason, from_user_id = :user_id AS is_own
      FROM claim_delegation
     WHERE (from_user_id = :user_id OR to_user_id = :user_id) AND ended_at IS NULL AND to_day >= :today
     ORDER BY from_day, id
    """
)
