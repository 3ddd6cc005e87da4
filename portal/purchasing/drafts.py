"""Drafts of a dealer, read: those that colleagues share and those that wait for approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from portal.orders.terms import SupplyTerms
from portal.orders.vocabulary import OrderRight
from portal.purchasing.vocabulary import PurchasingRight

LISTED_MAX = 200


@dataclass(frozen=True, slots=True)
class DraftSummary:
    """A draft in the list of them. total: ¥ when approval was asked, else None."""

    number: str
    state: str
    name: str
    line_count: int
    made_at: datetime
    made_by_label: str
    asked_at: datetime | None
    asked_by_label: str | None
    total: Decimal | None
    order_number: str | None


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line of a draft, its product as it is called today."""

    sku: str
    name_zh: str
    name_en: str
    unit: str
    quantity: int
    unit_price: Decimal | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with its lines; its members as `portal.purchasing.models.OrderDraft` has them."""

    id: int
    dealer_id: int
    number: str
    state: str
    name: str
    purchase_order_no: str
    ship_to: str | None
    requested_date: date | None
    warehouse: str | None
    channel: str
    split: bool
    backorder: bool
    hospital: str
    made_by: str
    made_by_label: str
    made_at: datetime
    asked_by: str | None
    asked_by_label: str | None
    asked_at: datetime | None
    total: Decimal | None
    seen: str | None
    allowed: Decimal | None
    decided_by: str | None
    decided_by_label: str | None
    decided_at: datetime | None
    reason: str
    order_number: str | None
    lines: tuple[DraftLine, ...]

    def request(self, seen: str | None = None) -> OrderRequest:
        """The order that it would become, if it costs what was `seen`."""
        return OrderRequest(
            [Wanted(line.sku, line.quantity, f"/lines/{place}") for place, line in enumerate(self.lines)],
            self.purchase_order_no,
            self.ship_to,
            self.requested_date,
            SupplyTerms(self.warehouse, self.split, self.backorder),
            channel=self.channel,
            seen=seen,
            hospital=self.hospital,
        )


def drafts(session: Session, *, actor: Actor, states: Sequence[str]) -> list[DraftSummary]:
    """The dealer's drafts in some states, the latest first."""
    parameters = {"dealer_id": actor.own_dealer_id, "states": list(states), "most": LISTED_MAX}
    return [DraftSummary(**row._mapping) for row in session.execute(_LIST, parameters)]


def draft(session: Session, *, actor: Actor, number: str) -> Draft:
    """One with its lines. Raises NotFound."""
    return _read(session, _HEAD, actor, number)


def lock_draft(session: Session, *, actor: Actor, number: str) -> Draft:
    """The same, locked until the commit: before the account, whoever orders it. Raises NotFound."""
    return _read(session, _LOCKED, actor, number)


def _read(session: Session, statement: Any, actor: Actor, number: str) -> Draft:
    actor.require(OrderRight.WRITE, PurchasingRight.APPROVE)
    whose = {"dealer_id": actor.own_dealer_id, "number": number}
    head = session.execute(statement, whose).one_or_none()
    if head is None:
        raise NotFound()
    lines = session.execute(_LINES, {"dealer_id": head.dealer_id, "draft_id": head.id})
    return Draft(**head._mapping, lines=tuple(DraftLine(**line._mapping) for line in lines))


_LIST = text(
    """
    SELECT d.number, d.state, d.name, d.made_at, d.made_by_label, d.asked_at, d.asked_by_label, d.total,
           d.order_number,
           (SELECT count(*) FROM order_draft_line l
             WHERE l.dealer_id = d.dealer_id AND l.draft_id = d.id) AS line_count
      FROM order_draft d
     WHERE d.dealer_id = :dealer_id AND d.state = ANY (:states)
     ORDER BY d.id DESC LIMIT :most
    """
)
_DRAFT = """
SELECT id, dealer_id, number, state, name, purchase_order_no, ship_to, requested_date, warehouse, channel,
       split, backorder, hospital, made_by, made_by_label, made_at, asked_by, asked_by_label, asked_at, total,
       seen, allowed, decided_by, decided_by_label, decided_at, reason, order_number
  FROM order_draft WHERE dealer_id = :dealer_id AND number = :number
"""
_HEAD, _LOCKED = text(_DRAFT), text(f"{_DRAFT} FOR UPDATE")
_LINES = text(
    """
    SELECT p.sku, p.name_zh, p.name_en, p.unit, l.quantity, l.unit_price
      FROM order_draft_line l JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.draft_id = :draft_id ORDER BY l.line_no
    """
)
