"""Write down what somebody counted of a lot, and beside it, unseen, what should have lain there then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.counting.documents import LockedCount, lock_count
from portal.counting.models import StockCountEntry
from portal.counting.rules import (
    OPEN,
    Counted,
    CountState,
    Standing,
    compared,
    entry_faults,
    require_state,
    round_of,
    scanned_after,
)
from portal.counting.vocabulary import CountingAction, CountingRight
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.receiving.rules import lot_faults, plain_lot
from portal.stock.lot_names import known_lot
from portal.stock.lots import NamedLot, ensure_lots


@dataclass(frozen=True, slots=True)
class Found:
    """Units of a lot as somebody found them. is_new: of a lot that nobody expects there; with its dates."""

    sku: str
    lot_no: str
    standing: Standing
    units: int
    serials: Sequence[str] = ()
    is_new: bool = False
    produced_on: date | None = None
    expires_on: date | None = None


def enter_count(
    session: Session, *, actor: Actor, number: str, found: Found, today: date, at: datetime
) -> None:
    """Add units to what is counted of a lot in this round; fewer than none takes an entry back.

    Locks the count. Raises Invalid with every fault, Conflict when nobody counts any more or the line is not
    to be counted again, NotFound, Forbidden.
    """
    actor.require(CountingRight.COUNT)
    count = lock_count(session, number)
    require_state(count.state, *OPEN)
    product = _product(session, found)
    lot_no = plain_lot(found.lot_no, controlled=product.lot_controlled)
    found = replace(found, lot_no=known_lot(session, product.id, lot_no) or lot_no)
    line = _line(session, count, product, found, today)
    rounds = round_of(count.state)
    again = line.round < rounds
    if again and not Counted(line.round, line.counted, line.expected, line.missing, line.surplus).differs:
        raise Conflict(
            "not_to_recount",
            N_("This lot was counted as it should be; it is not counted again."),
            fix=N_("Count the lots that are listed."),
        )
    so_far = 0 if again else line.counted or 0
    about = {"controlled": product.serial_controlled}
    if faults := entry_faults(found.sku, found.units, so_far, found.serials, **about):
        raise Invalid(faults=faults)
    scanned = scanned_after([] if again else line.serials, found.serials, found.units)
    _refuse_twice(found, [] if again else line.serials)
    there = session.execute(_THERE, {"warehouse_id": count.warehouse_id, "lot_id": line.lot_id}).all()
    expected = next((getattr(row, found.standing) for row in there), 0)
    own = {"count_id": count.id, "lot_id": line.lot_id, "standing": str(found.standing), "round": rounds}
    session.execute(
        insert(StockCountEntry).values(
            **own,
            units=found.units,
            expected=expected,
            serials=list(found.serials),
            actor=actor.key,
            actor_label=actor.label,
            at=at,
        )
    )
    missing, surplus = _compared(session, count, line.lot_id, found.standing, scanned, product)
    kept = {"serials": scanned, "missing": missing, "surplus": surplus}
    session.execute(_KEEP, {**own, **kept, "counted": so_far + found.units, "expected": expected})
    after = {"sku": found.sku, "lot": found.lot_no, "standing": str(found.standing), "units": found.units}
    audit.record(session, CountingAction.ENTERED, number, actor=actor, dealer_id=None, after=after)


def _product(session: Session, found: Found) -> Record:
    row: Record | None = session.execute(_PRODUCT, {"sku": found.sku}).one_or_none()
    if row is None:
        message, fix = N_("There is no product %(sku)s."), N_("Scan the label again.")
        raise Invalid(faults=[Fault("/sku", "unknown_sku", message, fix, {"sku": found.sku})])
    return row


def _line(session: Session, count: LockedCount, product: Record, found: Found, today: date) -> Record:
    """The line of a lot; made where somebody found one that nobody expects."""
    about = {"count_id": count.id, "product_id": product.id, "standing": str(found.standing)}
    row = session.execute(_LINE, {**about, "lot_no": found.lot_no}).one_or_none()
    if row is not None:
        return row
    if not found.is_new:
        message = N_("Nobody expects lot %(lot)s of %(sku)s here.")
        fix = N_("Read the label again; if it says so, enter it as found.")
        params = {"lot": found.lot_no, "sku": found.sku}
        raise Invalid(faults=[Fault("/lot", "lot_not_expected", message, fix, params)])
    if faults := _label_faults(session, product, found, today):
        raise Invalid(faults=faults)
    dates = (found.produced_on, found.expires_on) if product.lot_controlled else (None, None)
    named = NamedLot(product.id, found.lot_no, *dates, "")
    ids, faults = ensure_lots(session, [named])
    if faults:
        raise Invalid(faults=faults)
    lot_id = ids[product.id, found.lot_no]
    session.execute(
        _ADD,
        {
            **about,
            "lot_id": lot_id,
            "warehouse_id": count.warehouse_id,
            "round": 2 if count.state is CountState.RECOUNTING else 1,
        },
    )
    added: Record = session.execute(_LINE, {**about, "lot_no": found.lot_no}).one()
    return added


def _label_faults(session: Session, product: Record, found: Found, today: date) -> list[Fault]:
    """What is wrong with a lot that nobody expects; a date that is known of it counts before a typed one."""
    faults = lot_faults("/lot", found.lot_no, controlled=product.lot_controlled)
    if found.standing is Standing.INSPECTING:
        message = N_("Nothing lies in inspection that was not received.")
        faults.append(
            Fault("/standing", "not_received", message, N_("Receive it; it is counted afterwards."))
        )
    if faults or not product.lot_controlled:
        return faults
    known = session.execute(_KNOWN, {"product_id": product.id, "lot_no": found.lot_no}).one_or_none()
    expires_on = known.expires_on if known is not None else found.expires_on
    if product.expiry_controlled and known is None and expires_on is None:
        message, fix = N_("A lot of %(sku)s has an expiry date."), N_("Enter the date on the label.")
        return [Fault("/expires_on", "expiry_missing", message, fix, {"sku": found.sku})]
    if found.standing is Standing.SALEABLE and expires_on is not None and expires_on <= today:
        message, fix = N_("It expired on %(day)s."), N_("Set the units apart and enter them in quarantine.")
        return [Fault("/expires_on", "expired", message, fix, {"day": expires_on.isoformat()})]
    return []


def _refuse_twice(found: Found, before: Sequence[str]) -> None:
    twice = sorted(set(found.serials) & set(before)) if found.units > 0 else []
    if found.units < 0:
        twice = sorted(set(found.serials) - set(before))
    message = N_("Serial number %(serial)s has been counted already.")
    if found.units < 0:
        message = N_("Serial number %(serial)s has not been counted.")
    fix = N_("Scan every unit once.")
    faults = [Fault("/serials", "serial_counted", message, fix, {"serial": one}) for one in twice]
    if faults:
        raise Invalid(faults=faults)


def _compared(
    session: Session,
    count: LockedCount,
    lot_id: int,
    standing: Standing,
    scanned: Sequence[str],
    product: Record,
) -> tuple[list[str], list[str]]:
    if not product.serial_controlled:
        return [], []
    about = {"warehouse_id": count.warehouse_id, "lot_id": lot_id, "state": str(standing)}
    return compared(scanned, session.execute(_SERIALS, about).scalars())


_PRODUCT = text(
    "SELECT id, lot_controlled, serial_controlled, expiry_controlled FROM product WHERE sku = :sku"
)
_KNOWN = text("SELECT expires_on FROM lot WHERE product_id = :product_id AND lot_no = :lot_no")
_LINE = text(
    """
    SELECT l.lot_id, l.round, l.counted, l.expected, l.serials, l.missing, l.surplus
      FROM stock_count_line l JOIN lot t ON t.id = l.lot_id
     WHERE l.count_id = :count_id AND t.product_id = :product_id AND t.lot_no = :lot_no
       AND l.standing = :standing
    """
)
_ADD = text(
    """
    INSERT INTO stock_count_line (count_id, lot_id, standing, product_id, warehouse_id, round, expected_start,
                                  serials, missing, surplus)
    VALUES (:count_id, :lot_id, :standing, :product_id, :warehouse_id, :round, 0, '[]', '[]', '[]')
    """
)
_THERE = text(
    """
    SELECT on_hand AS saleable, inspecting, quarantined FROM lot_stock
     WHERE warehouse_id = :warehouse_id AND lot_id = :lot_id
    """
)
_SERIALS = text(
    """
    SELECT serial FROM serial_unit
     WHERE warehouse_id = :warehouse_id AND lot_id = :lot_id AND state = :state
    """
)
_KEEP = text(
    """
    UPDATE stock_count_line
       SET round = :round, counted = :counted, expected = :expected,
           serials = to_jsonb(CAST(:serials AS text[])), missing = to_jsonb(CAST(:missing AS text[])),
           surplus = to_jsonb(CAST(:surplus AS text[]))
     WHERE (count_id, lot_id, standing) = (:count_id, :lot_id, :standing)
    """
)
