"""Records of acceptance, found again by lot, product, supplier and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing_code
from portal.receiving.suppliers import MAY_SEE


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was written. result: a state of `ReceiptState` without inspection."""

    id: int
    at: datetime
    actor_label: str
    receipt: str
    warehouse: str
    warehouse_zh: str
    warehouse_en: str
    purchase_order: str
    received_at: datetime
    received_by_label: str
    sku: str
    udi_di: str
    name_zh: str
    name_en: str
    specification: str
    unit: str
    registrant: str
    contract_maker: str
    contract_maker_licence: str
    registration_no: str
    lot_no: str
    serials: Sequence[str]
    produced_on: date | None
    expires_on: date | None
    arrived: int
    accepted: int
    refused: int
    refused_serials: Sequence[str]
    fault: str
    supplier: str
    supplier_address: str
    supplier_contact: str
    supplier_licence: str

    @property
    def result(self) -> str:
        """What became of the units: accepted, refused, or partly refused."""
        if not self.refused:
            return "accepted"
        return "partly_refused" if self.accepted else "refused"

    @property
    def serials_text(self) -> str:
        """The serial numbers in one line."""
        return " ".join(self.serials)

    @property
    def refused_serials_text(self) -> str:
        """Those of the refused units in one line."""
        return " ".join(self.refused_serials)

    @property
    def is_set_apart(self) -> bool:
        """Whether a measure was taken: refused units lie in quarantine until quality decides."""
        return self.refused > 0


@dataclass(frozen=True, slots=True)
class Sought:
    """Which records. q: part of a lot or a SKU, or a receipt's number. since, until: days, both counted."""

    q: str = ""
    supplier: str = ""
    since: date | None = None
    until: date | None = None
    refused: bool = False


def records(
    session: Session, *, actor: Actor, sought: Sought, limit: int = 50, cursor: str | None = None
) -> Page[Record]:
    """Records, the latest first."""
    actor.require(*MAY_SEE)
    parameters: dict[str, Any] = {
        "limit": limit + 1,
        "code": containing_code(sought.q.strip()),
        "number": sought.q.strip().upper(),
        "supplier": containing_code(sought.supplier.strip()),
        "since": sought.since,
        "until": sought.until,
    }
    cursors = paging.cursors(session, "acceptance", paging.moment, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    statement = _list(
        bool(sought.q.strip()),
        bool(sought.supplier.strip()),
        sought.since is not None,
        sought.until is not None,
        sought.refused,
        back,
    )
    rows = [Record(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.at, one.id), place)


def records_of(session: Session, *, actor: Actor, number: str) -> list[Record]:
    """The records of a receipt, in the order in which they were written."""
    actor.require(*MAY_SEE)
    return [Record(**row._mapping) for row in session.execute(_OF_RECEIPT, {"number": number})]


_FROM = """
SELECT a.id, a.at, a.actor_label, g.number AS receipt, w.code AS warehouse, w.name_zh AS warehouse_zh,
       w.name_en AS warehouse_en, coalesce(o.number, '') AS purchase_order, g.received_at,
       g.received_by_label, a.sku, a.udi_di, a.name_zh, a.name_en, a.specification, a.unit, a.registrant,
       a.contract_maker, a.contract_maker_licence, a.registration_no, a.lot_no, a.serials, a.produced_on,
       a.expires_on, a.arrived, a.accepted, a.refused, a.refused_serials, a.fault, a.supplier,
       a.supplier_address, a.supplier_contact, a.supplier_licence
  FROM acceptance_record a
  JOIN goods_receipt g ON g.id = a.receipt_id
  JOIN warehouse w ON w.id = g.warehouse_id
  LEFT JOIN purchase_order o ON o.id = g.purchase_order_id
"""
_OF_RECEIPT = text(f"{_FROM} WHERE g.number = :number ORDER BY a.id")


@cache
def _list(
    with_q: bool, with_supplier: bool, with_since: bool, with_until: bool, refused: bool, back: bool | None
) -> TextClause:
    after, order = paging.keyset("a.at", "a.id", descending=True, back=back)
    conditions = [after or "true"]
    if with_q:
        conditions.append(
            "(code_key(a.lot_no) LIKE :code OR code_key(a.sku) LIKE :code OR g.number = :number)"
        )
    if with_supplier:
        conditions.append("code_key(a.supplier) LIKE :supplier")
    if with_since:
        conditions.append("app_day(a.at) >= CAST(:since AS date)")
    if with_until:
        conditions.append("app_day(a.at) <= CAST(:until AS date)")
    if refused:
        conditions.append("a.refused > 0")
    return text(f"{_FROM} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT :limit")
