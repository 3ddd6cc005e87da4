"""A dealer's books as lists that another system reads page by page.

Entries by date, invoices and credit notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.paging import Page, Place


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """An entry of the journal.

    `receivable` is positive when the dealer owes more by it; `late` when `period` is not the month of its
    date.
    """

    id: int
    kind: str
    document_no: str
    reference: str
    occurred_on: date
    due_on: date | None
    period: str
    late: bool
    receivable: Decimal
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice of goods or of a service, or a credit note with negative amounts.

    order, shipment: of goods; service_request: of a service.
    """

    id: int
    place: int
    number: str
    kind: str
    order: str | None
    shipment: str | None
    service_request: str | None
    issued_on: date
    due_on: date
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Between:
    """Two dates, both included; None for open."""

    first: date | None = None
    last: date | None = None


_ENTRIES = text(
    """
    SELECT id, kind, document_no, reference, occurred_on, due_on, period, late, receivable, posted_at
      FROM journal_entry
     WHERE dealer_id = :dealer_id
       AND occurred_on BETWEEN coalesce(:first, date '-infinity') AND coalesce(:last, date 'infinity')
       AND (CAST(:period AS text) IS NULL OR period = :period)
       AND (CAST(:after_day AS date) IS NULL OR (occurred_on, id) > (:after_day, :after_id))
     ORDER BY occurred_on, id LIMIT :limit
    """
)

# Ids of the two tables say nothing about each other: of one day goods come first.
_INVOICES = text(
    """
    SELECT * FROM (
      (SELECT i.id, 1 AS place, i.number, i.kind, o.number AS "order", s.number AS shipment,
              CAST(NULL AS text) AS service_request, i.issued_on, i.due_on, i.net, i.tax, i.gross
         FROM invoice i
         JOIN sales_order o ON (o.dealer_id, o.id) = (i.dealer_id, i.order_id)
         LEFT JOIN shipment s ON (s.dealer_id, s.id) = (i.dealer_id, i.shipment_id)
        WHERE i.dealer_id = :dealer_id
          AND i.issued_on BETWEEN coalesce(:first, date '-infinity') AND coalesce(:last, date 'infinity')
          AND (CAST(:after_day AS date) IS NULL
               OR (i.issued_on, i.id) < (:after_day, CASE CAST(:after_place AS integer)
                                                     WHEN 1 THEN CAST(:after_id AS bigint) ELSE 0 END))
        ORDER BY i.issued_on DESC, i.id DESC LIMIT :limit)
      UNION ALL
      (SELECT i.id, 0, i.number, 'service', NULL, NULL, i.reference, i.issued_on, i.due_on, i.net, i.tax,
              i.gross
         FROM service_invoice i
        WHERE i.dealer_id = :dealer_id
          AND i.issued_on BETWEEN coalesce(:first, date '-infinity') AND coalesce(:last, date 'infinity')
          AND (CAST(:after_day AS date) IS NULL OR i.issued_on < :after_day
               OR (i.issued_on = :after_day
                   AND (CAST(:after_place AS integer) = 1 OR i.id < CAST(:after_id AS bigint))))
        ORDER BY i.issued_on DESC, i.id DESC LIMIT :limit)
    ) of_both
    ORDER BY issued_on DESC, place DESC, id DESC LIMIT :limit
    """
)
_COUNT_INVOICES = text(
    """
    SELECT count(*) FROM (
      (SELECT FROM invoice WHERE dealer_id = :dealer_id LIMIT :most)
      UNION ALL (SELECT FROM service_invoice WHERE dealer_id = :dealer_id LIMIT :most) LIMIT :most) met
    """
)


def entries(
    session: Session,
    *,
    dealer_id: int,
    between: Between = Between(),
    period: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[PostedEntry]:
    """What was posted to a dealer's account, by date; of a `period`, what counts in it.

    Raises Invalid for a foreign cursor.
    """
    cursors = paging.cursors(session, f"entries of {dealer_id}", date.fromisoformat, int)
    rows = session.execute(
        _ENTRIES, _parameters(dealer_id, between, limit, cursors.place_of(cursor)) | {"period": period}
    )
    return cursors.page_of(
        [PostedEntry(**row._mapping) for row in rows], limit, lambda entry: (entry.occurred_on, entry.id)
    )


def invoices(
    session: Session,
    *,
    dealer_id: int,
    between: Between = Between(),
    limit: int = 50,
    cursor: str | None = None,
) -> Page[InvoiceRow]:
    """A dealer's invoices and credit notes, the latest first. Raises Invalid for a foreign cursor."""
    cursors = paging.cursors(session, f"all invoices of {dealer_id}", date.fromisoformat, int, int)
    place = cursors.place_of(cursor)
    day, of_table, key = place.key if place else (None, None, None)
    parameters = _parameters(dealer_id, between, limit, None)
    after = {"after_day": day, "after_place": of_table, "after_id": key}
    rows = session.execute(_INVOICES, parameters | after)
    return cursors.page_of(
        [InvoiceRow(**row._mapping) for row in rows], limit, lambda one: (one.issued_on, one.place, one.id)
    )


def count_invoices(session: Session, *, dealer_id: int) -> int:
    """How many invoices and credit notes a dealer has, at most one more than `paging.COUNTED_MAX`."""
    parameters = {"dealer_id": dealer_id, "most": paging.COUNTED_MAX + 1}
    count: int = session.execute(_COUNT_INVOICES, parameters).scalar_one()
    return count


def _parameters(dealer_id: int, between: Between, limit: int, place: Place | None) -> dict[str, object]:
    after = place.key if place else (None, None)
    return {
        "dealer_id": dealer_id,
        "first": between.first,
        "last": between.last,
        "limit": limit + 1,
        "after_day": after[0],
        "after_id": after[1],
    }
