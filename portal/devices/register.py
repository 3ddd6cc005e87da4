"""Devices come to a dealer, go back, and are given back: with the goods, in the transaction that moves them.

Whoever moves units with serial numbers calls these behind the move of the serials (`portal.stock.serials`),
whose locks keep two from moving one unit; so a device is never with two dealers, not for a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.devices.vocabulary import DeviceTold
from portal.devices.warrant import Unit, warranties_of, warranty_rules
from portal.kernel import numbering, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.stock.serials import Serials


@dataclass(frozen=True, slots=True)
class Carriage:
    """What brings units to a dealer."""

    dealer_id: int
    shipment_no: str
    on: date
    at: datetime


def register_shipped(session: Session, named: Sequence[Serials], *, by: Carriage) -> None:
    """Units that leave with a shipment become devices of its dealer; none, no statement.

    One that the register has with somebody else, who had it before serials were kept, ends there. Raises
    Conflict where that dealer is out of scope.
    """
    units = _flat(named)
    if not units:
        return
    facts = {
        row.lot_id: row for row in session.execute(_LOTS, {"lots": sorted({lot for _, lot, _ in units})})
    }
    kept = [(product, lot, serial) for product, lot, serial in units if lot in facts]
    warranties = warranties_of(
        warranty_rules(session),
        [Unit(product, facts[lot].category_code, by.on, None) for product, lot, _ in kept],
    )
    parameters = {
        "numbers": [numbering.new_number("DV", by.on) for _ in kept],
        "products": [product for product, _, _ in kept],
        "lots": [lot for _, lot, _ in kept],
        "serials": [serial for _, _, serial in kept],
        "firsts": [one.first for one in warranties],
        "lasts": [one.last for one in warranties],
    }
    arrival = {"dealer_id": by.dealer_id, "shipment_no": by.shipment_no, "on": by.on, "at": by.at}
    session.execute(_END_ELSEWHERE, {name: parameters[name] for name in ("products", "serials")} | arrival)
    made = session.execute(_REGISTER, parameters | arrival).all()
    outbox.mark(session)
    if len(made) != len(kept):
        raise Conflict(
            "device_elsewhere",
            N_("A serial number of this shipment is registered with another dealer."),
            fix=N_("Ask headquarters to correct the register of devices first."),
        )


def take_back(
    session: Session, named: Sequence[Serials], *, actor: Actor, dealer_id: int, document: str, at: datetime
) -> None:
    """Units that came back are no longer the dealer's."""
    units = _flat(named)
    if units:
        session.execute(_TAKE_BACK, _about(units, actor, dealer_id, document, at))
        outbox.mark(session)


def give_back(
    session: Session, named: Sequence[Serials], *, actor: Actor, dealer_id: int, document: str, at: datetime
) -> None:
    """Units of a return that was refused are the dealer's again, as if they had never left."""
    units = _flat(named)
    if units:
        session.execute(_GIVE_BACK, _about(units, actor, dealer_id, document, at))
        outbox.mark(session)


def _flat(named: Sequence[Serials]) -> list[tuple[int, int, str]]:
    return sorted((one.product_id, one.lot_id, serial) for one in named for serial in one.serials)


def _about(
    units: Sequence[tuple[int, int, str]], actor: Actor, dealer_id: int, document: str, at: datetime
) -> dict[str, object]:
    return {
        "products": [product for product, _, _ in units],
        "serials": [serial for _, _, serial in units],
        "dealer_id": dealer_id,
        "document": document,
        "label": actor.label,
        "at": at,
    }


