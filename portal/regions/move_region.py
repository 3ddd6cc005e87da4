"""Somebody proposes that a province belongs to another sales area from a day on; another person decides.

From its day on the province is read in its new area wherever the tree is read; what happened before keeps the
old one. Whoever writes a move holds the province, so that two of them come one after the other.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import numbering
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid, NotFound
from portal.regions.fragments import regions_on
from portal.regions.models import RegionMove
from portal.regions.rules import REASON_MAX, MoveState, move_faults
from portal.regions.vocabulary import RegionAction, RegionRight

PREFIX = "BJ"


def propose_move(
    session: Session,
    *,
    actor: Actor,
    region: str,
    area: str,
    valid_from: date,
    reason: str,
    today: date,
    at: datetime,
) -> str:
    """Propose it by the codes of province and area; its number. Nothing moves before another person agrees.

    Raises Invalid with every fault, Conflict while another move of the province waits, Forbidden.
    """
    _require_organiser(actor)
    reason = reason.strip()
    found = session.execute(_TREE, {"region": region, "area": area, "day": valid_from}).one()
    faults = move_faults(
        level=found.level,
        parent_level=found.area_level,
        parent_now=found.parent_id,
        region_id=found.region_id,
        parent_id=found.area_id,
        valid_from=valid_from,
        today=today,
        reason=reason,
    )
    if faults:
        raise Invalid(faults=faults)
    number = numbering.new_number(PREFIX, today)
    session.execute(
        insert(RegionMove).values(
            number=number,
            region_id=found.region_id,
            parent_id=found.area_id,
            valid_from=valid_from,
            reason=reason,
            proposed_by=actor.key,
            proposed_by_label=actor.label,
            proposed_at=at,
        )
    )
    after = {"region": region, "area": area, "valid_from": valid_from.isoformat()}
    record(session, RegionAction.PROPOSED, number, actor=actor, dealer_id=None, after=after, reason=reason)
    return number


def approve_move(session: Session, *, actor: Actor, number: str, today: date, at: datetime) -> None:
    """Let a move count from its day on.

    Raises Conflict when it does not wait, its day has come, or the province is in the area by then; Forbidden
    to whoever proposed it; NotFound.
    """
    move = _waiting(session, actor, number)
    require_other_person(actor, move.proposed_by)
    if move.valid_from <= today:
        raise Conflict(
            "past",
            N_("The day of this move has come, and what happens today goes by the tree as it is."),
            fix=N_("Reject it, and have another day proposed."),
        )
    if move.parent_then == move.parent_id:
        raise Conflict(
            "same",
            N_("The province belongs to this area on that day already."),
            fix=N_("Reject it."),
        )
    _decide(session, move, MoveState.APPROVED, actor, "", at)
    before = {"area": move.area_then}
    after = {"region": move.region, "area": move.area, "valid_from": move.valid_from.isoformat()}
    record(session, RegionAction.APPROVED, number, actor=actor, dealer_id=None, before=before, after=after)


def reject_move(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Refuse what another person proposed. Raises Invalid without a reason, Conflict, Forbidden, NotFound."""
    move = _waiting(session, actor, number)
    require_other_person(actor, move.proposed_by)
    said = reason.strip()
    if not said or len(said) > REASON_MAX:
        words = N_("Say why, in at most %(max)s characters.")
        raise Invalid(faults=[Fault("/reason", "required", words, params={"max": REASON_MAX})])
    _decide(session, move, MoveState.REJECTED, actor, said, at)
    record(session, RegionAction.REJECTED, number, actor=actor, dealer_id=None, reason=said)


def withdraw_move(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Take an own proposal back before anybody decided. Raises Conflict, Forbidden, NotFound."""
    move = _waiting(session, actor, number)
    if move.proposed_by != actor.key:
        raise Forbidden("not_yours", N_("Somebody else proposed this. Reject it instead."))
    _decide(session, move, MoveState.WITHDRAWN, actor, "", at)
    record(session, RegionAction.WITHDRAWN, number, actor=actor, dealer_id=None)


def _require_organiser(actor: Actor) -> None:
    """The tree is the whole country's: who answers for a part of it does not cut it."""
    actor.require(RegionRight.ORGANISE)
    if actor.region_ids is not None:
        raise Forbidden("whole_country", N_("Areas are changed by whoever answers for the whole country."))


def _waiting(session: Session, actor: Actor, number: str) -> Record:
    _require_organiser(actor)
    move: Record | None = session.execute(_MOVE, {"number": number}).one_or_none()
    if move is None:
        raise NotFound()
    if move.state != MoveState.WAITING:
        raise Conflict("decided", N_("Somebody has decided on this meanwhile."))
    return move


def _decide(session: Session, move: Record, state: MoveState, actor: Actor, note: str, at: datetime) -> None:
    session.execute(
        update(RegionMove)
        .where(RegionMove.number == move.number)
        .values(
            state=state,
            decided_by=actor.key,
            decided_by_label=actor.label,
            decided_at=at,
            decision_note=note,
        )
    )


_TREE = text(
    f"""
    SELECT r.id AS region_id, r.level, r.parent_id, a.id AS area_id, a.level AS area_level
      FROM (SELECT 1) one
      LEFT JOIN {regions_on("CAST(:day AS date)")} r ON r.code = :region
      LEFT JOIN region_node a ON a.code = :area
    """
)
_MOVE = text(
    f"""
    SELECT m.number, m.state, m.valid_from, m.parent_id, m.proposed_by, r.code AS region, a.code AS area,
           r.parent_id AS parent_then, t.code AS area_then
      FROM region_move m
      JOIN LATERAL {regions_on("m.valid_from")} r ON r.id = m.region_id
      JOIN region_node a ON a.id = m.parent_id
      LEFT JOIN region_node t ON t.id = r.parent_id
     WHERE m.number = :number FOR UPDATE OF m
    """
)
