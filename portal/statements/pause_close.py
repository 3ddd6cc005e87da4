"""Pause a closing and let it go on: no more statements are handed out, those at hand are finished."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Forbidden
from portal.ledger import period_lock
from portal.statements.vocabulary import StatementAction, StatementRight


def pause_close(session: Session, *, actor: Actor, period: str, at: datetime) -> None:
    """Hand out no more statements of a closing. Raises Conflict unless it is under way, Forbidden."""
    _require(actor)
    if not period_lock.pause(session, period=period, by=actor.label, at=at):
        raise Conflict("not_closing", N_("%(period)s is not being closed, or is paused."), period=period)
    audit.record(session, StatementAction.PERIOD_PAUSED, period, actor=actor, dealer_id=None)


def resume_close(session: Session, *, actor: Actor, period: str) -> None:
    """Go on with a closing that is paused. Raises Conflict unless it is, Forbidden."""
    _require(actor)
    if not period_lock.resume(session, period=period):
        raise Conflict("not_paused", N_("The closing of %(period)s is not paused."), period=period)
    audit.record(session, StatementAction.PERIOD_RESUMED, period, actor=actor, dealer_id=None)
    outbox.add(session, "statements.close", dealer_id=None, period=period)


def _require(actor: Actor) -> None:
    actor.require(StatementRight.CLOSE)
    if actor.region_ids is not None:
        raise Forbidden("all_regions_needed", N_("A month is closed for all regions, and you see only some."))