_LOTS = text(
    """
    SELECT t.id AS lot_id, p.category_code FROM lot t JOIN product p ON p.id = t.product_id
     WHERE t.id = ANY (CAST(:lots AS bigint[]))
    """
)
_NAMED = """
unnest(CAST(:products AS bigint[]), CAST(:serials AS text[])) AS n(product_id, serial)
"""
_END_ELSEWHERE = text(
    f"""
    WITH ended AS (
      UPDATE device d SET held_until = :at, state = 'returned', revision = revision + 1
        FROM {_NAMED}
       WHERE (d.product_id, d.serial) = (n.product_id, n.serial) AND d.held_until IS NULL
      RETURNING d.dealer_id, d.id
    )
    INSERT INTO device_event (dealer_id, device_id, kind, at, document_no)
    SELECT dealer_id, id, 'returned', :at, CASE WHEN dealer_id = :dealer_id THEN :shipment_no ELSE '' END
      FROM ended
    """
)
_REGISTERED = "jsonb_build_object('number', number, 'shipment', CAST(:shipment_no AS text))"
_MOVED = "jsonb_build_object('number', number, 'document', CAST(:document AS text))"
_REGISTER = text(
    f"""
    WITH made AS (
    INSERT INTO device (dealer_id, number, product_id, serial, lot_no, produced_on, expires_on, source,
                        shipment_no, shipped_on, held_from, state, warranty_from, warranty_to)
    SELECT :dealer_id, n.number, n.product_id, n.serial, t.lot_no, t.produced_on, t.expires_on, 'shipping',
           :shipment_no, :on, :at, 'shipped', n.first, n.last
      FROM unnest(CAST(:numbers AS text[]), CAST(:products AS bigint[]), CAST(:lots AS bigint[]),
                  CAST(:serials AS text[]), CAST(:firsts AS date[]), CAST(:lasts AS date[]))
           AS n(number, product_id, lot_id, serial, first, last)
      JOIN lot t ON t.id = n.lot_id
    ON CONFLICT DO NOTHING RETURNING id, number
    ), told AS (
      {outbox.added(DeviceTold.REGISTERED, _REGISTERED, "made")}
    )
    SELECT id FROM made
    """
)
_TAKE_BACK = text(
    f"""
    WITH ended AS (
      UPDATE device d SET held_until = :at, state = 'returned', revision = revision + 1
        FROM {_NAMED}
       WHERE (d.product_id, d.serial) = (n.product_id, n.serial) AND d.held_until IS NULL
         AND d.dealer_id = :dealer_id
      RETURNING d.dealer_id, d.id, d.number
    ), told AS (
      {outbox.added(DeviceTold.RETURNED, _MOVED, "ended")}
    )
    INSERT INTO device_event (dealer_id, device_id, kind, at, document_no, by_label)
    SELECT dealer_id, id, 'returned', :at, :document, :label FROM ended
    """
)
# What began and has not ended since: each by its own last event, for they do not end one another.
_LAST = """
(SELECT e.kind = '{0}' FROM device_event e
  WHERE (e.dealer_id, e.device_id) = (d.dealer_id, d.id) AND e.kind IN ('{0}', '{1}')
  ORDER BY e.at DESC, e.id DESC LIMIT 1)
"""
_GIVE_BACK = text(
    f"""
    WITH last AS (
      SELECT DISTINCT ON (d.product_id, d.serial) d.dealer_id, d.id
        FROM device d JOIN {_NAMED} USING (product_id, serial)
       WHERE d.dealer_id = :dealer_id AND d.held_until IS NOT NULL
       ORDER BY d.product_id, d.serial, d.held_until DESC, d.id DESC
    ), back AS (
      UPDATE device d
         SET held_until = NULL, revision = revision + 1,
             state = CASE WHEN {_LAST.format("retired", "retired")} THEN 'retired'
                          WHEN {_LAST.format("recalled", "recall_lifted")} THEN 'recalled'
                          WHEN {_LAST.format("repair_begun", "repaired")} THEN 'in_repair'
                          WHEN d.installed_on IS NULL THEN 'shipped' ELSE 'installed' END
        FROM last l WHERE (d.dealer_id, d.id) = (l.dealer_id, l.id)
      RETURNING d.dealer_id, d.id, d.number
    ), told AS (
      {outbox.added(DeviceTold.GIVEN_BACK, _MOVED, "back")}
    )
    INSERT INTO device_event (dealer_id, device_id, kind, at, document_no, by_label)
    SELECT dealer_id, id, 'given_back', :at, :document, :label FROM back
    """
)
