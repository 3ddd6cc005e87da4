"""Regions of headquarters' people from a day on, for whoever manages them.

An account has regions without dates beside these. One of them that shall end on a day to come is given that
end as a region with dates, so that what somebody holds on a day is always the sum of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.models import StaffRegion, UserAccount
from portal.identity.people import require_manager
from portal.identity.standing_in_rules import reason_faults
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import Actor, require_own_hands
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class DatedRegion:
    """A region that somebody answers for on some days."""

    code: str
    name_zh: str
    name_en: str
    valid_from: date
    valid_to: date | None
    reason: str
    assigned_by_label: str


def dated_regions(session: Session, *, user_id: int) -> list[DatedRegion]:
    """Those that count or counted on some days, the latest first."""
    return [DatedRegion(**row._mapping) for row in session.execute(_LIST, {"user_id": user_id})]


def give_region(
    session: Session,
    *,
    actor: Actor,
    user_id: int,
    region: str,
    valid_from: date,
    valid_to: date | None,
    reason: str,
    today: date,
    at: datetime,
) -> None:
    """Let somebody answer for a region, and what lies in it, from a day on and until before another.

    Needs a session of the issuer in the actor's scope. Raises NotFound, Forbidden, Invalid with every fault.
    """
    person, region_id = _held(session, actor, user_id, region)
    reason = reason.strip()
    faults = reason_faults(reason)
    if region_id is None:
        faults.append(Fault("/region", "regions", N_("There is no such region.")))
    if person.all_regions:
        faults.append(Fault("/region", "regions", N_("This person answers for the whole country already.")))
    if valid_from < today:
        faults.append(Fault("/valid_from", "past", N_("Choose today or a day to come.")))
    if valid_to is not None and valid_to <= valid_from:
        faults.append(Fault("/valid_to", "past", N_("The last day lies before the first, or has passed.")))
    about = {"user_id": user_id, "region_id": region_id, "since": valid_from, "until": valid_to}
    if not faults and (region_id in person.region_ids or session.execute(_OVERLAPS, about).scalar_one()):
        faults.append(
            Fault("/region", "has", N_("The person answers for this region on these days already."))
        )
    if faults:
        raise Invalid(faults=faults)
    _insert(session, actor, user_id, region_id, valid_from, valid_to, reason, at)
    after = {"region": region, "valid_from": valid_from.isoformat(), "valid_to": valid_to and str(valid_to)}
    record(
        session,
        IdentityAction.REGION_GIVEN,
        f"user:{user_id}",
        actor=actor,
        dealer_id=None,
        after=after,
        reason=reason,
    )


def end_region(
    session: Session,
    *,
    actor: Actor,
    user_id: int,
    region: str,
    valid_to: date,
    reason: str,
    today: date,
    at: datetime,
) -> None:
    """Let somebody answer for a region no more from a day on, today at the earliest.

    Raises NotFound, Forbidden, Invalid, Conflict for who does not answer for it.
    """
    person, region_id = _held(session, actor, user_id, region)
    reason = reason.strip()
    faults = reason_faults(reason)
    if valid_to < today:
        faults.append(Fault("/valid_to", "past", N_("Choose today or a day to come.")))
    if faults:
        raise Invalid(faults=faults)
    if region_id is not None and region_id in person.region_ids:
        kept = [one for one in person.region_ids if one != region_id]
        session.execute(update(UserAccount).where(UserAccount.id == user_id).values(region_ids=kept))
        if valid_to > today:
            _insert(session, actor, user_id, region_id, today, valid_to, reason, at)
    else:
        about = {"user_id": user_id, "region_id": region_id, "until": valid_to}
        if session.execute(_END, about).first() is None:
            raise Conflict("none", N_("The person does not answer for this region on that day."))
    record(
        session,
        IdentityAction.REGION_ENDED,
        f"user:{user_id}",
        actor=actor,
        dealer_id=None,
        after={"region": region, "valid_to": valid_to.isoformat()},
        reason=reason,
    )


def _held(session: Session, actor: Actor, user_id: int, region: str) -> tuple[Record, int | None]:
    """The account, locked, and the region of a code. Raises NotFound for who is not of headquarters."""
    require_manager(actor, actor.dealer_id)
    require_own_hands(actor)
    person: Record | None = session.execute(_PERSON, {"user_id": user_id}).one_or_none()
    if person is None or not actor.is_staff:
        raise NotFound()
    if actor.user_id == user_id:
        raise Forbidden(
            "own_roles", N_("Nobody gives themselves roles."), fix=N_("Ask another administrator.")
        )
    return person, session.execute(_REGION, {"code": region}).scalar_one_or_none()


def _insert(
    session: Session,
    actor: Actor,
    user_id: int,
    region_id: int | None,
    valid_from: date,
    valid_to: date | None,
    reason: str,
    at: datetime,
) -> None:
    session.execute(
        insert(StaffRegion).values(
            user_id=user_id,
            region_id=region_id,
            valid_from=valid_from,
            valid_to=valid_to,
            assigned_by=actor.key,
            assigned_by_label=actor.label,
            assigned_at=at,
            reason=reason,
        )
    )


_PERSON = text(
    "SELECT id, region_ids, all_regions FROM user_account WHERE id = :user_id AND dealer_id IS NULL"
    " FOR NO KEY UPDATE"
)
_REGION = text("SELECT id FROM region WHERE code = :code")
_OVERLAPS = text(
    """
    SELECT EXISTS (SELECT FROM staff_region
                    WHERE user_id = :user_id AND region_id = :region_id
                      AND daterange(valid_from, valid_to)
                          && daterange(CAST(:since AS date), CAST(:until AS date)))
    """
)
_END = text(
    """
    UPDATE staff_region SET valid_to = :until
     WHERE user_id = :user_id AND region_id = :region_id AND valid_from < :until
       AND (valid_to IS NULL OR valid_to > :until)
    RETURNING user_id
    """
)
_LIST = text(
    """
    SELECT r.code, r.name_zh, r.name_en, s.valid_from, s.valid_to, s.reason, s.assigned_by_label
      FROM staff_region s JOIN region r ON r.id = s.region_id
     WHERE s.user_id = :user_id ORDER BY s.valid_from DESC, r.code
    """
)
