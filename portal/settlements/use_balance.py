"""A rebate that is kept as a balance pays a share of each invoice that comes after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.dealers.account import lock_account
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.ledger.post_rebate_note import NoteLine, post_rebate_note
from portal.ledger.rules import NoteTreatment
from portal.settlements.models import RebateBalanceEntry
from portal.settlements.rules import apportioned, usable_on


@dataclass(frozen=True, slots=True)
class Kept:
    """What a dealer has left of one programme's rebates. share: per cent of an invoice it pays at most."""

    programme_id: int
    number: str
    balance: Decimal
    share: Decimal


def keep_balance(
    session: Session,
    *,
    dealer_id: int,
    programme_id: int,
    source: str,
    amount: Decimal,
    on: date,
    at: datetime,
) -> None:
    """Add what a settlement gave, tax included, to the balance of its programme."""
    row = {
        "dealer_id": dealer_id,
        "programme_id": programme_id,
        "source": source,
        "amount": amount,
        "entered_on": on,
        "entered_at": at,
    }
    session.execute(insert(RebateBalanceEntry).values(row))


def dealers_to_pay(session: Session, *, after: int, limit: int) -> list[int]:
    """Dealers with a balance and an invoice that came after it and was paid nothing of it, by key."""
    return list(session.execute(_TO_PAY, {"after": after, "limit": limit}).scalars())


def use_balances(session: Session, *, actor: Actor, dealer_id: int, on: date, at: datetime) -> int:
    """Pay a dealer's later invoices what its balances may, the oldest first. Returns how many notes.

    Each invoice is paid once of each programme, a share of what is left of it after credit notes, and never
    beyond that.
    """
    lock_account(session, dealer_id)
    kept = {
        row.programme_id: Kept(**row._mapping) for row in session.execute(_KEPT, {"dealer_id": dealer_id})
    }
    notes = 0
    open_rows: dict[str, list[Record]] = defaultdict(list)
    for row in session.execute(_INVOICES, {"dealer_id": dealer_id}):
        open_rows[row.number].append(row)
    for rows in open_rows.values():
        left = rows[0].gross - rows[0].used
        for row in rows:
            one = kept[row.programme_id]
            amount = usable_on(row.gross, left, one.balance, one.share)
            if amount <= 0:
                continue
            _pay(session, actor, dealer_id, one, row, amount, on, at)
            kept[row.programme_id] = Kept(one.programme_id, one.number, one.balance - amount, one.share)
            left -= amount
            notes += 1
    return notes


def _pay(
    session: Session,
    actor: Actor,
    dealer_id: int,
    kept: Kept,
    invoice: Record,
    amount: Decimal,
    on: date,
    at: datetime,
) -> None:
    note = post_rebate_note(
        session,
        actor=actor,
        dealer_id=dealer_id,
        source=invoice.number,
        treatment=NoteTreatment.PRICE_REDUCTION,
        lines=_lines(session, dealer_id, invoice, amount),
        reason=kept.number,
        on=on,
        at=at,
    )
    row = {
        "dealer_id": dealer_id,
        "programme_id": kept.programme_id,
        "source": invoice.number,
        "amount": -amount,
        "note_no": note.number,
        "entered_on": on,
        "entered_at": at,
    }
    session.execute(insert(RebateBalanceEntry).values(row))


def _lines(session: Session, dealer_id: int, invoice: Record, amount: Decimal) -> Sequence[NoteLine]:
    rates = session.execute(_RATES, {"dealer_id": dealer_id, "invoice_id": invoice.id}).all()
    parts = apportioned(amount, [one.amount for one in rates])
    return [
        NoteLine(invoice.number, one.tax_rate, part) for one, part in zip(rates, parts, strict=True) if part
    ]


def balance_left(session: Session, *, dealer_id: int) -> list[Kept]:
    """A dealer's balances by programme; those that are used up too."""
    return [Kept(**row._mapping) for row in session.execute(_ALL, {"dealer_id": dealer_id})]


_BALANCES = """
    SELECT b.programme_id, p.number, sum(b.amount) AS balance,
           CAST(p.terms ->> 'usable_share' AS numeric) AS share
      FROM rebate_balance_entry b JOIN rebate_programme p ON p.id = b.programme_id
     WHERE b.dealer_id = :dealer_id
     GROUP BY b.programme_id, p.number, p.terms ->> 'usable_share'
"""
_ALL = text(f"{_BALANCES} ORDER BY p.number")
_KEPT = text(f"{_BALANCES} HAVING sum(b.amount) > 0 ORDER BY p.number")
# An invoice of a later day than a settlement, or of the same; gross: less what came back of it.
_UNPAID = """
    SELECT * FROM (
      SELECT v.dealer_id, v.id, v.number, v.issued_on, k.programme_id,
             v.gross + coalesce((SELECT sum(c.gross) FROM invoice c
                                  WHERE c.kind = 'credit_note' AND c.dealer_id = v.dealer_id
                                    AND c.order_id = v.order_id AND c.shipment_id = v.shipment_id), 0)
               AS gross
        FROM (SELECT dealer_id, programme_id, min(entered_on) FILTER (WHERE amount > 0) AS since
                FROM rebate_balance_entry GROUP BY dealer_id, programme_id HAVING sum(amount) > 0) k
        JOIN invoice v ON v.dealer_id = k.dealer_id AND v.kind = 'invoice' AND v.gross > 0
         AND v.issued_on >= k.since
       WHERE NOT EXISTS (SELECT FROM rebate_balance_entry u
                          WHERE u.dealer_id = v.dealer_id AND u.programme_id = k.programme_id
                            AND u.source = v.number)
    ) kept WHERE gross > 0
"""
_TO_PAY = text(
    f"""
    SELECT DISTINCT dealer_id FROM ({_UNPAID}) unpaid
     WHERE dealer_id > :after ORDER BY dealer_id LIMIT :limit
    """
)
_INVOICES = text(
    f"""
    SELECT u.*, coalesce((SELECT -sum(b.amount) FROM rebate_balance_entry b
                           WHERE b.dealer_id = u.dealer_id AND b.source = u.number AND b.amount < 0), 0)
             AS used
      FROM ({_UNPAID}) u WHERE u.dealer_id = :dealer_id
     ORDER BY u.issued_on, u.id, u.programme_id LIMIT 500
    """
)
_RATES = text(
    """
    SELECT l.tax_rate, sum(l.amount) AS amount
      FROM invoice v
      JOIN invoice c ON c.dealer_id = v.dealer_id
       AND (c.id = v.id OR c.kind = 'credit_note' AND c.order_id = v.order_id
                           AND c.shipment_id = v.shipment_id)
      JOIN invoice_line l ON (l.dealer_id, l.invoice_id) = (c.dealer_id, c.id)
     WHERE v.dealer_id = :dealer_id AND v.id = :invoice_id
     GROUP BY l.tax_rate ORDER BY l.tax_rate
    """
)
