"""What the warehouse works on: parcels that are being picked, and the records of their outbound reviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.paging import Page, Sort
from portal.kernel.search_pattern import containing_code, number_key
from portal.shipping.vocabulary import ShippingRight

LONGEST_WAITING_FIRST = Sort("picked_at")
LATEST_FIRST = Sort("reviewed_at", descending=True)
SORTS = ("reviewed_at",)


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A record of the outbound review, as it was written."""

    id: int
    reviewed_at: datetime
    shipment_no: str
    order_no: str
    buyer: str
    warehouse: str
    sku: str
    name_zh: str
    name_en: str
    specification: str
    unit: str
    registration_no: str
    lot_no: str
    expires_on: date | None
    quantity: int
    serial_list: str
    udi: str
    outcome: str
    note: str
    reviewed_by_label: str


@dataclass(frozen=True, slots=True)
class OpenParcel:
    """A parcel that is being picked: its lines, those nobody confirmed, and its units nobody reviewed."""

    id: int
    number: str
    order_number: str
    dealer_zh: str
    dealer_en: str
    warehouse_code: str
    wave: str | None
    picked_at: datetime
    lines: int
    untaken: int
    units: int
    left: int


def outbound_reviews(
    session: Session,
    *,
    actor: Actor,
    outcome: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[ReviewRow]:
    """Records of the outbound review, the latest first. q: part of a number, a SKU or a lot."""
    actor.require(ShippingRight.REVIEWS, ShippingRight.SHIP)
    order_by = paging.sort_of(sort, SORTS, LATEST_FIRST)
    parameters: dict[str, Any] = {"limit": limit + 1, **_sought(outcome, q)}
    cursors = paging.cursors(session, f"outbound reviews {order_by}", paging.moment, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    statement = _reviews(bool(outcome), bool(q.strip()), back, order_by.descending)
    rows = [ReviewRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.reviewed_at, one.id), place)


def count_outbound_reviews(session: Session, *, actor: Actor, outcome: str = "", q: str = "") -> int:
    """How many records `outbound_reviews` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(ShippingRight.REVIEWS, ShippingRight.SHIP)
    parameters = {"limit": paging.COUNTED_MAX + 1, **_sought(outcome, q)}
    count: int = session.execute(_count(bool(outcome), bool(q.strip())), parameters).scalar_one()
    return count


def open_parcels(
    session: Session, *, actor: Actor, limit: int = 50, cursor: str | None = None, sort: str = ""
) -> Page[OpenParcel]:
    """Parcels that are being picked, the longest waiting first; by ``-picked_at`` the latest."""
    actor.require(ShippingRight.SHIP)
    order_by = paging.sort_of(sort, ("picked_at",), LONGEST_WAITING_FIRST)
    cursors = paging.cursors(session, f"open parcels {order_by}", paging.moment, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {"limit": limit + 1}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _parcels(None if place is None else place.back, order_by.descending)
    rows = [OpenParcel(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.picked_at, one.id), place)


def count_open_parcels(session: Session, *, actor: Actor) -> int:
    """How many parcels `open_parcels` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(ShippingRight.SHIP)
    count: int = session.execute(_COUNT_PARCELS, {"most": paging.COUNTED_MAX + 1}).scalar_one()
    return count


def count_to_review(session: Session, *, actor: Actor) -> int:
    """How many parcels wait for the actor's outbound review: others picked them, and not all has passed."""
    actor.require(ShippingRight.SHIP)
    about = {"actor": actor.key, "most": paging.COUNTED_MAX + 1}
    count: int = session.execute(_COUNT_TO_REVIEW, about).scalar_one()
    return count


def is_open(session: Session, number: str) -> bool:
    """Whether a parcel is being picked: not put back, and not shipped."""
    return session.execute(_OPEN, {"number": number}).first() is not None


def units_to_review(session: Session, number: str) -> int:
    """Units of a parcel that have not passed the outbound review."""
    left: int = session.execute(_TO_REVIEW, {"number": number}).scalar_one()
    return left


def _sought(outcome: str, q: str) -> dict[str, Any]:
    return {"outcome": outcome, "code": containing_code(q.strip())}


def _from(with_outcome: bool, with_q: bool) -> str:
    conditions = ["true"]
    if with_outcome:
        conditions.append("v.outcome = :outcome")
    if with_q:
        conditions.append(
            f"({number_key('v.shipment_no')} LIKE :code OR {number_key('v.order_no')} LIKE :code"
            " OR code_key(v.sku) LIKE :code OR code_key(v.lot_no) LIKE :code"
            " OR code_key(array_to_string(v.serials, ' ')) LIKE :code)"
        )
    return f"""
      FROM outbound_review v JOIN warehouse w ON w.id = v.warehouse_id
     WHERE {" AND ".join(conditions)}"""


@cache
def _reviews(with_outcome: bool, with_q: bool, back: bool | None, descending: bool) -> TextClause:
    after, order = paging.keyset("v.reviewed_at", "v.id", descending=descending, back=back)
    return text(
        f"""
        SELECT v.id, v.reviewed_at, v.shipment_no, v.order_no, v.buyer, w.code AS warehouse, v.sku, v.name_zh,
               v.name_en, v.specification, v.unit, v.registration_no, v.lot_no, v.expires_on, v.quantity,
               array_to_string(v.serials, ' ') AS serial_list, v.udi, v.outcome, v.note, v.reviewed_by_label
        {_from(with_outcome, with_q)} {f"AND {after}" if after else ""}
         ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _count(with_outcome: bool, with_q: bool) -> TextClause:
    return text(f"SELECT count(*) FROM (SELECT {_from(with_outcome, with_q)} LIMIT :limit) met")


@cache
def _parcels(back: bool | None, descending: bool) -> TextClause:
    after, order = paging.keyset("s.picked_at", "s.id", descending=descending, back=back)
    return text(
        f"""
        SELECT s.id, s.number, o.number AS order_number, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
               h.code AS warehouse_code, w.number AS wave, s.picked_at, c.lines, c.untaken, c.units,
               (c.units - v.passed)::int AS left
          FROM (SELECT * FROM shipment s WHERE s.status = 'picking' {f"AND {after}" if after else ""}
                 ORDER BY {order} LIMIT :limit) s
          JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
          JOIN dealer d ON d.id = s.dealer_id
          JOIN warehouse h ON h.id = s.warehouse_id
          LEFT JOIN pick_wave w ON w.id = s.wave_id
         CROSS JOIN LATERAL (
           SELECT count(*)::int AS lines, (count(*) FILTER (WHERE l.taken_at IS NULL))::int AS untaken,
                  sum(l.quantity)::int AS units
             FROM shipment_line l WHERE l.dealer_id = s.dealer_id AND l.shipment_id = s.id) c
         CROSS JOIN LATERAL (
           SELECT coalesce(sum(r.quantity), 0) AS passed FROM outbound_review r
            WHERE r.dealer_id = s.dealer_id AND r.shipment_no = s.number AND r.outcome = 'passed') v
         ORDER BY {order}
        """
    )


_TO_REVIEW = text(
    """
    SELECT coalesce(sum(l.quantity), 0)::int
           - coalesce((SELECT sum(r.quantity) FROM outbound_review r
                        WHERE r.dealer_id = s.dealer_id AND r.shipment_no = s.number
                          AND r.outcome = 'passed'), 0)::int
      FROM shipment s JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id
     WHERE s.number = :number GROUP BY s.dealer_id, s.number
    """
)
_COUNT_PARCELS = text("SELECT count(*) FROM (SELECT FROM shipment WHERE status = 'picking' LIMIT :most) met")
_OPEN = text("SELECT FROM shipment WHERE number = :number AND status = 'picking'")
_COUNT_TO_REVIEW = text(
    """
    SELECT count(*) FROM (
      SELECT FROM shipment s
       WHERE s.status = 'picking' AND s.picked_by <> :actor
         AND NOT EXISTS (SELECT FROM shipment_line l
                          WHERE (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id) AND l.taken_by = :actor)
         AND (SELECT sum(l.quantity) FROM shipment_line l
               WHERE (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id))
           > (SELECT coalesce(sum(r.quantity), 0) FROM outbound_review r
               WHERE (r.dealer_id, r.shipment_no) = (s.dealer_id, s.number) AND r.outcome = 'passed')
       LIMIT :most) met
    """
)
