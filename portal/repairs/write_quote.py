"""Headquarters writes a quote, offers it to the dealer, takes it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.queries import load_dealer
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.orders.offered import offered
from portal.orders.rules import Demand, normal_sku, product_faults
from portal.orders.terms import OrderTerms
from portal.repairs.accepted import begin_work
from portal.repairs.locked import (
    LockedRepair,
    going_on,
    lock_repair,
    made_repair,
    require_open,
    require_revision,
    save_repair,
    tell_timeline,
)
from portal.repairs.rules import (
    LineEntry,
    LineKind,
    QuoteLine,
    QuoteState,
    RepairState,
    is_expired,
    is_under_warranty,
    line_of,
    quote_faults,
    totals,
)
from portal.repairs.vocabulary import RepairAction
from portal.service.converse import answered
from portal.service.locked import LockedRequest, lock_request, save, timed
from portal.service.rules import RequestState, plain_text
from portal.service.told import ANSWERED, tell
from portal.service.vocabulary import STAFF


@dataclass(frozen=True, slots=True)
class QuoteEntry:
    """A quote as it is entered. is_warranty: the dealer pays nothing and is not asked."""

    lines: Sequence[LineEntry]
    valid_until: date | None
    note: str = ""
    is_warranty: bool = False


def write_quote(
    session: Session,
    *,
    actor: Actor,
    number: str,
    entry: QuoteEntry,
    revision: int | None = None,
    today: date,
    terms: OrderTerms,
    at: datetime,
) -> int:
    """Write a version of the quote of a request, as a draft; its number. What was drafted before is dropped.

    Parts cost what the dealer pays for them. Raises Invalid with every fault, Conflict for what is accepted
    or over, NotFound, Forbidden.
    """
    actor.require(*STAFF)
    request = lock_request(session, number)
    repair = made_repair(session, request, actor=actor, at=at)
    require_revision(repair, revision)
    _require_unaccepted(repair)
    lines = _lines(session, request, entry, today=today, terms=terms, at=at)
    gross, tax = totals(lines)
    session.execute(_DROP_DRAFT, repair.key)
    version = session.execute(
        _WRITE,
        repair.key
        | {
            "is_warranty": entry.is_warranty,
            "valid_until": entry.valid_until,
            "note": plain_text(entry.note),
            "gross": gross,
            "tax": tax,
            "actor": actor.key,
            "label": actor.label,
            "at": at,
        },
    ).scalar_one()
    _write_lines(session, repair, version, lines)
    save_repair(session, repair, at=at)
    return int(version)


def offer_quote(
    session: Session,
    *,
    actor: Actor,
    number: str,
    version: int,
    revision: int | None = None,
    today: date,
    terms: OrderTerms,
    at: datetime,
) -> None:
    """Offer a drafted version to the dealer; what was offered before is not valid any more.

    Under warranty nobody is asked: the work begins. Raises Conflict, NotFound, Forbidden.
    """
    actor.require(*STAFF)
    request, repair = lock_repair(session, number, revision=revision)
    require_open(request)
    _require_unaccepted(repair)
    quote = session.execute(_QUOTE, repair.key | {"version": version}).one_or_none()
    if quote is None or quote.state != QuoteState.DRAFT:
        raise Conflict(
            "no_draft", N_("This version is no draft any more."), fix=N_("Look at the latest one.")
        )
    if is_expired(quote.valid_until, today):
        raise Conflict("quote_expired", N_("This quote has expired."), fix=N_("Write another one."))
    session.execute(_WITHDRAW, repair.key)
    said = {"actor": actor.key, "label": actor.label, "at": at}
    if quote.is_warranty:
        session.execute(_UNDER_WARRANTY, repair.key | said | {"version": version})
        tell_timeline(session, request, RepairAction.WARRANTY_SAID, actor=actor, at=at)
        begin_work(
            session, request, repair, version=version, is_warranty=True, actor=actor, today=today,
            margin_days=terms.limits.margin_days, at=at,
        )  # fmt: skip
        save(session, answered(session, request, actor, at), at=at)
    else:
        session.execute(_OFFER, repair.key | said | {"version": version})
        details = {"version": version, "gross": f"{quote.gross:.2f}", "until": quote.valid_until.isoformat()}
        tell_timeline(session, request, RepairAction.QUOTE_OFFERED, actor=actor, at=at, **details)
        save_repair(session, repair, at=at, state=RepairState.OFFERED)
        waiting = timed(session, request, state=RequestState.WAITING, at=at)
        save(session, answered(session, waiting, actor, at), at=at)
    tell(session, ANSWERED, request)


def withdraw_quote(
    session: Session, *, actor: Actor, number: str, revision: int | None = None, at: datetime
) -> None:
    """Take back what is offered. Raises Conflict where nothing is, NotFound, Forbidden."""
    actor.require(*STAFF)
    request, repair = lock_repair(session, number, revision=revision)
    if repair.state != RepairState.OFFERED:
        raise Conflict("nothing_offered", N_("No quote waits for the dealer."), fix=N_("Look at it again."))
    session.execute(_WITHDRAW, repair.key)
    tell_timeline(session, request, RepairAction.QUOTE_WITHDRAWN, actor=actor, at=at)
    save_repair(session, repair, at=at, state=RepairState.QUOTING)
    save(session, timed(session, request, state=going_on(request), at=at), at=at)
    tell(session, ANSWERED, request)


def _require_unaccepted(repair: LockedRepair) -> None:
    if repair.state == RepairState.ACCEPTED:
        raise Conflict(
            "quote_accepted",
            N_("The dealer has accepted a quote already; the work goes on."),
            fix=N_("Cancel the repair to begin anew."),
        )


def _lines(
    session: Session,
    request: LockedRequest,
    entry: QuoteEntry,
    *,
    today: date,
    terms: OrderTerms,
    at: datetime,
) -> list[QuoteLine]:
    """The lines with their prices. Raises Invalid with everything that is wrong with the quote."""
    faults = quote_faults(entry.lines, entry.valid_until, entry.note, today)
    head: Record = session.execute(
        _REQUEST, {"dealer_id": request.dealer_id, "id": request.id, "zone": str(terms.zone)}
    ).one()
    if entry.is_warranty and not is_under_warranty(head.warranty_until, head.asked_on):
        message = N_("The device was not under warranty when the repair was asked for.")
        fix = N_("Write a quote; a line may cost nothing.")
        faults.append(Fault("/is_warranty", "no_warranty", message, fix))
    parts = [one for one in entry.lines if one.kind == LineKind.PART and one.sku.strip() and one.quantity]
    demands = [Demand(normal_sku(one.sku), int(one.quantity or 0), one.pointer) for one in parts]
    dealer = load_dealer(session, request.dealer_id, day=today)
    skus = sorted({one.sku for one in demands})
    known = offered(
        session, dealer=dealer, skus=skus, at=at, today=today, margin_days=terms.limits.margin_days
    ).offers
    faults += [
        fault
        for one in demands
        for fault in product_faults(one, known.get(one.sku))
        if fault.code != "pack_multiple"
    ]
    faults += _twice(demands)
    if faults:
        raise Invalid(faults=faults)
    lines = []
    for one in entry.lines:
        quantity, kind = one.quantity or Decimal(0), LineKind(one.kind)
        if kind is LineKind.PART:
            offer = known[normal_sku(one.sku)]
            price = offer.price(int(quantity), dealer)
            name = f"{offer.name_zh} {offer.sku}"
            lines.append(
                line_of(kind, name, quantity, price.unit_price, offer.vat_rate, product_id=offer.id,
                        is_free=entry.is_warranty)
            )  # fmt: skip
        else:
            rate, unit = one.tax_rate or Decimal(0), one.unit_price or Decimal(0)
            lines.append(line_of(kind, one.text.strip(), quantity, unit, rate, is_free=entry.is_warranty))
    return lines


def _twice(demands: Sequence[Demand]) -> list[Fault]:
    seen: set[str] = set()
    faults = []
    for one in demands:
        if one.sku in seen:
            message, fix = N_("%(sku)s appears twice."), N_("Put both into one line.")
            faults.append(Fault(f"{one.pointer}/sku", "part_twice", message, fix, {"sku": one.sku}))
        seen.add(one.sku)
    return faults


def _write_lines(session: Session, repair: LockedRepair, version: int, lines: Sequence[QuoteLine]) -> None:
    rows: list[dict[str, Any]] = [
        repair.key
        | {
            "version": version,
            "line_no": line_no,
            "kind": str(line.kind),
            "product_id": line.product_id,
            "text": line.text,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "tax_rate": line.tax_rate,
            "amount": line.amount,
            "tax": line.tax,
        }
        for line_no, line in enumerate(lines, start=1)
    ]
    session.execute(_LINE, rows)


_REQUEST = text(
    """
    SELECT warranty_until, CAST(asked_at AT TIME ZONE :zone AS date) AS asked_on FROM service_request
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_QUOTE = text(
    """
    SELECT state, is_warranty, valid_until, gross FROM repair_quote
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND version = :version
    """
)
_DROP_DRAFT = text(
    """
    UPDATE repair_quote SET state = 'withdrawn'
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND state = 'draft'
    """
)
_WITHDRAW = text(
    """
    UPDATE repair_quote SET state = 'withdrawn'
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND state = 'offered'
    """
)
_WRITE = text(
    """
    INSERT INTO repair_quote (dealer_id, repair_id, version, is_warranty, valid_until, note, gross, tax,
                              written_by, written_by_label, written_at)
    SELECT :dealer_id, :repair_id, coalesce(max(version), 0) + 1, :is_warranty, :valid_until, :note, :gross,
           :tax, :actor, :label, :at
      FROM repair_quote WHERE dealer_id = :dealer_id AND repair_id = :repair_id
    RETURNING version
    """
)
_LINE = text(
    """
    INSERT INTO repair_quote_line (dealer_id, repair_id, version, line_no, kind, product_id, text, quantity,
                                   unit_price, tax_rate, amount, tax)
    VALUES (:dealer_id, :repair_id, :version, :line_no, :kind, :product_id, :text, :quantity, :unit_price,
            :tax_rate, :amount, :tax)
    """
)
_OFFER = text(
    """
    UPDATE repair_quote SET state = 'offered', issued_by = :actor, issued_by_label = :label, issued_at = :at
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND version = :version
    """
)
_UNDER_WARRANTY = text(
    """
    UPDATE repair_quote SET state = 'accepted', issued_by = :actor, issued_by_label = :label, issued_at = :at
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND version = :version
    """
)
