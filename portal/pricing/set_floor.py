"""Say below which price products are not sold, from a moment on; known to headquarters only.

A floor may lift prices that are in force, so it comes like a publication, behind the gate: an order is priced
wholly before or wholly after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Forbidden, Invalid, NotFound
from portal.pricing import publication_lock
from portal.pricing.models import FloorPrice
from portal.pricing.rules import VALUE_MAX
from portal.pricing.vocabulary import PriceAction, PriceRight


class Floor(NamedTuple):
    """A floor to be set, VAT included; 0 takes it away. starts: a moment to come, None for now."""

    sku: str
    floor: Decimal
    starts: datetime | None = None


class FloorsSet(NamedTuple):
    """How many floors are other ones now, and the moment of those that start at once."""

    changed: int
    at: datetime


def set_floor(
    session: Session, *, actor: Actor, sku: str, floor: Decimal, starts: datetime | None = None
) -> datetime:
    """Set one product's floor. Returns the moment it counts from.

    Raises NotFound for an unknown product, and what `set_floors` raises.
    """
    actor.require(PriceRight.POLICIES)
    try:
        done = set_floors(session, actor=actor, floors=[Floor(sku, floor, starts)])
    except Invalid as refusal:
        if any(fault.code == "unknown_sku" for fault in refusal.faults):
            raise NotFound() from None
        beside = [replace(fault, pointer=fault.pointer.removeprefix("/floors/0")) for fault in refusal.faults]
        raise Invalid(faults=beside) from None
    return starts or done.at


def set_floors(session: Session, *, actor: Actor, floors: Sequence[Floor]) -> FloorsSet:
    """Set floors, all of them or none; what says what is in force already is passed over.

    Orders in flight are priced before it, orders that come while it commits wait and are priced after it. A
    rule that goes below is refused when it is submitted or published next; what is published stays. Raises
    Invalid with every fault below ``/floors/<place>``, Forbidden to who answers for some regions only: a
    floor holds everywhere.
    """
    actor.require(PriceRight.POLICIES)
    if actor.region_ids is not None:
        raise Forbidden("whole_country", N_("A floor holds everywhere: the national manager sets it."))
    at = publication_lock.close(session)
    known = _known(session, floors, at)
    faults = [
        replace(fault, pointer=f"/floors/{place}{fault.pointer}")
        for place, (wanted, row) in enumerate(zip(floors, known, strict=True))
        for fault in _faults(wanted, row, at)
    ]
    if faults:
        raise Invalid(faults=faults)
    changed = [
        (wanted, row)
        for wanted, row in zip(floors, known, strict=True)
        if wanted.floor != (row.floor or money.ZERO)
    ]
    if changed:
        session.execute(insert(FloorPrice), [_columns(actor, *one, at) for one in changed])
        _record(session, actor, changed, at)
    return FloorsSet(len(changed), at)


def _faults(wanted: Floor, row: Any, at: datetime) -> list[Fault]:
    faults = []
    if not 0 <= wanted.floor < VALUE_MAX:
        message, fix = N_("A value must not be negative."), N_("Enter 0 or more.")
        faults.append(Fault("/floor", "negative_value", message, fix))
    if row.id is None:
        message, fix = N_("There is no %(value)s."), N_("Choose one from the list.")
        faults.append(Fault("/sku", "unknown_sku", message, fix, {"value": wanted.sku[:40]}))
    if wanted.starts is not None and wanted.starts <= at:
        fix = N_("Choose a later one, or leave it empty for now.")
        faults.append(Fault("/valid_from", "past", N_("This moment has passed."), fix))
    if row.is_taken:
        message, fix = N_("A floor from this moment on is set already."), N_("Choose another minute.")
        faults.append(Fault("/valid_from", "floor_set", message, fix))
    return faults


def _known(session: Session, floors: Sequence[Floor], at: datetime) -> list[Any]:
    """For each the product, the floor in force then, and whether one begins at that very moment."""
    asked = {
        "skus": [one.sku.strip().upper() for one in floors],
        "starts": [one.starts or at for one in floors],
    }
    return list(session.execute(_PRODUCTS, asked))


def _columns(actor: Actor, wanted: Floor, row: Any, at: datetime) -> dict[str, Any]:
    return {
        "product_id": row.id,
        "valid_from": wanted.starts or at,
        "unit_price": wanted.floor,
        "set_by": actor.key,
        "set_by_label": actor.label,
    }


def _record(session: Session, actor: Actor, changed: Sequence[tuple[Floor, Any]], at: datetime) -> None:
    """One event for one product, and one for all of a sheet, which names them."""
    if len(changed) == 1:
        [(wanted, row)] = changed
        record(
            session,
            PriceAction.FLOOR_SET,
            row.sku,
            actor=actor,
            dealer_id=None,
            before={"floor": row.floor and money.as_text(row.floor)},
            after={"floor": money.as_text(wanted.floor), "valid_from": (wanted.starts or at).isoformat()},
        )
        return
    after = {
        row.sku: [
            row.floor and money.as_text(row.floor),
            money.as_text(wanted.floor),
            (wanted.starts or at).isoformat(),
        ]
        for wanted, row in changed
    }
    record(session, PriceAction.FLOORS_SET, str(len(changed)), actor=actor, dealer_id=None, after=after)


_PRODUCTS = text(
    """
    SELECT p.id, p.sku, f.floor, EXISTS (SELECT FROM floor_price t
                                          WHERE t.product_id = p.id AND t.valid_from = w.starts) AS is_taken
      FROM unnest(CAST(:skus AS text[]), CAST(:starts AS timestamptz[])) WITH ORDINALITY w(sku, starts, place)
      LEFT JOIN product p ON p.sku = w.sku
      LEFT JOIN LATERAL (SELECT unit_price AS floor FROM floor_price l
                          WHERE l.product_id = p.id AND l.valid_from <= w.starts
                          ORDER BY l.valid_from DESC LIMIT 1) f ON true
     ORDER BY w.place
    """
)
