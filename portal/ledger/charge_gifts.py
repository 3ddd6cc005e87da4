"""Bill gifts that stay although what earned them came back, and give it back when they come after all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.ledger.post_adjustment import Adjustment, post_beside

GIFTS_KEPT = "gifts kept of goods that came back"
"""Why a note bills or gives back, as the books say it in every language."""


def charge_gifts(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    order_id: int,
    shipment_id: int,
    charges: Mapping[int, Decimal],
    source: str,
    on: date,
    at: datetime,
) -> list[str]:
    """Post what gifts cost that are not earned any more; the numbers of the notes.

    charges: ¥ with VAT by line of the order, negative for what is given back of earlier notes. It goes to the
    invoice of `shipment_id` where the gift left with it. source: number of the return that decided it, whose
    verb has the account and the order locked.
    """
    about = {"dealer_id": dealer_id, "order_id": order_id, "first": shipment_id, "lines": list(charges)}
    billed = session.execute(_BILLED, about).all()
    found = [
        placed
        for line_no, charge in charges.items()
        for placed in _placed(charge, [row for row in billed if row.order_line_no == line_no])
    ]
    numbers = []
    for (invoice, _), rows in groupby(sorted(found, key=_kind), key=_kind):
        numbers.append(
            post_beside(
                session,
                actor=actor,
                dealer_id=dealer_id,
                invoice=invoice,
                adjustments=[one for _, one in rows],
                source=source,
                reason=GIFTS_KEPT,
                on=on,
                at=at,
            )
        )
    return numbers


Placed = tuple[str, Adjustment]


def _kind(placed: Placed) -> tuple[str, bool]:
    """A note an invoice and direction: one over both might come to nothing, and is no document."""
    return placed[0], placed[1].gives > 0


def _placed(charge: Decimal, billed: Sequence[Record]) -> Iterator[Placed]:
    """What is billed on the first invoice of a gift, or given back on those that billed it."""
    for row in billed:
        part = charge if charge > 0 else max(charge, -row.adjusted)
        if part:
            yield row.number, Adjustment(row.line_no, -part, "")
            charge -= part


_BILLED = text(
    """
    SELECT v.number, l.line_no, l.order_line_no,
           coalesce((SELECT sum(a.gross) FROM adjustment_note m
                       JOIN adjustment_note_line a ON (a.dealer_id, a.note_id) = (m.dealer_id, m.id)
                      WHERE m.dealer_id = v.dealer_id AND m.invoice = v.number
                        AND a.line_no = l.line_no), 0) AS adjusted
      FROM invoice v JOIN invoice_line l ON (l.dealer_id, l.invoice_id) = (v.dealer_id, v.id)
     WHERE v.dealer_id = :dealer_id AND v.order_id = :order_id AND v.kind = 'invoice'
       AND l.order_line_no = ANY (CAST(:lines AS smallint[]))
     ORDER BY v.shipment_id <> :first, v.id, l.line_no
    """
)
