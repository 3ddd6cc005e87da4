"""The orders that wait for a release, with what whoever decides has to weigh."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of
from portal.kernel import paging
from portal.kernel.db import value_of
from portal.kernel.errors import Fault
from portal.kernel.money import share_sql
from portal.kernel.paging import Page, Sort
from portal.orders.severity_rules import recalled
from portal.orders.standing import overdue_of, standing_parameters

_KEPT = share_sql("x.amount", "x.quantity - x.cancelled", "x.quantity")
_SHIPPED = share_sql("x.amount", "x.shipped", "x.quantity")
SORTS = ("placed_at",)
LONGEST_WAITING_FIRST = Sort("placed_at")


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """A held order beside its dealer's figures.

    exposure: ¥ owed and ordered, the order within. missing: units without stock. proposed_*: a first person's
    word that it may go.
    """

    id: int
    dealer_id: int
    number: str
    holds: tuple[str, ...]
    held_by: tuple[Fault, ...]
    placed_at: datetime
    placed_by: str
    placed_by_label: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    region_zh: str
    region_en: str
    open_amount: Decimal
    exposure: Decimal
    credit_limit: Decimal
    overdue: Decimal
    missing: int
    proposed_by: str | None
    proposed_by_label: str | None
    proposed_reason: str | None

    @property
    def reasons(self) -> str:
        """The kinds of hold, as a file holds them."""
        return ", ".join(self.holds)

    @property
    def over(self) -> Decimal:
        """¥ that the exposure is above the limit; negative below it."""
        return self.exposure - self.credit_limit


@dataclass(frozen=True, slots=True)
class ProposedRelease:
    """A first person's word that a held order may go."""

    by: str
    by_label: str
    reason: str


def proposed_release(session: Session, *, dealer_id: int, order_id: int) -> ProposedRelease | None:
    """The word that waits for a second person's, if there is one."""
    row = session.execute(_PROPOSED, {"dealer_id": dealer_id, "order_id": order_id}).one_or_none()
    return None if row is None else ProposedRelease(**row._mapping)


_PROPOSED = text(
    """
    SELECT proposed_by AS by, proposed_by_label AS by_label, reason FROM release_proposal
     WHERE dealer_id = :dealer_id AND order_id = :order_id
    """
)


def held_orders(
    session: Session,
    *,
    today: date,
    grace_days: int,
    kind: str = "",
    region_id: int | None = None,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[HeldOrder]:
    """Held orders in scope, the longest waiting first.

    kind: of hold, empty for all. region_id: an area or a province of the dealer.
    """
    order_by = paging.sort_of(sort, SORTS, LONGEST_WAITING_FIRST)
    cursors = paging.cursors(session, f"holds {order_by}", paging.moment, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {
        "kind": kind,
        "region_id": region_id,
        "limit": limit + 1,
        **standing_parameters(today, grace_days),
    }
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    rows = session.execute(_held(place is not None, order_by.descending), parameters)
    return cursors.page_of(
        [_held_order(row) for row in rows], limit, lambda order: (order.placed_at, order.id)
    )


def count_held_orders(session: Session, *, kind: str = "", region_id: int | None = None) -> int:
    """How many orders `held_orders` gives, at most one more than `paging.COUNTED_MAX`."""
    parameters = {"kind": kind, "region_id": region_id, "most": paging.COUNTED_MAX + 1}
    count: int = session.execute(_COUNT, parameters).scalar_one()
    return count


def holds_waiting(session: Session) -> dict[str, int]:
    """Held orders in scope by kind of hold; an order with two holds counts in both."""
    return {row.kind: row.orders for row in session.execute(_BY_KIND)}


def _held_order(row: Any) -> HeldOrder:
    return value_of(
        HeldOrder,
        row,
        holds=tuple(row.holds),
        held_by=recalled(row.verdict).held,
        overdue=row.overdue or Decimal(0),
    )


_WHERE = """
o.status = 'on_hold' AND (:kind = '' OR :kind = ANY (o.holds))
AND (CAST(:region_id AS bigint) IS NULL OR r.id = :region_id OR r.parent_id = :region_id)
"""


@cache
def _held(with_cursor: bool, descending: bool) -> TextClause:
    beyond, order = paging.keyset(
        "o.placed_at", "o.id", descending=descending, back=False if with_cursor else None
    )
    after = f"AND {beyond}" if beyond else ""
    return text(
        f"""
        WITH page AS MATERIALIZED (
          SELECT o.dealer_id, o.id, o.number, o.holds, o.verdict, o.placed_at, o.placed_by, o.placed_by_label,
                 d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
                 r.name_zh AS region_zh, r.name_en AS region_en
            FROM sales_order o JOIN dealer d ON d.id = o.dealer_id {region_of("d.id")}
           WHERE {_WHERE} {after} ORDER BY {order} LIMIT :limit
        )
        SELECT o.*, l.open_amount, l.missing, a.balance + a.open_orders AS exposure, a.credit_limit,
               {overdue_of("o.dealer_id")} AS overdue, p.proposed_by, p.proposed_by_label,
               p.reason AS proposed_reason
          FROM page o
          JOIN dealer_account a ON a.dealer_id = o.dealer_id
          LEFT JOIN release_proposal p ON p.dealer_id = o.dealer_id AND p.order_id = o.id
         CROSS JOIN LATERAL (
           SELECT sum({_KEPT} - {_SHIPPED}) AS open_amount,
                  sum(x.quantity - x.shipped - x.cancelled - x.reserved)::int AS missing
             FROM order_line x WHERE x.dealer_id = o.dealer_id AND x.order_id = o.id) l
         ORDER BY {order}
        """
    )


_COUNT = text(
    f"""
    SELECT count(*) FROM (
      SELECT FROM sales_order o JOIN dealer d ON d.id = o.dealer_id {region_of("d.id")}
       WHERE {_WHERE} LIMIT :most) met
    """
)
_BY_KIND = text(
    """
    SELECT kind, count(*) AS orders
      FROM (SELECT unnest(o.holds) AS kind FROM sales_order o WHERE o.status = 'on_hold' LIMIT 5000) held
     GROUP BY kind
    """
)
