"""The dealer accepts or declines what it is offered, once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor, require_other_person, require_own_hands
from portal.kernel.db import Record
from portal.kernel.errors import N_, Forbidden, Invalid, NotFound
from portal.orders.vocabulary import OrderRight
from portal.repairs.accepted import begin_work
from portal.repairs.locked import (
    LockedRepair,
    going_on,
    lock_repair,
    require_open,
    require_revision,
    save_repair,
    tell_timeline,
)
from portal.repairs.rules import TEXT_MAX, QuoteState, RepairState, require_decidable
from portal.repairs.vocabulary import RepairAction
from portal.service.locked import LockedRequest, save, timed
from portal.service.rules import plain_text, text_faults
from portal.service.told import SAID, tell
from portal.service.vocabulary import ServiceRight


def accept_quote(
    session: Session,
    *,
    actor: Actor,
    number: str,
    version: int,
    revision: int | None = None,
    today: date,
    margin_days: int,
    at: datetime,
) -> None:
    """Accept a version of the quote of a request; its parts are held in stock.

    Raises Conflict for one that is not offered any more or has expired, NotFound, Forbidden also to who wrote
    it, and to who may not order for the dealer.
    """
    request, repair, quote = _offered(session, actor, number, version, revision, today)
    actor.require(OrderRight.WRITE)  # it binds the dealer to an invoice
    require_own_hands(actor)
    _decide(session, repair, version, QuoteState.ACCEPTED, actor=actor, at=at)
    details: dict[str, Any] = {"version": version, "gross": f"{quote.gross:.2f}"}
    tell_timeline(session, request, RepairAction.QUOTE_ACCEPTED, actor=actor, at=at, **details)
    begin_work(
        session,
        request,
        repair,
        version=version,
        is_warranty=False,
        actor=actor,
        today=today,
        margin_days=margin_days,
        at=at,
    )
    save(session, timed(session, request, state=going_on(request), at=at), at=at)
    tell(session, SAID, request)


def decline_quote(
    session: Session,
    *,
    actor: Actor,
    number: str,
    version: int,
    reason: str = "",
    revision: int | None = None,
    today: date,
    at: datetime,
) -> None:
    """Decline a version of the quote of a request.

    Raises Invalid for a reason that cannot be read, Conflict for what is not offered any more, NotFound,
    Forbidden.
    """
    if faults := text_faults("/reason", reason, most=TEXT_MAX, needed=False, in_lines=True):
        raise Invalid(faults=faults)
    request, repair, _ = _offered(session, actor, number, version, revision, today)
    _decide(session, repair, version, QuoteState.DECLINED, actor=actor, at=at, reason=plain_text(reason))
    tell_timeline(
        session, request, RepairAction.QUOTE_DECLINED, actor=actor, at=at, said=reason, version=version
    )
    save_repair(session, repair, at=at, state=RepairState.QUOTING)
    save(session, timed(session, request, state=going_on(request), at=at), at=at)
    tell(session, SAID, request)


def _offered(
    session: Session, actor: Actor, number: str, version: int, revision: int | None, today: date
) -> tuple[LockedRequest, LockedRepair, Record]:
    if actor.is_staff:
        raise Forbidden("dealer_only", N_("Only the dealer decides on a quote."))
    actor.require(ServiceRight.WRITE)
    request, repair = lock_repair(session, number)
    quote = session.execute(_QUOTE, repair.key | {"version": version}).one_or_none()
    if quote is None or quote.state == QuoteState.DRAFT:
        raise NotFound()
    require_decidable(quote.state, quote.valid_until, today)
    require_revision(repair, revision)
    require_open(request)
    for wrote in (quote.written_by, quote.issued_by):
        require_other_person(actor, wrote)
    return request, repair, quote


def _decide(
    session: Session,
    repair: LockedRepair,
    version: int,
    state: QuoteState,
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    decided = {"version": version, "state": str(state), "reason": reason}
    session.execute(_DECIDE, repair.key | decided | {"actor": actor.key, "label": actor.label, "at": at})


_QUOTE = text(
    """
    SELECT state, valid_until, gross, written_by, issued_by FROM repair_quote
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND version = :version
    """
)
_DECIDE = text(
    """
    UPDATE repair_quote
       SET state = :state, decided_by = :actor, decided_by_label = :label, decided_at = :at, reason = :reason
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND version = :version
    """
)
